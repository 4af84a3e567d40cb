/** How a request travels: what is wrong with it before anybody reads what it says, and with the process that reads it. */
import { InferenceError } from './inference-error.ts';
import { spokenTime } from './spoken-time.ts';

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

/** A client did not send the whole of its request in time. */
export function callTimedOut(milliseconds: number): InferenceError {
  return new InferenceError(
    'DeadlineExceeded',
    504,
    `the request had not come whole after ${spokenTime(milliseconds)}`,
  );
}

/** The head of a request is larger than it may be. */
export function headersTooLarge(limit: number): InferenceError {
  return new InferenceError('HeadersTooLarge', 431, `the headers are larger than ${limit} bytes`, {
    hint: 'Send fewer or shorter headers; cookies are often what is long.',
  });
}

export function bodyTooLarge(limit: number): InferenceError {
  return new InferenceError('BodyTooLarge', 413, `the body is larger than ${limit} bytes`, {
    hint: 'Send fewer rows in one request, or send tensors with the binary extension.',
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
