import type { ModelInterface } from '../protocol/model-interface.ts';
import { factsOf } from '../tensor/datatypes.ts';
import { halfToNumber } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Elements of one output that are looked at: enough to tell, and no burden with images. */
const mostElements = 4096;

/**
 * How far another version's answer is from this one's: the largest distance of two numbers; infinite where a label, a shape
 * or an output is another. Outputs are matched by name.
 */
export function answerDistance(
  model: ModelInterface,
  outputs: readonly Tensor[],
  otherModel: ModelInterface,
  otherOutputs: readonly Tensor[],
): number {
  let largest = 0;
  for (let index = 0; index < model.outputs.length; index++) {
    const { name } = model.outputs[index]!;
    const other = otherModel.outputs.findIndex((output) => output.name === name);
    if (other < 0) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, tensorDistance(outputs[index]!, otherOutputs[other]!));
    if (largest === Number.POSITIVE_INFINITY) return largest;
  }
  return largest;
}

function tensorDistance(one: Tensor, other: Tensor): number {
  if (one.datatype !== other.datatype || !sameShape(one.shape, other.shape)) return Number.POSITIVE_INFINITY;
  const { form } = factsOf(one.datatype);
  const isFloat = form === 'float' || form === 'half';
  const data = form === 'half' ? numbersIn(one) : one.data;
  const otherData = form === 'half' ? numbersIn(other) : other.data;
  const count = Math.min(data.length, mostElements);
  let largest = 0;
  for (let index = 0; index < count; index++) {
    const a = data[index]!;
    const b = otherData[index]!;
    if (a === b) continue;
    if (!isFloat) return Number.POSITIVE_INFINITY;
    const distance = Math.abs((a as number) - (b as number));
    // NaN is as good as NaN, and far from any number.
    if (Number.isNaN(distance)) {
      if (Number.isNaN(a) && Number.isNaN(b)) continue;
      return Number.POSITIVE_INFINITY;
    }
    if (distance > largest) largest = distance;
  }
  return largest;
}

/** What halves stand for, as far as it is looked at. */
function numbersIn({ data }: Tensor): Float32Array {
  return Float32Array.from((data as Uint16Array).subarray(0, mostElements), halfToNumber);
}

function sameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((dimension, axis) => dimension === other[axis]);
}
