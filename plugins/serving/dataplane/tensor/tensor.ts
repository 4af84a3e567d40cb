import type { Datatype, TensorData } from './datatypes.ts';

/** A tensor as the data plane passes it about: its elements in row-major order. */
export interface Tensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** How many elements a shape holds. */
export function elementsOf(shape: readonly number[]): number {
  let elements = 1;
  for (const dimension of shape) elements *= dimension;
  return elements;
}

/** Bytes of memory that the elements take, about. */
export function bytesOf(tensors: readonly Tensor[]): number {
  let bytes = 0;
  for (const { data } of tensors) bytes += Array.isArray(data) ? bytesOfTexts(data) : data.byteLength;
  return bytes;
}

export function bytesOfTexts(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += 16 + 2 * text.length;
  return bytes;
}
