/** Inputs made up from a model's interface, to warm it up with. */
import type { TensorInterface } from '../protocol/model-interface.ts';
import { type Datatype, factsOf, type NumericData, type TensorData } from '../tensor/datatypes.ts';
import { elementsOf, type Tensor } from '../tensor/tensor.ts';

/**
 * One tensor per input: `rows` along a first axis that varies, `free` along any other that varies. The values are the
 * same for the same `seed`. Integers stay at 0 and 1, which index any table and name any class.
 */
export function syntheticInputs(
  inputs: readonly TensorInterface[],
  rows: number,
  free: number,
  seed: number,
): Tensor[] {
  return inputs.map((input, position) => {
    const shape = input.shape.map((dimension, axis) =>
      dimension !== -1 ? dimension : axis === 0 ? rows : free,
    );
    return {
      datatype: input.datatype,
      shape,
      data: fill(input.datatype, elementsOf(shape), seed * 31 + position),
    };
  });
}

function fill(datatype: Datatype, elements: number, seed: number): TensorData {
  const facts = factsOf(datatype);
  let state = (seed + 1) * 2_654_435_761;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  if (facts.array === undefined) return Array.from({ length: elements }, () => (next() < 0.5 ? '' : 'a'));
  const data: NumericData = new facts.array(elements);
  for (let index = 0; index < elements; index++) {
    const bit = next() < 0.5 ? 0 : 1;
    if (facts.form === 'float') data[index] = next() * 2 - 1;
    else if (facts.form === 'half') data[index] = bit === 0 ? 0 : 0x3c00;
    else if (facts.form === 'big') data[index] = BigInt(bit);
    else data[index] = bit;
  }
  return data;
}
