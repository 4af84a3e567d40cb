/** Every error of the data plane. A client sees `error` (the message), `code` and, where there is one, a hint. */
import { type ErrorDetails, SwitchyardError } from '../../../core/plugin.ts';

/** An error that an HTTP answer is made from. */
export class InferenceError extends SwitchyardError {
  /** Seconds after which trying again makes sense: the `Retry-After` header. */
  readonly retryAfter: number | undefined;
  /** The methods that the path does know: the `Allow` header. */
  readonly allow: string | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    details: ErrorDetails & { readonly retryAfter?: number; readonly allow?: string } = {},
  ) {
    super(code, message, { ...details, status });
    this.retryAfter = details.retryAfter;
    this.allow = details.allow;
  }
}

// ── What a client sent ───────────────────────────────────────────────────────────────────────────────────────

export function invalidRequest(message: string, hint?: string): InferenceError {
  return new InferenceError('InvalidRequest', 400, message, { hint });
}

/** `subject` is the tensor as the client knows it: `input "speed"`. */
export function invalidTensor(subject: string, message: string, hint?: string): InferenceError {
  return new InferenceError('InvalidTensor', 400, `${subject}: ${message}`, { where: subject, hint });
}

/** onnxruntime-node hands texts over as C does: what follows the first NUL would be gone without a word. */
export function textHoldsNul(subject: string, index: number): InferenceError {
  return invalidTensor(
    subject,
    `element ${index} holds the character NUL, which texts of ONNX Runtime end at`,
    'Send such bytes as UINT8, or without NUL.',
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

export function queueFull(name: string, limit: number): InferenceError {
  return new InferenceError('QueueFull', 429, `model "${name}" has ${limit} requests waiting already`, {
    retryAfter: 1,
  });
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

export function modelLoading(name: string): InferenceError {
  return new InferenceError('ModelLoading', 503, `model "${name}" is being loaded`, { retryAfter: 1 });
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

export function inferenceFailed(message: string): InferenceError {
  return new InferenceError('InferenceFailed', 500, `the model failed on this request: ${message}`);
}

export function workerLost(message: string): InferenceError {
  return new InferenceError('WorkerLost', 503, `the worker that ran the model ended: ${message}`, {
    retryAfter: 1,
  });
}

/** Told to control, and to nobody who asks: they were answered before. */
export function runStuck(): SwitchyardError {
  return new SwitchyardError('RunStuck', 'a run of the model does not end');
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

// ── What control published ───────────────────────────────────────────────────────────────────────────────────

/** `pointer` is where in the table. */
export function invalidRoutingTable(pointer: string, message: string): SwitchyardError {
  return new SwitchyardError('InvalidRoutingTable', `routing table: ${pointer || '/'} ${message}`, {
    where: pointer,
  });
}

export function tableUnreadable(path: string, cause: unknown): SwitchyardError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new SwitchyardError('TableUnreadable', `the routing table cannot be read: ${message}`, {
    where: path,
    cause,
  });
}

export function invalidOption(option: string, message: string): SwitchyardError {
  return new SwitchyardError('InvalidOption', `${option} ${message}`, { where: option });
}

export function portUnavailable(host: string, port: number, reason: string): SwitchyardError {
  return new SwitchyardError('PortUnavailable', `${host}:${port} cannot be listened on: ${reason}`, {
    where: `${host}:${port}`,
    hint: 'Choose another port, or end the program that has it.',
  });
}

// ── Why a version is not served ──────────────────────────────────────────────────────────────────────────────

export function artifactUnreadable(path: string, cause: unknown): SwitchyardError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new SwitchyardError('ArtifactUnreadable', `the artifact cannot be read: ${message}`, {
    where: path,
    cause,
  });
}

export function digestMismatch(path: string, expected: string, actual: string): SwitchyardError {
  return new SwitchyardError('DigestMismatch', `the artifact has the digest ${actual}, not ${expected}`, {
    where: path,
    hint: 'The file was cut short or changed. Remove it from the cache, so that it is fetched anew.',
  });
}

export function invalidModel(message: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('InvalidModel', `the artifact is not a model that can be served: ${message}`, {
    cause,
  });
}

export function externalDataRefused(tensor: string): SwitchyardError {
  return new SwitchyardError('ExternalData', `tensor "${tensor}" keeps its data in another file`, {
    hint: 'An artifact is one file. Save the model with its weights inside.',
  });
}

export function signatureMismatch(differences: readonly string[]): SwitchyardError {
  return new SwitchyardError(
    'SignatureMismatch',
    `the model differs from the signature in its manifest: ${differences.join('; ')}`,
  );
}

export function warmupFailed(message: string): SwitchyardError {
  return new SwitchyardError('WarmupFailed', `the model failed on its first run: ${message}`, {
    hint: 'If it needs inputs of a certain size or range, add a golden example to the version.',
  });
}

export function loadTimedOut(milliseconds: number): SwitchyardError {
  return new SwitchyardError('LoadTimedOut', `the model was not loaded and tried within ${milliseconds} ms`, {
    hint: 'A model that loops for long on made-up inputs may need a golden example.',
  });
}

export function loadEndedProcess(processes: number): SwitchyardError {
  return new SwitchyardError(
    'LoadEndedProcess',
    `the version was put off: ${processes} processes in a row ended while they loaded it`,
    { hint: 'Native code failed on the artifact. Go back to the version before, and try this one apart.' },
  );
}

export function exampleFailed(example: string, message: string): SwitchyardError {
  return new SwitchyardError('ExampleFailed', `example "${example}": ${message}`);
}

export function exampleMismatch(example: string, message: string): SwitchyardError {
  return new SwitchyardError('ExampleMismatch', `example "${example}": ${message}`);
}
