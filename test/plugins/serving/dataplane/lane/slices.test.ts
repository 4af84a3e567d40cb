import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  isToBeSliced,
  JoinedOutputs,
  nextSlice,
  rowsBetween,
} from '../../../../../plugins/serving/dataplane/lane/slices.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { denseModel, pin, twoSidedModel } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const tensors: readonly Tensor[] = [
  { datatype: 'FP32', shape: [4, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
  { datatype: 'BYTES', shape: [4], data: ['a', 'b', 'c', 'd'] },
  { datatype: 'INT64', shape: [4, 1, 1], data: BigInt64Array.of(1n, 2n, 3n, 4n) },
];

describe('slices', () => {
  it('put together again are what they were cut from', () => {
    const joined = new JoinedOutputs(4);
    for (const [start, end] of [
      [0, 1],
      [1, 3],
      [3, 4],
    ] as const)
      expect(joined.add(rowsBetween(tensors, start, end), end - start)).toBe(true);
    expect(joined.rows).toBe(4);
    expect(joined.whole).toEqual(tensors);
  });

  it('are not put together where a model gave other rows, or of another width, than before', () => {
    const wide: Tensor = { datatype: 'FP32', shape: [1, 3], data: new Float32Array(3) };
    const narrow: Tensor = { datatype: 'FP32', shape: [1, 2], data: new Float32Array(2) };
    const joined = new JoinedOutputs(3);
    expect([joined.add([wide], 1), joined.add([narrow], 1)]).toEqual([true, false]);
    expect(new JoinedOutputs(3).add([wide], 2)).toBe(false);
  });

  it('become as large as their time allows, step by step, and never smaller than a batch', () => {
    expect(nextSlice(32, 1, 'inline', 32)).toBe(256);
    expect(nextSlice(100, 5, 'inline', 32)).toBe(200);
    expect(nextSlice(1_000, 100, 'inline', 32)).toBe(100);
    expect(nextSlice(32, 5_000, 'worker', 32)).toBe(32);
    expect(nextSlice(1, 0, 'worker', 1)).toBe(8);
  });

  it('are made of what takes long, or of which nobody knows how long it takes', () => {
    expect([0, 9, 11].map((milliseconds) => isToBeSliced(milliseconds, 'inline'))).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('a request of very many rows', () => {
  const folder = temporaryFolder();
  let serving: Serving;

  beforeAll(async () => {
    serving = await startServing();
  });
  afterAll(async () => {
    await serving.stop();
    folder.remove();
  });

  const counters = () => serving.process.report().metrics.versions.at(-1)!;
  const runs = () => counters().batchRows.counts.reduce((sum, count) => sum + count, 0);

  it.each(['inline', 'worker'] as const)(
    'gives each row its own answer, in their order: %s',
    { timeout: 60_000 },
    async (placement) => {
      await serving.follow(
        table(
          deployment('two', [
            pin(folder.path, placement === 'inline' ? '1.0.0' : '1.1.0', twoSidedModel(), { placement }),
          ]),
        ),
      );
      const rows = Array.from({ length: 5_000 }, (_, row) => row);
      const shape = [rows.length, 1];
      const { status, body } = await inferJson(serving.port, 'two', {
        inputs: [
          { name: 'a', datatype: 'FP32', shape, data: rows.map((row) => row / 2) },
          { name: 'b', datatype: 'INT64', shape, data: rows },
          { name: 'word', datatype: 'BYTES', shape, data: rows.map((row) => `word ${row}`) },
        ],
      });
      expect(status).toBe(200);
      expect(body.outputs).toMatchObject([
        { name: 'sum', shape, data: rows.map((row) => row * 1.5) },
        { name: 'same', shape, data: rows.map((row) => `word ${row}`) },
      ]);
      expect(runs()).toBeGreaterThan(1);
      expect(counters().runs).toMatchObject({ inferences: 5_000 });
    },
  );

  it('holds up nobody else of its process for long', { timeout: 60_000 }, async () => {
    const width = 64;
    const model = denseModel(width, 20, 1);
    await serving.follow(
      table(deployment('dense', [pin(folder.path, '2.0.0', model, { placement: 'inline' })])),
    );
    const shape = [20_000, width];
    const header = JSON.stringify({
      inputs: [{ name: 'x', datatype: 'FP32', shape, parameters: { binary_data_size: 4 * 20_000 * width } }],
      outputs: [{ name: 'y', parameters: { binary_data: true } }],
    });
    let isAnswered = false;
    const answered = call(serving.port, '/v2/models/dense/infer', {
      headers: { 'inference-header-content-length': String(header.length) },
      body: Buffer.concat([Buffer.from(header), Buffer.alloc(4 * 20_000 * width)]),
    }).finally(() => {
      isAnswered = true;
    });
    await until(() => runs() > 0, { everyMs: 1 });
    const live = await call(serving.port, '/v2/health/live');
    const before = runs();
    expect([live.status, isAnswered]).toEqual([200, false]);
    const { status, body } = await answered;
    expect(runs()).toBeGreaterThan(before);
    expect([status, body.outputs?.[0]?.shape]).toEqual([200, shape]);
  });
});
