/** Outputs that cannot be written in the form that was asked for. */
import { InferenceError } from './inference-error.ts';

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
