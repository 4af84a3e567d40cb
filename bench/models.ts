/** Models to measure with. Their answers name their version: an input of zeros gives the version's number everywhere. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { model, node, type TensorProto, tensor, value, writeModel } from '../libraries/onnx/index.ts';
import type {
  PinnedVersion,
  ServedDeployment,
} from '../plugins/serving/dataplane/interface/routing-table.ts';

export interface ModelSize {
  readonly name: string;
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
}

/** Twelve columns, as a table of a business has them. */
export const tabular: ModelSize = { name: 'tabular 12-64-1', inputs: 12, hidden: [64], outputs: 1 };
/** A small image: 784 pixels, 407 KB of weights. */
export const image: ModelSize = { name: 'image 784-128-10', inputs: 784, hidden: [128], outputs: 10 };
/** 101 MB of weights. */
export const large: ModelSize = {
  name: 'large 784-5000-4300-10',
  inputs: 784,
  hidden: [5000, 4300],
  outputs: 10,
};

/** Writes a dense network of that size and pins it as `version`. */
export function writeVersion(folder: string, size: ModelSize, version: number): PinnedVersion {
  const bytes = denseNetwork(size, version);
  const path = join(folder, `${size.inputs}-${size.hidden.join('-')}-${version}.onnx`);
  writeFileSync(path, bytes);
  return {
    version: `${version}.0.0`,
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    path,
    size: bytes.length,
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, size.inputs] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, size.outputs] }],
    },
    examples: [],
  };
}

/** A deployment that answers with the first of the versions and keeps the others warm. */
export function deploymentOf(
  versions: readonly PinnedVersion[],
  maxBatchSize: number,
  generation: number,
): ServedDeployment {
  return {
    environment: 'production',
    name: 'bench',
    model: 'bench',
    commit: '0'.repeat(40),
    generation: String(generation),
    versions,
    variants: [{ version: versions[0]!.version, role: 'stable', weight: 100 }],
    batching: { maxBatchSize, maxDelayMs: 0 },
    limits: { maxQueue: 1000, timeoutMs: 30_000 },
  };
}

function denseNetwork({ inputs, hidden, outputs }: ModelSize, version: number): Uint8Array {
  const initializers: TensorProto[] = [];
  const nodes = [];
  const sizes = [inputs, ...hidden, outputs];
  let last = 'x';
  for (let layer = 0; layer + 1 < sizes.length; layer++) {
    const [rows, columns] = [sizes[layer]!, sizes[layer + 1]!];
    const weights = new Float32Array(rows * columns);
    for (let index = 0; index < weights.length; index++)
      weights[index] = ((index * 7919 + layer) % 1999) / 1e5 - 0.01;
    const isLast = layer + 2 === sizes.length;
    initializers.push(
      tensor(`w${layer}`, 'FP32', [rows, columns], weights),
      tensor(`b${layer}`, 'FP32', [columns], new Float32Array(columns).fill(isLast ? version : 0)),
    );
    nodes.push(node('Gemm', [last, `w${layer}`, `b${layer}`], [isLast ? 'y' : `z${layer}`]));
    if (!isLast) nodes.push(node('Relu', [`z${layer}`], [`h${layer}`]));
    last = `h${layer}`;
  }
  return writeModel(
    model({
      name: 'bench',
      inputs: [value('x', 'FP32', ['N', inputs])],
      outputs: [value('y', 'FP32', ['N', outputs])],
      initializers,
      nodes,
      opsets: { 'ai.onnx': 17 },
    }),
  );
}
