import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PinnedVersion } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { VersionPool } from '../../../../../plugins/serving/dataplane/load/version-pool.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { declaredDeployment } from '../../../../fixtures/declared-deployment.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { until } from '../../../../fixtures/until.ts';
import { inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const key = 'production/m/1.0.0';
let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;
let workers: Worker[];
let pinned: PinnedVersion;

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
  pinned = { ...pin(folder.path, '1.0.0', linearModel(2, 0)), replicas: 2 };
  await serving.follow(table(deployment('m', [pinned], { batching: { maxBatchSize: 1, maxDelayMs: 0 } })));
});

afterEach(async () => {
  await serving.stop();
  folder.remove();
});

const versionReport = () => serving.process.report().versions[key]!;

describe('a version with two replicas', () => {
  it('has two threads, says so, and counts the memory of both', () => {
    expect(workers).toHaveLength(2);
    expect(versionReport()).toMatchObject({ placement: 'worker', replicas: 2 });
    expect(versionReport().memoryBytes).toBeGreaterThan(2 * pinned.size);
  });

  it('goes on with one while the other is replaced, and loses no request', async () => {
    const ended = workers[0]!.terminate();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, value) => inferJson(serving.port, 'm', row(value))),
    );
    await ended;
    expect(answers.map(({ body }) => body.outputs?.[0]?.data)).toEqual(
      answers.map((_, value) => [value * 2]),
    );
    expect(versionReport().state).toBe('ready');
    await until(() => versionReport().replicas === 2);
    expect(workers).toHaveLength(3);
    expect(serving.process.report().metrics.workerRestarts).toBe(1);
  });

  it('is loaded anew with both once none is left', async () => {
    await Promise.all([workers[0]!.terminate(), workers[1]!.terminate()]);
    await until(() => versionReport().state === 'ready' && versionReport().replicas === 2);
    expect((await inferJson(serving.port, 'm', row(4))).body.outputs?.[0]?.data).toEqual([8]);
  });

  it('is declared as docs/many-models.md shows', async () => {
    const { metadata, spec } = parse(shownBlock('docs/many-models.md', 'yaml example placement'));
    const { name } = metadata;
    const small = pin(folder.path, spec.version, linearModel(2, 0));
    await serving.follow(table(declaredDeployment(name, spec, small)));
    const { versions } = serving.process.report();
    expect(versions[`production/${name}/${spec.version}`]).toMatchObject({
      placement: 'worker',
      replicas: 2,
    });
    expect(workers).toHaveLength(4);
    expect((await inferJson(serving.port, name, row(4))).body.outputs?.[0]?.data).toEqual([8]);
  });

  it('replaces a thread that ended while the other was being loaded', async () => {
    await serving.stop();
    const started: Worker[] = [];
    serving = await startServing({
      startWorker: (data) => {
        const worker = startWorker(data);
        if (started.push(worker) === 2) void started[0]!.terminate();
        return worker;
      },
    });
    await serving.follow(table(deployment('m', [pinned])));
    const answers = await Promise.all([1, 2, 3].map((value) => inferJson(serving.port, 'm', row(value))));
    expect(answers.map(({ body }) => body.outputs?.[0]?.data)).toEqual([[2], [4], [6]]);
    await until(() => versionReport().replicas === 2);
    expect(started).toHaveLength(3);
  });

  it('shares runs out evenly', async () => {
    const runs: number[] = [];
    const pool = new VersionPool({
      startWorker: (data) => {
        const worker = startWorker(data);
        const number = runs.push(0) - 1;
        const post = worker.postMessage.bind(worker);
        worker.postMessage = (message: { type: string }, transfer: never) => {
          if (message.type === 'run') runs[number]!++;
          post(message, transfer);
        };
        return worker;
      },
      onChange() {},
      parallelLoads: 1,
      loadTimeoutMs: 60_000,
    });
    const held = pool.acquire(pinned);
    await held.settled();
    if (held.status.state !== 'ready') throw new Error(held.status.state);
    const { executor } = held.status;
    const one = { datatype: 'FP32' as const, shape: [1, 1], data: new Float32Array([1]) };
    const answers = await Promise.all(Array.from({ length: 6 }, () => executor.run([one], false)));
    expect(answers.map(([tensor]) => tensor!.data[0])).toEqual([2, 2, 2, 2, 2, 2]);
    expect(runs).toEqual([3, 3]);
    pool.release(held);
    await pool.idle();
  });
});
