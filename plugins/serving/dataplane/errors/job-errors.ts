/** Predictions that need no answer at once. */
import { InferenceError } from './inference-error.ts';

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

/** That it is to end could not be written down. */
export function jobNotCancelled(reason: string): InferenceError {
  return new InferenceError('JobNotCancelled', 503, `that the job is to end cannot be kept now: ${reason}`, {
    retryAfter: 5,
    hint: 'It goes on. Ask again.',
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
