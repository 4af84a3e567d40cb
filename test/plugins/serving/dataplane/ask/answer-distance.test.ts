import { describe, expect, it } from 'vitest';
import { answerDistance } from '../../../../../plugins/serving/dataplane/ask/answer-distance.ts';
import type { Datatype } from '../../../../../plugins/serving/dataplane/tensor/datatypes.ts';
import { numberToHalf } from '../../../../../plugins/serving/dataplane/tensor/half.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';

const floats = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const labels = (...values: string[]): Tensor => ({ datatype: 'BYTES', shape: [values.length], data: values });

function modelOf(outputs: Readonly<Record<string, Datatype>>) {
  const tensors = Object.entries(outputs).map(([name, datatype]) => ({ name, datatype, shape: [-1] }));
  return { inputs: [], outputs: tensors, batchable: true };
}
const model = modelOf({ label: 'BYTES', score: 'FP32' });
const between = (one: readonly Tensor[], other: readonly Tensor[]) =>
  answerDistance(model, one, model, other);

describe('the distance of two answers', () => {
  it('is the largest of their numbers', () => {
    expect(between([labels('a'), floats(1, 2, 3)], [labels('a'), floats(1, 2.5, 3.25)])).toBe(0.5);
    expect(between([labels('a'), floats(1)], [labels('a'), floats(1)])).toBe(0);
  });

  it('is so of halves, too, which are kept as their bits', () => {
    const halves = (...values: number[]): Tensor => ({
      datatype: 'FP16',
      shape: [values.length],
      data: Uint16Array.from(values, numberToHalf),
    });
    const one = modelOf({ score: 'FP16' });
    const apart = (a: Tensor, b: Tensor) => answerDistance(one, [a], one, [b]);
    expect(apart(halves(1, 2), halves(1, 2.25))).toBe(0.25);
    expect(apart(halves(0, Number.NaN), halves(-0, Number.NaN))).toBe(0);
    expect(apart(halves(1), halves(Number.NaN))).toBe(Infinity);
  });

  it('is infinite for another label, shape, or a NaN of one alone', () => {
    expect(between([labels('a'), floats(1)], [labels('b'), floats(1)])).toBe(Infinity);
    expect(between([labels('a'), floats(1)], [labels('a'), floats(1, 1)])).toBe(Infinity);
    expect(between([labels('a'), floats(1)], [labels('a'), floats(Number.NaN)])).toBe(Infinity);
    expect(between([labels('a'), floats(Number.NaN)], [labels('a'), floats(Number.NaN)])).toBe(0);
  });

  it('goes by the names of outputs, whatever their order, and is infinite where one is missing', () => {
    const turned = modelOf({ score: 'FP32', label: 'BYTES' });
    const answer = [labels('a'), floats(1)];
    expect(answerDistance(model, answer, turned, [floats(1.5), labels('a')])).toBe(0.5);
    expect(answerDistance(model, answer, modelOf({ score: 'FP32' }), [floats(1)])).toBe(Infinity);
  });
});
