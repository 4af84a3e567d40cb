import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;
let workers: Worker[];

beforeEach(async () => {
  folder = temporaryFolder();
  workers = [];
  serving = await startServing({
    startWorker: (data) => {
      const worker = startWorker(data);
      workers.push(worker);
      return worker;
    },
  });
  const pinned = pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'worker' });
  await serving.follow(table(deployment('m', [pinned])));
});

afterEach(async () => {
  await serving.stop();
  folder.remove();
});

describe('a worker thread that ends unasked', () => {
  it('is replaced, and what it was answering is answered by the next', async () => {
    expect((await inferJson(serving.port, 'm', row(1))).status).toBe(200);
    const ended = workers[0]!.terminate();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, value) => inferJson(serving.port, 'm', row(value))),
    );
    await ended;
    expect(answers.map(({ body }) => body.outputs?.[0]?.data)).toEqual(
      Array.from({ length: 8 }, (_, value) => [value * 2]),
    );
    expect(workers).toHaveLength(2);
    expect(serving.process.report().metrics.workerRestarts).toBe(1);
  });

  it('shows in readiness until it is replaced', async () => {
    await workers[0]!.terminate();
    expect(await call(serving.port, '/v2/health/ready')).toMatchObject({ status: 503 });
    expect(await call(serving.port, '/v2/models/m/ready')).toMatchObject({ status: 503 });
    expect(serving.process.report().versions['production/m/1.0.0']).toMatchObject({
      state: 'loading',
      reason: 'WorkerLost',
    });
    await until(async () => (await call(serving.port, '/v2/health/ready')).status === 200);
  });

  it('is not replaced for ever when it ends again and again', { timeout: 60_000 }, async () => {
    for (let losses = 1; losses <= 4; losses++) {
      await workers.at(-1)!.terminate();
      await until(() =>
        ['ready', 'failed'].includes(serving.process.report().versions['production/m/1.0.0']!.state),
      );
    }
    expect(serving.process.report().versions['production/m/1.0.0']).toMatchObject({
      state: 'failed',
      reason: 'WorkerLost',
    });
    expect(await inferJson(serving.port, 'm', row(1))).toMatchObject({
      status: 503,
      body: { code: 'ModelFailed' },
    });
    expect(workers).toHaveLength(4);
  });

  it('is not replaced for ever where the clock of the machine is set forward meanwhile', {
    timeout: 60_000,
  }, async () => {
    const stateOf = () => serving.process.report().versions['production/m/1.0.0']!.state;
    const right = Date.now.bind(Date);
    let ahead = 0;
    const wall = vi.spyOn(Date, 'now').mockImplementation(() => right() + ahead);
    try {
      for (let losses = 1; losses <= 4; losses++) {
        ahead += 120_000;
        await workers.at(-1)!.terminate();
        await until(() => ['ready', 'failed'].includes(stateOf()));
      }
    } finally {
      wall.mockRestore();
    }
    expect(stateOf()).toBe('failed');
    expect(workers).toHaveLength(4);
  });
});
