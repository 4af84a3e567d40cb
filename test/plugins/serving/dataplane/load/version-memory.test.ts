import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { model, node, value, writeModel } from '../../../../../libraries/onnx/index.ts';
import { smallestModel } from '../../../../../plugins/serving/dataplane/load/wake-runtime.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { denseModel, linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const mebibyte = 2 ** 20;

describe('what a version takes of memory', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let serving: Serving;

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(async () => {
    await serving.stop();
    folder.remove();
  });

  const memoryOf = (name: string) =>
    serving.process.report().versions[`production/${name}/1.0.0`]?.memoryBytes;

  it('is told by its file where another is loaded at the same time, and by what it grew by where none is', async () => {
    serving = await startServing({ parallelLoads: 2 });
    const versions = [1, 2, 3].map((slope) => pin(folder.path, '1.0.0', linearModel(slope, 0)));
    const [one, other, alone] = versions.map((version, index) => deployment(`m${index}`, [version]));
    await serving.follow(table(one!, other!));
    expect([memoryOf('m0'), memoryOf('m1')]).toEqual([versions[0]!.size, versions[1]!.size]);
    await serving.follow(table(one!, other!, alone!));
    // A file of 175 bytes: a session takes more.
    expect(memoryOf('m2')).toBeGreaterThan(versions[2]!.size);
  });

  it('is its weights at least, and its thread', async () => {
    serving = await startServing();
    const dense = pin(folder.path, '1.0.0', denseModel(512, 16, 3), { placement: 'worker' });
    await serving.follow(table(deployment('dense', [dense])));
    expect(dense.size).toBeGreaterThan(16 * mebibyte);
    expect(memoryOf('dense')).toBeGreaterThanOrEqual(dense.size + 10 * mebibyte);
    expect(memoryOf('dense')).toBeLessThan(3 * dense.size);
  });
});

it('wakes the runtime with a model that copies a number', () => {
  const parts = {
    name: 'nothing',
    inputs: [value('x', 'FP32', [1])],
    outputs: [value('y', 'FP32', [1])],
    nodes: [node('Identity', ['x'], ['y'])],
    opsets: { 'ai.onnx': 17 },
  };
  expect(smallestModel).toEqual(Buffer.from(writeModel(model(parts))));
});
