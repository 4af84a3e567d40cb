import * as fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  averageModels,
  type Datatype,
  float,
  int,
  type ModelProto,
  model,
  node,
  OnnxError,
  readModel,
  type TensorProto,
  tensor,
  tensorAttribute,
  value,
  writeModel,
} from '../../../libraries/onnx/index.ts';
import { fromBits, toBits } from '../../../libraries/onnx/small-floats.ts';

interface Layer {
  readonly weights: readonly number[];
  readonly bias: readonly number[];
  readonly more?: readonly TensorProto[];
  readonly alpha?: number;
  readonly opset?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** y = x · weights + bias, of three inputs and two outputs. */
function dense({ weights, bias, more = [], alpha = 1, opset = 17, metadata = {} }: Layer): ModelProto {
  return model({
    name: 'dense',
    inputs: [value('x', 'FP32', ['N', 3])],
    outputs: [value('y', 'FP32', ['N', 2])],
    initializers: [
      tensor('weights', 'FP32', [3, 2], weights),
      tensor('bias', 'FP32', [bias.length], bias),
      ...more,
    ],
    nodes: [node('Gemm', ['x', 'weights', 'bias'], ['y'], { attributes: { alpha: float(alpha) } })],
    opsets: { 'ai.onnx': opset },
    metadata,
  });
}

const one = { weights: [1, 2, 3, 4, 5, 6], bias: [0.5, -0.5] };
const other = { weights: [3, 2, -3, 8, 5, 0], bias: [1.5, -0.5] };

async function answer(bytes: Uint8Array, x: readonly number[]): Promise<readonly number[]> {
  const session = await InferenceSession.create(bytes);
  const { y } = await session.run({ x: new Tensor('float32', x, [x.length / 3, 3]) });
  await session.release();
  return Array.from(y?.data as Float32Array);
}

function problemOf(left: ModelProto, right: ModelProto): string {
  try {
    averageModels(left, right, 0.5);
    return 'nothing was thrown';
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe('the average of two models', () => {
  it('answers in ONNX Runtime with the averaged weights', async () => {
    const { model: between, averaged, same } = averageModels(dense(one), dense(other), 0.25);
    expect({ averaged, same }).toEqual({ averaged: ['weights', 'bias'], same: 0 });
    const bytes = writeModel(between);
    // Unit rows read the weights out one by one; bias is added to each.
    const weights = one.weights.map((from, index) => 0.75 * from + 0.25 * (other.weights[index] ?? 0));
    const bias = [0.75, -0.5];
    expect(await answer(bytes, [1, 0, 0, 0, 1, 0, 0, 0, 1])).toEqual(
      weights.map((weight, index) => Math.fround(weight + (bias[index % 2] ?? 0))),
    );
    // A linear model's average answers the average of the answers.
    const row = [0.5, -1.25, 2];
    const [left, right] = [
      await answer(writeModel(dense(one)), row),
      await answer(writeModel(dense(other)), row),
    ];
    const mean = left.map((from, index) => 0.75 * from + 0.25 * (right[index] ?? 0));
    expect(await answer(bytes, row)).toEqual(mean);
  });

  it('gives the same bytes each time, and leaves what is equal as it was', () => {
    const [left, right] = [dense({ ...one, bias: [0.1, 0.2] }), dense({ ...other, bias: [0.1, 0.2] })];
    const { model: between, averaged, same } = averageModels(left, right, 0.3);
    expect({ averaged, same }).toEqual({ averaged: ['weights'], same: 1 });
    expect(between.graph?.initializer?.[1]).toEqual(left.graph?.initializer?.[1]);
    expect(writeModel(averageModels(left, right, 0.3).model)).toEqual(writeModel(between));
  });

  it('takes no notice of the order of initializers, and of how a file keeps their values', () => {
    const left = dense(one);
    const right = dense(other);
    const [weights, bias] = right.graph?.initializer ?? [];
    const listed = { ...bias, floatData: other.bias } as TensorProto;
    delete listed.rawData;
    const rewritten = { ...right, graph: { ...right.graph, initializer: [listed, weights as TensorProto] } };
    const expected = writeModel(averageModels(left, right, 0.5).model);
    expect(writeModel(averageModels(left, readModel(writeModel(rewritten)), 0.5).model)).toEqual(expected);
    const { averaged } = averageModels(rewritten, left, 0.5);
    expect(averaged).toEqual(['bias', 'weights']);
  });

  it('keeps of producer and metadata only what both say', () => {
    const left = dense({ ...one, metadata: { task: 'test', trained: '1990' } });
    const right = dense({ ...other, metadata: { task: 'test', trained: '2000' } });
    const between = averageModels(
      { ...left, producerName: 'a', docString: 'x' },
      { ...right, docString: 'x' },
      0.5,
    );
    expect(between.model.metadataProps).toEqual([{ key: 'task', value: 'test' }]);
    expect(between.model).not.toHaveProperty('producerName');
    expect(between.model.docString).toBe('x');
  });

  it('averages each type of float, rounded once', () => {
    const pair = (datatype: Datatype, values: readonly [number, number]) => {
      const made = values.map((each) => dense({ ...one, more: [tensor('more', datatype, [1], [each])] }));
      const found = averageModels(made[0] as ModelProto, made[1] as ModelProto, 0.5);
      const bytes = found.model.graph?.initializer?.[2]?.rawData as Uint8Array;
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    };
    expect(pair('FP64', [0.1, 0.3]).getFloat64(0, true)).toBe(0.2);
    expect(pair('FP32', [0.1, 0.3]).getFloat32(0, true)).toBe(Math.fround(0.2));
    // 1.0 and 2.0 in half precision and in the upper half of a float.
    expect(pair('FP16', [0x3c00, 0x4000]).getUint16(0, true)).toBe(0x3e00);
    expect(pair('BF16', [0x3f80, 0x4000]).getUint16(0, true)).toBe(0x3fc0);
  });

  it('refuses whatever else differs, and says where', () => {
    const more = (datatype: Datatype, data: readonly number[], name = 'more') => [
      tensor(name, datatype, [data.length], data),
    ];
    const cases: readonly (readonly [ModelProto, ModelProto, string])[] = [
      [
        dense({ ...one, more: more('INT64', [1]) }),
        dense({ ...one, more: more('INT64', [2]) }),
        "NotAlike: it is INT64 and differs: only floats are averaged (at initializer 'more')",
      ],
      [
        dense({ ...one, more: [tensor('words', 'BYTES', [1], ['a'])] }),
        dense({ ...one, more: [tensor('words', 'BYTES', [1], ['b'])] }),
        "NotAlike: it differs, and is not of floats (at initializer 'words')",
      ],
      [
        dense(one),
        dense({ ...other, bias: [1] }),
        "NotAlike: its shape is [2] in one and [1] in the other (at initializer 'bias')",
      ],
      [
        dense({ ...one, more: more('FP32', [1]) }),
        dense({ ...one, more: more('FP64', [1]) }),
        "NotAlike: it is FP32 in one and FP64 in the other (at initializer 'more')",
      ],
      [
        dense({ ...one, more: more('FP32', [1]) }),
        dense(one),
        "NotAlike: only one of the two has it (at initializer 'more')",
      ],
      [
        dense(one),
        dense({ ...one, more: more('FP32', [1]) }),
        "NotAlike: only one of the two has it (at initializer 'more')",
      ],
      [
        dense({ ...one, more: more('FP32', [1, 2]) }),
        dense({ ...one, more: more('FP32', [1, Number.POSITIVE_INFINITY]) }),
        "NotAlike: element 1 is 2 in one and Infinity in the other (at initializer 'more')",
      ],
      [
        dense(one),
        dense({ ...one, alpha: 2 }),
        'NotAlike: its attribute alpha differs, and only initializers are averaged (at node[0] Gemm)',
      ],
      [dense(one), dense({ ...one, opset: 18 }), 'NotAlike: 17 and 18 (at operator set ai.onnx)'],
      [dense(one), dense({ ...one, more: more('INT8', [1], 'unused') }), "(at initializer 'unused')"],
    ];
    for (const [left, right, expected] of cases) expect(problemOf(left, right)).toContain(expected);
  });

  it('refuses constants in nodes, another node, another name and parts that it does not understand', () => {
    const constant = (data: number) =>
      model({
        name: 'constant',
        inputs: [],
        outputs: [value('y', 'FP32', [1])],
        nodes: [
          node('Constant', [], ['y'], {
            attributes: { value: tensorAttribute(tensor('c', 'FP32', [1], [data])) },
          }),
        ],
        opsets: { 'ai.onnx': 17 },
      });
    expect(problemOf(constant(1), constant(2))).toContain('its attribute value differs');
    const chain = (operator: string, input = 'x') =>
      model({
        name: 'chain',
        inputs: [value(input, 'FP32', ['N'])],
        outputs: [value('y', 'FP32', ['N'])],
        nodes: [node(operator, [input], ['y'])],
        opsets: { 'ai.onnx': 17 },
      });
    expect(problemOf(chain('Relu'), chain('Tanh'))).toContain('it is Tanh in the other (at node[0] Relu)');
    expect(problemOf(chain('Relu'), chain('Relu', 'z'))).toContain(
      "called 'z' in the other (at input[0] 'x')",
    );
    const unknown = { ...chain('Relu'), unknown: [new Uint8Array([0xca, 0x01, 0x01, 0x00])] };
    expect(problemOf(chain('Relu'), unknown)).toContain('parts that are not understood differ (at model)');
    expect(problemOf(unknown, unknown)).toBe('nothing was thrown');
    const cast = (to: number) =>
      model({
        name: 'cast',
        inputs: [value('x', 'FP32', ['N'])],
        outputs: [value('y', 'FP32', ['N'])],
        nodes: [node('Cast', ['x'], ['y'], { attributes: { to: int(to) } })],
        opsets: { 'ai.onnx': 17 },
      });
    expect(problemOf(cast(1), cast(11))).toContain('its attribute to differs');
  });

  it('refuses a weight that is no share', () => {
    for (const weight of [0, 1, -1, Number.NaN]) {
      expect(() => averageModels(dense(one), dense(other), weight)).toThrow(RangeError);
    }
  });
});

describe('floats of sixteen bits', () => {
  it('come back to the bit, for every pattern of a finite number', () => {
    for (const datatype of ['FP16', 'BF16'] as const) {
      for (let bits = 0; bits < 0x10000; bits += 1) {
        const number = fromBits(datatype, bits);
        if (Number.isFinite(number) && toBits(datatype, number) !== bits)
          expect([datatype, bits]).toBe('kept');
      }
    }
  });

  it('are the nearest there is; half-way, the even one', () => {
    for (const [datatype, least, greatest] of [
      ['FP16', 2 ** -24, 65_504],
      ['BF16', 2 ** -133, 3.3e38],
    ] as const) {
      fc.assert(
        fc.property(fc.double({ min: 0, max: greatest, noNaN: true }), (number) => {
          const bits = toBits(datatype, number);
          const away = Math.abs(fromBits(datatype, bits) - number);
          for (const beside of [bits - 1, bits + 1]) {
            if (beside < 0 || !Number.isFinite(fromBits(datatype, beside))) continue;
            const further = Math.abs(fromBits(datatype, beside) - number);
            expect(away <= further).toBe(true);
            if (away === further && away > 0) expect(bits % 2).toBe(0);
          }
        }),
      );
      expect(toBits(datatype, least / 2)).toBe(0);
      expect(toBits(datatype, least * 0.51)).toBe(1);
      expect(toBits(datatype, -least)).toBe(0x8001);
    }
    expect(fromBits('FP16', 0x3555)).toBe(0.333251953125);
    expect(fromBits('FP16', 0x7c00)).toBe(Number.POSITIVE_INFINITY);
    expect(fromBits('BF16', 0x7fc0)).toBeNaN();
  });
});
