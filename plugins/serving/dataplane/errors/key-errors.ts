/** Requests with an `Idempotency-Key`. */
import { InferenceError } from './inference-error.ts';

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
