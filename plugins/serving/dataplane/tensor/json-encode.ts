/** Writes a tensor's elements as the inside of a JSON array, in row-major order. */
import { binaryOnlyOutput, nonFiniteOutput } from '../errors/answer-errors.ts';
import { factsOf } from './datatypes.ts';
import type { Tensor } from './tensor.ts';

/**
 * `0.5,1,2` for the elements 0.5, 1 and 2; 64-bit integers in all their digits. Throws `NonFiniteOutput` for NaN and
 * infinities and `BinaryOnlyOutput` for FP16, which JSON cannot express; `name` is the output in the error.
 */
export function encodeJson(tensor: Tensor, name: string): string {
  const { data } = tensor;
  if (Array.isArray(data)) return JSON.stringify(data).slice(1, -1);
  const { form } = factsOf(tensor.datatype);
  if (form === 'half') throw binaryOnlyOutput(name, tensor.datatype);
  if (form === 'boolean') return encodeBooleans(data as Uint8Array);
  if (form === 'float') {
    for (let index = 0; index < data.length; index++) {
      if (!Number.isFinite(data[index])) throw nonFiniteOutput(name, data[index] as number);
    }
  }
  return data.length === 1 ? String(data[0]) : data.join(',');
}

function encodeBooleans(data: Uint8Array): string {
  const words: string[] = new Array(data.length);
  for (let index = 0; index < data.length; index++) words[index] = data[index] === 0 ? 'false' : 'true';
  return words.join(',');
}
