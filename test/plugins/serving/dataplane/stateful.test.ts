import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../libraries/package-files/index.ts';
import { call, inferJson } from './fixtures/client.ts';
import { type Serving, startServing } from './fixtures/in-process.ts';
import {
  BareSilero,
  pinSilero,
  type Step,
  sampleRate,
  sound,
  stateLength,
  stateShape,
  windowLength,
} from './fixtures/silero.ts';
import { deployment, table } from './fixtures/tables.ts';
import { InferenceClient } from './grpc/client.ts';

const steps = 30;
const voices = [0, 1, 2, 3];
let serving: Serving;
let client: InferenceClient;
let bare: BareSilero;
/** What the session itself gives, by voice and step. */
let expected: readonly (readonly Step[])[];

type Ask = (window: Float32Array, state: Float32Array) => Promise<Step>;

beforeAll(async () => {
  bare = await BareSilero.open();
  serving = await startServing();
  await serving.follow(table(deployment('vad', [await pinSilero(bare)])));
  client = new InferenceClient(
    `127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`,
  );
  expected = await Promise.all(voices.map((voice) => follow(voice, (...given) => bare.step(...given))));
}, 60_000);

afterAll(async () => {
  client.close();
  await serving.stop();
  await bare.release();
});

/** One client: it hands each answer's state to its next request. */
async function follow(voice: number, ask: Ask): Promise<Step[]> {
  const answers: Step[] = [];
  let state = new Float32Array(stateLength);
  for (const window of sound(voice, steps)) {
    const answer = await ask(window, state);
    answers.push(answer);
    state = new Float32Array(answer.state);
  }
  return answers;
}

const asked = (window: Float32Array, state: Float32Array) => [
  { name: 'input', datatype: 'FP32', shape: [1, window.length], data: window },
  { name: 'state', datatype: 'FP32', shape: stateShape, data: state },
  { name: 'sr', datatype: 'INT64', shape: [], data: BigInt64Array.of(BigInt(sampleRate)) },
];
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
const floatsOf = (bytes: Uint8Array) => new Float32Array(Uint8Array.from(bytes).buffer);

const json: Ask = async (window, state) => {
  const inputs = asked(window, state).map(({ data, ...tensor }) => ({
    ...tensor,
    data: Array.from(data as Iterable<number>, Number),
  }));
  const { body } = await inferJson(serving.port, 'vad', { inputs });
  const data = (name: string) => body.outputs?.find((output) => output.name === name)?.data as number[];
  return { output: Float32Array.from(data('output')), state: Float32Array.from(data('stateN')) };
};

const binary: Ask = async (window, state) => {
  const tensors = asked(window, state);
  const inputs = tensors.map(({ data, ...tensor }) => ({
    ...tensor,
    parameters: { binary_data_size: data.byteLength },
  }));
  const head = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: true } }));
  const { bytes, headers } = await call(serving.port, '/v2/models/vad/infer', {
    headers: { 'inference-header-content-length': String(head.length) },
    body: Buffer.concat([head, ...tensors.map(({ data }) => bytesOf(data))]),
  });
  const values = bytes.subarray(Number(headers['inference-header-content-length']));
  return { output: floatsOf(values.subarray(0, 4)), state: floatsOf(values.subarray(4)) };
};

const grpc: Ask = async (window, state) => {
  const tensors = asked(window, state);
  const { body } = await client.call('ModelInfer', {
    model_name: 'vad',
    inputs: tensors.map(({ data, ...tensor }) => tensor),
    raw_input_contents: tensors.map(({ data }) => bytesOf(data)),
  });
  const [output, stateN] = body.raw_output_contents as Uint8Array[];
  return { output: floatsOf(output!), state: floatsOf(stateN!) };
};

describe('a model whose state its clients hold', () => {
  it.each([
    ['binary tensors', binary],
    ['gRPC', grpc],
  ])('answers several clients at once over %s as the session itself does, step by step', async (_, ask) => {
    const answers = await Promise.all(voices.map((voice) => follow(voice, ask)));
    expect(answers).toEqual(expected);
  });

  it('does so over JSON, but for the sign of a zero', async () => {
    const answers = await Promise.all(voices.map((voice) => follow(voice, json)));
    const unsigned = (all: typeof expected) =>
      all.map((of) =>
        of.map(({ output, state }) => [output, state].map((values) => values.map((x) => x + 0))),
      );
    expect(unsigned(answers)).toEqual(unsigned(expected));
  });

  it('tells its clients apart: another sound, or another state, is another answer', () => {
    const heard = expected.map((of) => of.map(({ output }) => output[0]).join());
    expect(new Set(heard).size).toBe(voices.length);
    const states = expected[0]!.map(({ state }) => state.join());
    expect(new Set(states).size).toBe(steps);
  });

  it('has no two requests share a run: the rate belongs to all rows of a run', () => {
    const { versions, metrics } = serving.process.report();
    expect(versions['production/vad/5.0.0']).toMatchObject({ state: 'ready', batchable: false });
    const [{ batchRows } = { batchRows: undefined }] = metrics.versions;
    const [ofOne, ...ofMore] = batchRows?.counts ?? [];
    expect(ofOne).toBeGreaterThanOrEqual(3 * voices.length * steps);
    expect(ofMore.every((count) => count === 0)).toBe(true);
  });

  it('takes windows of other lengths, as its shape says, and refuses a state of another size', async () => {
    const zeros = new Float32Array(stateLength);
    const longer = new Float32Array(windowLength + 64);
    expect(await binary(longer, zeros)).toEqual(await bare.step(longer, zeros));
    const inputs = asked(longer, zeros).map(({ data, ...tensor }) => ({
      ...tensor,
      ...(tensor.name === 'state' ? { shape: [1, 1, 128] } : {}),
      data: Array.from(data as Iterable<number>, Number).slice(0, tensor.name === 'state' ? 128 : undefined),
    }));
    const refused = await inferJson(serving.port, 'vad', { inputs });
    expect(refused).toMatchObject({ status: 400, body: { code: 'InvalidTensor' } });
  });

  it('is asked by a few lines, as docs/inference.md has them', async () => {
    const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
    const lines = page.match(/```js stateful\n([\s\S]*?)```/)?.[1] ?? '';
    // biome-ignore lint/complexity/useArrowFunction: the constructor of async functions has no name of its own.
    const { constructor: AsyncFunction } = async function () {};
    const listen = (AsyncFunction as FunctionConstructor)('url', 'windows', lines);
    const windows = sound(1, steps).map((window) => Array.from(window));
    const speech: number[] = await listen(`http://127.0.0.1:${serving.port}`, windows);
    expect(speech.map(Math.fround)).toEqual(expected[1]!.map(({ output }) => output[0]));
  });
});
