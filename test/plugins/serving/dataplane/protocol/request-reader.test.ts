import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type InferenceRequest,
  parseInferenceRequest,
} from '../../../../../plugins/serving/dataplane/protocol/inference-request.ts';
import type { ModelInterface } from '../../../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { RequestFrames } from '../../../../../plugins/serving/dataplane/protocol/request-frames.ts';
import { readInferenceRequest } from '../../../../../plugins/serving/dataplane/protocol/request-reader.ts';
import { RowMemory } from '../../../../../plugins/serving/dataplane/tensor/row-memory.ts';

/** A new one each time: what is known of requests is kept by model. */
function newModel(): ModelInterface {
  return {
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1, 2] },
      { name: 'n', datatype: 'INT32', shape: [-1] },
    ],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    batchable: true,
  };
}

interface Sent {
  readonly body: Buffer;
  readonly jsonLength: number | undefined;
}

function json(text: string): Sent {
  return { body: Buffer.from(text), jsonLength: undefined };
}

const written = (x: string, n: string, more = ''): Sent =>
  json(
    `{${more}"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":${x}},{"name":"n","datatype":"INT32","shape":[1],"data":${n}}]}`,
  );

function binary(x: readonly number[], n: readonly number[], extra = 0): Sent {
  const header = `{"inputs":[{"name":"n","datatype":"INT32","shape":[${n.length}],"parameters":{"binary_data_size":${n.length * 4}}},{"name":"x","datatype":"FP32","shape":[${x.length / 2},2],"parameters":{"binary_data_size":${x.length * 4}}}],"parameters":{"binary_data_output":true}}`;
  const parts = [Buffer.from(Int32Array.from(n).buffer), Buffer.from(Float32Array.from(x).buffer)];
  return {
    body: Buffer.concat([Buffer.from(header), ...parts, Buffer.alloc(extra)]),
    jsonLength: header.length,
  };
}

type Answer = InferenceRequest | { readonly code: string; readonly message: string };

function answer(read: () => InferenceRequest): Answer {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}

/** What each request is by itself, to a model that has seen no other. */
function byItself({ body, jsonLength }: Sent): Answer {
  const model = newModel();
  const memories = model.inputs.map(() => new RowMemory());
  return answer(() => parseInferenceRequest(body, jsonLength, model, memories));
}

function inTurn(sent: readonly Sent[]): Answer[] {
  const model = newModel();
  return sent.map(({ body, jsonLength }) => answer(() => readInferenceRequest(body, jsonLength, model)));
}

describe('requests that differ in their numbers alone', () => {
  it.each([
    ['JSON', written('[1,2]', '[3]'), written('[-4.5e1, 0.25]', '[ 6 ]')],
    ['binary', binary([1, 2], [3]), binary([4, 5], [6])],
  ])('are read without parsing what is around them: %s', (_, first, second) => {
    const model = newModel();
    const memories = model.inputs.map(() => new RowMemory());
    const frames = new RequestFrames(model);
    expect(frames.read(first.body, first.jsonLength, memories)).toBeUndefined();
    frames.learn(
      first.body,
      first.jsonLength,
      parseInferenceRequest(first.body, first.jsonLength, model, memories),
      memories,
    );
    expect(frames.read(second.body, second.jsonLength, memories)).toEqual(byItself(second));
  });

  it('lie side by side in memory, input by input', () => {
    const model = newModel();
    const read = ({ body, jsonLength }: Sent) => readInferenceRequest(body, jsonLength, model).inputs;
    read(written('[0,0]', '[0]'));
    const [first, second] = [read(written('[1,2]', '[3]')), read(written('[4,5]', '[6]'))];
    for (const position of [0, 1]) {
      const [before, after] = [first[position]!.data as Float32Array, second[position]!.data as Float32Array];
      expect(after.buffer).toBe(before.buffer);
      expect(after.byteOffset).toBe(before.byteOffset + before.byteLength);
    }
  });
});

describe('a request after others', () => {
  const variants: readonly Sent[] = [
    written('[1,2]', '[3]'),
    written('[1.5,-2e3]', '[7]'),
    written('[1,2]', '[3]', '"id":"a",'),
    written('[1,2]', '[3]', '"id":"b",'),
    written('[1,2]', '[3]', '"data":[1],'),
    written('[1,2]', '[3]', '"parameters":{"data":[1,[2]]},'),
    written('[1,2]', '[3]', '"parameters":{"data":[1,"], \\"x\\":["]},'),
    written('[1,2],"data":[5,6]', '[3]'),
    written('[1,2,3]', '[3]'),
    written('[1]', '[3]'),
    written('[1,2]', '[3.5]'),
    written('[1,2]', '[3000000000]'),
    written('[1,"2"]', '[3]'),
    written('[[1,2]]', '[3]'),
    written('[1e39,2]', '[3]'),
    written('[1,2', '[3]'),
    written('[1,2]', '[3]}'),
    json(`${written('[1,2]', '[3]').body} `),
    json(`${written('[1,2]', '[3]').body}x`),
    json(''),
    binary([1, 2], [3]),
    binary([Number.NaN, 2], [3]),
    binary([1, 2, 3, 4], [5, 6]),
    binary([1, 2, 3, 4], [5]),
    binary([1, 2], [3], 4),
    { ...binary([1, 2], [3]), jsonLength: undefined },
    { ...binary([1, 2], [3]), jsonLength: 10_000 },
    { ...written('[1,2]', '[3]'), jsonLength: 40 },
    { body: binary([1, 2], [3]).body.subarray(0, -1), jsonLength: binary([1, 2], [3]).jsonLength },
  ];

  it('means what it means by itself, right or wrong', () => {
    const expected = variants.map(byItself);
    fc.assert(
      fc.property(fc.array(fc.nat(variants.length - 1), { minLength: 1, maxLength: 40 }), (order) => {
        expect(inTurn(order.map((index) => variants[index]!))).toEqual(order.map((index) => expected[index]));
      }),
      { numRuns: 300 },
    );
  });
});
