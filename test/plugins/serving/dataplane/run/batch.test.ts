import { describe, expect, it } from 'vitest';
import { joinRows } from '../../../../../plugins/serving/dataplane/run/batch.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';

function rows(data: Float32Array): Tensor {
  return { datatype: 'FP32', shape: [data.length / 2, 2], data };
}

const memory = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const first = rows(memory.subarray(0, 2));
const second = rows(memory.subarray(2, 6));
const third = rows(memory.subarray(6, 8));
const elsewhere = rows(Float32Array.of(9, 10));
const texts: Tensor = { datatype: 'BYTES', shape: [1, 1], data: ['a'] };

describe('rows of a batch', () => {
  it('stay where they are when they lie side by side', () => {
    const { inputs, isCopy } = joinRows([[first], [second], [third]]);
    expect(inputs).toEqual([{ datatype: 'FP32', shape: [4, 2], data: memory }]);
    expect((inputs[0]!.data as Float32Array).buffer).toBe(memory.buffer);
    expect(isCopy).toBe(false);
  });

  it.each([
    ['in another order', [second, first], [3, 4, 5, 6, 1, 2]],
    ['with a gap between them', [first, third], [1, 2, 7, 8]],
    ['in several places', [first, elsewhere], [1, 2, 9, 10]],
    ['one over the other', [first, first], [1, 2, 1, 2]],
  ])('are copied when they lie %s', (_, requests, expected) => {
    const { inputs, isCopy } = joinRows(requests.map((request) => [request]));
    expect([...inputs[0]!.data]).toEqual(expected);
    expect((inputs[0]!.data as Float32Array).buffer).not.toBe(memory.buffer);
    expect(isCopy).toBe(true);
  });

  it('belong to the batch alone only if each input was copied', () => {
    expect(
      joinRows([
        [texts, first],
        [texts, second],
      ]).isCopy,
    ).toBe(false);
    expect(
      joinRows([
        [texts, first],
        [texts, third],
      ]).isCopy,
    ).toBe(true);
  });
});
