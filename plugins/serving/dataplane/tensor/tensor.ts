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
