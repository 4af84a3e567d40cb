/** What clients are refused with. They see `error` (the message), `code` and, where there is one, a hint. */
import { type ErrorDetails, SwitchyardError } from '../../../core/plugin.ts';
import type { FieldProblem } from '../../../libraries/named-rows/index.ts';

/** What is wrong with a row, as clients read it. */
export interface RowError {
  /** Position among the rows that were sent. */
  readonly row: number;
  readonly field?: string;
  readonly error: string;
  readonly hint?: string;
}

/** An error that an HTTP answer is made from. */
export class InferenceError extends SwitchyardError {
  /** Seconds after which trying again makes sense: the `Retry-After` header, rounded up. */
  readonly retryAfter: number | undefined;
  /** The methods that the path does know: the `Allow` header. */
  readonly allow: string | undefined;
  /** What is wrong with each of several rows. */
  readonly rows: readonly RowError[] | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    details: ErrorDetails & {
      readonly retryAfter?: number;
      readonly allow?: string;
      readonly rows?: readonly RowError[];
    } = {},
  ) {
    super(code, message, { ...details, status });
    this.retryAfter = details.retryAfter;
    this.allow = details.allow;
    this.rows = details.rows;
  }
}

// ── What a client sent ───────────────────────────────────────────────────────────────────────────────────────

export function invalidRequest(message: string, hint?: string): InferenceError {
  return new InferenceError('InvalidRequest', 400, message, { hint });
}

/** What to do with numbers that JSON does not have. */
export const finiteHint = 'JSON has no NaN and no infinities: send them with the binary tensor extension.';

/** `subject` is the tensor as the client knows it: `input "speed"`. */
export function invalidTensor(subject: string, message: string, hint?: string): InferenceError {
  return new InferenceError('InvalidTensor', 400, `${subject}: ${message}`, { where: subject, hint });
}

/** It is no request of HTTP. `why` follows "the request cannot be read". */
export function malformedRequest(why: string): InferenceError {
  return new InferenceError('MalformedRequest', 400, `the request cannot be read as HTTP: ${why}`, {
    hint: 'This port takes HTTP/1.1 without TLS: one Host, and one Content-Length or chunks.',
  });
}

/** Its client did not send all of it in time. */
export function requestTimedOut(): InferenceError {
  return new InferenceError('RequestTimeout', 408, 'the request had not come whole in time', {
    hint: 'Send it again, on a new connection and without a pause. None of it was run.',
  });
}

/** The head of a request is larger than it may be. */
export function headersTooLarge(limit: number): InferenceError {
  return new InferenceError('HeadersTooLarge', 431, `the headers are larger than ${limit} bytes`, {
    hint: 'Send fewer or shorter headers; cookies are often what is long.',
  });
}

/** What is said beside the sizes of chunks is larger than it may be. */
export function chunkExtensionsTooLarge(): InferenceError {
  return new InferenceError('BodyTooLarge', 413, 'the extensions of the chunks of the body are too large', {
    hint: 'Send chunks without extensions, or a Content-Length.',
  });
}

/** Its client expects what no server here does. */
export function expectationUnknown(expectation: string): InferenceError {
  return new InferenceError(
    'ExpectationUnknown',
    417,
    `nothing is known of Expect: ${expectation.slice(0, 100)}`,
    {
      hint: 'Send Expect: 100-continue, or no Expect.',
    },
  );
}

/** A parameter asks for what is not done here. `subject` is what it belongs to: `output "y"`. */
export function unsupportedParameter(
  subject: string,
  parameter: string,
  why: string,
  hint: string,
): InferenceError {
  return new InferenceError(
    'UnsupportedParameter',
    400,
    `${subject}: "${parameter}" is not supported: ${why}`,
    { where: subject, hint },
  );
}

/** Rows that cannot be predicted: none of the request was run. `problems` are the first of them. */
export function invalidRows(sent: number, wrong: number, problems: readonly FieldProblem[]): InferenceError {
  const [first] = problems;
  const field = first?.field === undefined ? '' : `, field "${first.field}"`;
  const which = `row ${first?.row}${field} ${first?.problem}`;
  return new InferenceError(
    'InvalidRows',
    400,
    sent === 1 ? which : `${wrong} of ${sent} rows cannot be predicted: ${which}`,
    { hint: first && rowError(first).hint, rows: problems.map(rowError) },
  );
}

/** A problem of a row, as an answer has it. */
export function rowError({ row, field, problem, meant }: FieldProblem): RowError {
  return {
    row,
    ...(field === undefined ? {} : { field }),
    error: problem,
    ...(meant === undefined ? {} : { hint: `Did you mean "${meant}"?` }),
  };
}

export function tooManyRows(sent: number, most: number): InferenceError {
  return new InferenceError(
    'TooManyRows',
    413,
    `the request has ${sent} rows; at most ${most} are taken at once`,
    {
      hint: 'Send them in several requests, or as the file of a job.',
    },
  );
}

/** The model takes or gives what rows have no part of. */
export function notByRows(message: string): InferenceError {
  return new InferenceError('NotByRows', 409, `this model cannot be asked by rows: ${message}`, {
    hint: 'Ask it with tensors: …/infer.',
  });
}

/** onnxruntime-node hands texts over as C does: what follows the first NUL would be gone without a word. */
export function textHoldsNul(subject: string, index: number): InferenceError {
  return invalidTensor(
    subject,
    `element ${index} holds the character NUL, which texts of ONNX Runtime end at`,
    textHint,
  );
}

/** What to do with a text that cannot be handed to a model. */
export const textHint = 'Send such bytes as UINT8, or a text of whole characters without NUL.';

/** The key stands for another request already. */
export function idempotencyKeyReused(): InferenceError {
  return new InferenceError(
    'IdempotencyKeyReused',
    422,
    'this Idempotency-Key was sent with another request',
    {
      hint: 'Take a new key for each request, and the same one only where all of it is the same.',
    },
  );
}

/** The same request is being answered now. */
export function idempotentRequestUnderWay(): InferenceError {
  return new InferenceError(
    'IdempotentRequestUnderWay',
    409,
    'the request with this Idempotency-Key is still being answered',
    { hint: 'Send it again after a second, with the same key.', retryAfter: 1 },
  );
}

/** A request with labels is not as it should be: none of it was taken. */
export function invalidFeedback(pointer: string, message: string): InferenceError {
  return new InferenceError('InvalidFeedback', 400, message, {
    where: pointer === '' ? 'body' : pointer,
    hint: 'Send {"labels": [{"id": "<switchyard-prediction-id>", "label": 1}]}.',
  });
}

/** Nobody keeps the predictions that labels could be of. */
export function feedbackNotTaken(deployment: string): InferenceError {
  return new InferenceError(
    'FeedbackNotTaken',
    409,
    `${deployment} keeps no predictions that labels could be of`,
    {
      hint: 'Declare spec.logging in the Deployment, and name the plugin prediction-log in platform.yaml.',
    },
  );
}

/** The labels could not be written down. */
export function feedbackNotKept(reason: string): InferenceError {
  return new InferenceError('FeedbackNotKept', 503, `the labels cannot be kept now: ${reason}`, {
    retryAfter: 5,
    hint: 'Send them again: none of them was taken.',
  });
}

/** Nobody works jobs here. */
export function jobsNotTaken(): InferenceError {
  return new InferenceError('JobsNotTaken', 409, 'this platform works no jobs', {
    hint: 'Name the plugin jobs in platform.yaml, or ask without async=true.',
  });
}

/** There is no room for another job. */
export function jobsFull(reason: string): InferenceError {
  return new InferenceError('JobsFull', 429, reason, {
    retryAfter: 60,
    hint: 'Wait until results expire, or let the operator allow more with jobs.mostJobs and jobs.diskSize.',
  });
}

/** The job could not be written down. */
export function jobsNotKept(reason: string): InferenceError {
  return new InferenceError('JobsNotKept', 503, `the job cannot be kept now: ${reason}`, {
    retryAfter: 5,
    hint: 'Send it again: it was not taken.',
  });
}

export function jobNotFound(id: string): InferenceError {
  return new InferenceError('JobNotFound', 404, `there is no job ${id} with that key`, {
    hint: 'Results are kept for a time; the Location of the 202 that took the job has its key.',
  });
}

export function jobNotEnded(id: string, state: string): InferenceError {
  return new InferenceError('JobNotEnded', 409, `the job ${id} is ${state}, and its result is not whole`, {
    retryAfter: 1,
    hint: 'Ask again once it has ended.',
  });
}

export function jobResultTooLarge(id: string, bytes: number): InferenceError {
  return new InferenceError('JobResultTooLarge', 413, `the result of job ${id} has ${bytes} bytes`, {
    hint: 'Take it from the status API: switchyard jobs result.',
  });
}

export function pathNotFound(path: string): InferenceError {
  return new InferenceError('NotFound', 404, `there is nothing at ${path.slice(0, 200)}`, {
    hint: 'The paths are those of the Open Inference Protocol: /v2/models/<name>/infer.',
  });
}

/** `environment` is undefined where the path names none and no environment is the default. */
export function environmentNotFound(
  environment: string | undefined,
  isDefault: boolean,
  known: readonly string[],
): InferenceError {
  const there = known.length === 0 ? undefined : `There is: ${known.slice(0, 10).join(', ')}.`;
  const named = `no deployment in environment "${environment}"`;
  if (environment !== undefined && !isDefault)
    return new InferenceError('EnvironmentNotFound', 404, named, { hint: there });
  const message =
    environment === undefined
      ? 'no environment is the default, or the one that is has no deployment'
      : `${named}, which is the default`;
  const hint = `Name the environment in the path: /environments/<environment>/v2/….${there === undefined ? '' : ` ${there}`}`;
  return new InferenceError('EnvironmentNotFound', 404, message, { hint });
}

export function modelNotFound(environment: string, name: string, known: readonly string[]): InferenceError {
  return new InferenceError('ModelNotFound', 404, `no model "${name}" in environment "${environment}"`, {
    hint: known.length === 0 ? undefined : `There is: ${known.slice(0, 10).join(', ')}.`,
  });
}

export function versionNotFound(name: string, version: string, held: readonly string[]): InferenceError {
  return new InferenceError('VersionNotFound', 404, `model "${name}" holds no version "${version}"`, {
    hint: held.length === 0 ? undefined : `It holds: ${held.join(', ')}.`,
  });
}

export function methodNotAllowed(method: string, allow: string): InferenceError {
  return new InferenceError('MethodNotAllowed', 405, `${method} is not allowed here`, {
    allow,
    hint: `Use ${allow}.`,
  });
}

export function bodyTooLarge(limit: number): InferenceError {
  return new InferenceError('BodyTooLarge', 413, `the body is larger than ${limit} bytes`, {
    hint: 'Send fewer rows in one request, or send tensors with the binary extension.',
  });
}

export function unsupportedMediaType(message: string, hint: string): InferenceError {
  return new InferenceError('UnsupportedMediaType', 415, message, { hint });
}

// ── What the process could not do ────────────────────────────────────────────────────────────────────────────

/** `waitMs`: until what waits now is likely to have been run; 0 where that is not known. */
export function queueFull(name: string, limit: number, waitMs: number): InferenceError {
  return new InferenceError('QueueFull', 429, `model "${name}" has ${limit} requests waiting already`, {
    retryAfter: waitMs > 0 ? waitMs / 1000 : 1,
  });
}

/** `againMs`: when the queue is likely to be short enough. */
export function wouldBeLate(name: string, waitMs: number, leftMs: number, againMs: number): InferenceError {
  return new InferenceError(
    'WouldBeLate',
    429,
    `model "${name}" would answer after about ${Math.round(waitMs)} ms, and the request has ${Math.round(leftMs)} ms`,
    {
      retryAfter: Math.max(againMs, 1) / 1000,
      hint: 'Try again later, or allow more time: it was not run.',
    },
  );
}

/** `againMs`: when there is room for the next. Does not say whose key it was. */
export function rateLimited(perSecond: number, isByKey: boolean, againMs: number): InferenceError {
  const rate = perSecond >= 1 ? `${perSecond} a second` : `${perSecond * 3600} an hour`;
  return new InferenceError(
    'RateLimited',
    429,
    `there were more requests${isByKey ? ' of one key' : ''} than ${rate}`,
    { retryAfter: Math.max(againMs, 1) / 1000, hint: 'Wait as long as Retry-After says: it was not run.' },
  );
}

export function serverBusy(): InferenceError {
  return new InferenceError(
    'ServerBusy',
    503,
    'the requests under way hold all the memory there is for bodies',
    {
      retryAfter: 1,
      hint: 'Try again soon, or send fewer rows in one request.',
    },
  );
}

export function modelLoading(name: string, retryAfter = 1): InferenceError {
  return new InferenceError('ModelLoading', 503, `model "${name}" is being loaded`, { retryAfter });
}

export function modelFailed(name: string, reason: string, message: string): InferenceError {
  return new InferenceError(
    'ModelFailed',
    503,
    `model "${name}" could not be loaded: ${reason}: ${message}`,
    {
      retryAfter: 30,
    },
  );
}

export function deadlineExceeded(name: string, milliseconds: number): InferenceError {
  return new InferenceError(
    'DeadlineExceeded',
    504,
    `model "${name}" gave no answer within ${milliseconds} ms`,
  );
}

/** A client did not send the whole of its request in time. */
export function callTimedOut(milliseconds: number): InferenceError {
  return new InferenceError(
    'DeadlineExceeded',
    504,
    `the request had not come whole after ${Math.round(milliseconds)} ms`,
  );
}

export function inferenceFailed(message: string): InferenceError {
  return new InferenceError('InferenceFailed', 500, `the model failed on this request: ${message}`);
}

export function workerLost(message: string): InferenceError {
  return new InferenceError('WorkerLost', 503, `the worker that ran the model ended: ${message}`, {
    retryAfter: 1,
  });
}

/** The process ends, and its time is over before this request has its answer. */
export function serverLeaving(): InferenceError {
  return new InferenceError('ServerLeaving', 503, 'the process ends before it came to answer this request', {
    hint: 'Send it again: another process answers, or the next one once it is up.',
  });
}

export function nonFiniteOutput(name: string, value: number): InferenceError {
  return new InferenceError(
    'NonFiniteOutput',
    406,
    `output "${name}" holds ${value}, which JSON cannot express`,
    {
      hint: 'Ask for it with the binary tensor extension: "parameters": {"binary_data": true} on the output.',
    },
  );
}

/** `row` as it was sent. */
export function nonFiniteInRow(name: string, value: number, row: number): InferenceError {
  return new InferenceError(
    'NonFiniteOutput',
    406,
    `output "${name}" of row ${row} is ${value}, which JSON cannot express`,
    { hint: 'Ask for it at …/infer, with the binary tensor extension; or leave out the row.' },
  );
}

export function binaryOnlyOutput(name: string, datatype: string): InferenceError {
  return new InferenceError(
    'BinaryOnlyOutput',
    406,
    `output "${name}" is ${datatype}, which JSON cannot express`,
    {
      hint: 'Ask for it with the binary tensor extension: "parameters": {"binary_data": true} on the output.',
    },
  );
}

export function internalError(): InferenceError {
  return new InferenceError('InternalError', 500, 'the inference process failed on this request');
}
