/** What a request says: its fields, its parameters, its tensors. */
import { InferenceError } from './inference-error.ts';

export function invalidRequest(message: string, hint?: string): InferenceError {
  return new InferenceError('InvalidRequest', 400, message, { hint });
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

/** `subject` is the tensor as the client knows it: `input "speed"`. */
export function invalidTensor(subject: string, message: string, hint?: string): InferenceError {
  return new InferenceError('InvalidTensor', 400, `${subject}: ${message}`, { where: subject, hint });
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

/** What to do with numbers that JSON does not have. */
export const finiteHint = 'JSON has no NaN and no infinities: send them with the binary tensor extension.';
