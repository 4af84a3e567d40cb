/** Labels of what was predicted. */
import { InferenceError } from './inference-error.ts';

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
