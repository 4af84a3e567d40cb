/** Real models whose inputs have any size, asked by several at once: each gets the answer to its own image. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './fixtures/client.ts';
import { type Serving, startServing } from './fixtures/in-process.ts';
import { deployment, table } from './fixtures/tables.ts';
import {
  type Answer,
  BareTextModel,
  direction,
  image,
  pinTextModel,
  type TextModel,
  words,
} from './fixtures/text-models.ts';
import { InferenceClient } from './grpc/client.ts';

/** Images of which some have the same size, each with other stripes. */
const widths = [64, 96, 64, 160, 96, 64, 320, 64];
const images = widths.map((width, seed) => image(seed + 1, width));
const models: Readonly<Record<string, TextModel>> = { direction, words };
const expected = new Map<string, readonly Answer[]>();
const bares: BareTextModel[] = [];
let serving: Serving;
let client: InferenceClient;

beforeAll(async () => {
  serving = await startServing();
  const deployments = [];
  for (const [name, model] of Object.entries(models)) {
    const bare = await BareTextModel.open(model);
    bares.push(bare);
    deployments.push(deployment(name, [await pinTextModel(bare)]));
    const answers: Answer[] = [];
    for (const one of images) answers.push(await bare.read(one));
    expected.set(name, answers);
  }
  await serving.follow(table(...deployments));
  const port = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
  client = new InferenceClient(`127.0.0.1:${port}`);
});

afterAll(async () => {
  client.close();
  await serving.stop();
  for (const bare of bares) await bare.release();
});

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
const floatsOf = (bytes: Uint8Array) => new Float32Array(Uint8Array.from(bytes).buffer);

type Ask = (name: string, given: Answer) => Promise<Answer>;

const binary: Ask = async (name, { shape, data }) => {
  const tensor = { name: 'x', datatype: 'FP32', shape, parameters: { binary_data_size: data.byteLength } };
  const head = Buffer.from(JSON.stringify({ inputs: [tensor], parameters: { binary_data_output: true } }));
  const { bytes, headers } = await call(serving.port, `/v2/models/${name}/infer`, {
    headers: { 'inference-header-content-length': String(head.length) },
    body: Buffer.concat([head, bytesOf(data)]),
  });
  const length = Number(headers['inference-header-content-length']);
  const { outputs } = JSON.parse(bytes.toString('utf8', 0, length));
  return { shape: outputs[0].shape, data: floatsOf(bytes.subarray(length)) };
};

const grpc: Ask = async (name, { shape, data }) => {
  const { body } = await client.call('ModelInfer', {
    model_name: name,
    inputs: [{ name: 'x', datatype: 'FP32', shape }],
    raw_input_contents: [bytesOf(data)],
  });
  const [output] = body.outputs as { shape: readonly (string | number)[] }[];
  const [bytes] = body.raw_output_contents as Uint8Array[];
  return { shape: output!.shape.map(Number), data: floatsOf(bytes!) };
};

/** Rows that shared a run are multiplied in another order. */
const tolerance = 5e-6;

function furthest(one: Float32Array, other: Float32Array): number {
  let most = 0;
  for (const [at, value] of one.entries()) most = Math.max(most, Math.abs(value - other[at]!));
  return most;
}

describe.each(Object.keys(models))('the model of %s, whose images have any width', (name) => {
  it.each([
    ['binary tensors', binary],
    ['gRPC', grpc],
  ])('answers all at once over %s as the session itself does', async (_, ask) => {
    const answers = await Promise.all(images.map((one) => ask(name, one)));
    for (const [at, { shape, data }] of answers.entries()) {
      const bare = expected.get(name)![at]!;
      expect(shape).toEqual(bare.shape);
      expect(furthest(data, bare.data)).toBeLessThan(tolerance);
    }
  });

  it('answers two rows of one request in their order', async () => {
    const data = new Float32Array([...images[0]!.data, ...images[2]!.data]);
    const answer = await binary(name, { shape: [2, 3, 48, 64], data });
    const half = answer.data.length / 2;
    const [first, second] = [expected.get(name)![0]!, expected.get(name)![2]!];
    expect(answer.shape).toEqual([2, ...first.shape.slice(1)]);
    expect(furthest(answer.data.subarray(0, half), first.data)).toBeLessThan(tolerance);
    expect(furthest(answer.data.subarray(half), second.data)).toBeLessThan(tolerance);
  });
});

it('tells images apart: each has an answer of its own', () => {
  for (const answers of expected.values()) {
    const seen = new Set(answers.map(({ data }) => data.slice(0, 50_000).join()));
    expect(seen.size).toBe(images.length);
    for (const [at, one] of answers.entries())
      for (const other of answers.slice(at + 1))
        if (one.data.length === other.data.length)
          expect(furthest(one.data, other.data)).toBeGreaterThan(10 * tolerance);
  }
});
