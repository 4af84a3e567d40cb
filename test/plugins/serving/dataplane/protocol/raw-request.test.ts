import { describe, expect, it } from 'vitest';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { readInferenceRequest } from '../../../../../plugins/serving/dataplane/protocol/request-reader.ts';
import type { Datatype } from '../../../../../plugins/serving/dataplane/tensor/datatypes.ts';

const tensor = (name: string, shape: readonly number[], datatype: Datatype = 'FP32') => ({
  ...{ name, datatype, shape },
});
const model = (
  shape: readonly number[],
  batchable: boolean,
  datatype: Datatype = 'FP32',
): ModelInterface => ({
  inputs: [tensor('x', shape, datatype)],
  outputs: [tensor('y', shape, datatype), tensor('z', [1])],
  batchable,
});
const floats = (...values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer);
const read = (body: Buffer, of: ModelInterface) => readInferenceRequest(body, 0, of);

describe('a body without JSON', () => {
  it('is one row of a model whose rows share runs, and asks for all outputs in binary', () => {
    expect(read(floats(1, 2, 3), model([-1, 3], true))).toEqual({
      id: undefined,
      inputs: [{ datatype: 'FP32', shape: [1, 3], data: Float32Array.of(1, 2, 3) }],
      outputs: [
        { index: 0, binary: true },
        { index: 1, binary: true },
      ],
    });
  });

  it.each([
    [[-1, 2], false, [3, 2]],
    [[-1, -1], true, [1, 6]],
    [[2, 3], false, [2, 3]],
    [[1, -1, 3], false, [1, 2, 3]],
  ])('of shape %j (batchable: %s) is %j', (shape, batchable, expected) => {
    expect(read(floats(1, 2, 3, 4, 5, 6), model(shape, batchable)).inputs[0]?.shape).toEqual(expected);
  });

  it.each([
    ['two sizes vary', floats(1, 2), model([-1, -1], false), 'cannot be told from the size'],
    ['the bytes are no whole rows', floats(1, 2, 3), model([-1, 2], false), '12 bytes are no whole number'],
    ['there are no bytes', Buffer.alloc(0), model([-1, 2], false), '0 bytes are no whole number'],
    [
      'the row is another size',
      floats(1, 2),
      model([-1, 3], true),
      '8 bytes of binary data, its shape asks for 12',
    ],
    [
      'its elements have no fixed size',
      Buffer.from('text'),
      model([1], false, 'BYTES'),
      'whose elements cannot be told',
    ],
    [
      'the model has two inputs',
      floats(1),
      { ...model([1], false), inputs: [tensor('a', [1]), tensor('b', [1])] },
      'this one has 2',
    ],
  ] as const)('is refused where %s', (_, body, of, message) => {
    expect(() => read(body, of)).toThrow(message);
  });
});
