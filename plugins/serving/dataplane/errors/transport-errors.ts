/** How a request travels: what is wrong with it before anybody reads what it says, and with the process that reads it. */
import type { UnreadHttpError } from '../../../../libraries/unread-http/index.ts';
import { InferenceError } from './inference-error.ts';
import { spokenTime } from './spoken-time.ts';

/** What anybody who serves HTTP says of a request that was not read. */
export function unreadRequest({ code, status, message, hint }: UnreadHttpError): InferenceError {
  return new InferenceError(code, status, message, { hint });
}

/** A client did not send the whole of its request in time. */
export function callTimedOut(milliseconds: number): InferenceError {
  return new InferenceError(
    'DeadlineExceeded',
    504,
    `the request had not come whole after ${spokenTime(milliseconds)}`,
  );
}

export function bodyTooLarge(limit: number): InferenceError {
  return new InferenceError('BodyTooLarge', 413, `the body is larger than ${limit} bytes`, {
    hint: 'Send fewer rows in one request, or send tensors with the binary extension.',
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

export function pathNotFound(path: string): InferenceError {
  return new InferenceError('NotFound', 404, `there is nothing at ${path.slice(0, 200)}`, {
    hint: 'The paths are those of the Open Inference Protocol: /v2/models/<name>/infer.',
  });
}

export function methodNotAllowed(method: string, allow: string): InferenceError {
  return new InferenceError('MethodNotAllowed', 405, `${method} is not allowed here`, {
    allow,
    hint: `Use ${allow}.`,
  });
}

export function unsupportedMediaType(message: string, hint: string): InferenceError {
  return new InferenceError('UnsupportedMediaType', 415, message, { hint });
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

/** The process ends, and its time is over before this request has its answer. */
export function serverLeaving(): InferenceError {
  return new InferenceError('ServerLeaving', 503, 'the process ends before it came to answer this request', {
    hint: 'Send it again: another process answers, or the next one once it is up.',
  });
}

export function internalError(): InferenceError {
  return new InferenceError('InternalError', 500, 'the inference process failed on this request');
}
