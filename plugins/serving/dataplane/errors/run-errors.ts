/** What comes of a request that waits for a version and is run by it. */
import { InferenceError } from './inference-error.ts';
import { spokenTime } from './spoken-time.ts';

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
    `model "${name}" would answer after about ${spokenTime(waitMs)}, and the request has ${spokenTime(leftMs)}`,
    {
      retryAfter: Math.max(againMs, 1) / 1000,
      hint: 'Try again later, or allow more time: it was not run.',
    },
  );
}

export function deadlineExceeded(name: string, milliseconds: number): InferenceError {
  return new InferenceError(
    'DeadlineExceeded',
    504,
    `model "${name}" gave no answer within ${spokenTime(milliseconds)}`,
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
