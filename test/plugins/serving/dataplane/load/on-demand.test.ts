import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PinnedVersion } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { openTriedNotes } from '../../../../../plugins/serving/dataplane/load/tried-notes.ts';
import { tryApart } from '../../../../../plugins/serving/dataplane/load/try-apart.ts';
import { VersionPool } from '../../../../../plugins/serving/dataplane/load/version-pool.ts';
import type { ProcessOptions } from '../../../../../plugins/serving/dataplane/options.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { servingSettings } from '../../../../../plugins/serving/settings/settings.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { denseModel, linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const mebibyte = 2 ** 20;
let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving | undefined;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  await serving?.stop();
  serving = undefined;
  folder.remove();
});

async function start(options: Partial<ProcessOptions>): Promise<Serving> {
  const file = join(folder.path, 'tried.json');
  serving = await startServing({ ...options, triedNotes: openTriedNotes(file, 'this program') });
  return serving;
}

const linear = (slope: number, version = '1.0.0') => pin(folder.path, version, linearModel(slope, 0));
/** 9 MiB of weights. */
const heavy = (answer: number) =>
  pin(folder.path, '1.0.0', denseModel(768, 4, answer), { placement: 'worker' });
const zeros = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 768], data: new Array(768).fill(0) }] };

function loaded(): string[] {
  const { versions } = serving!.process.report();
  return Object.keys(versions).filter(
    (key) => versions[key]!.state === 'ready' && versions[key]!.isLoaded !== false,
  );
}

async function answerOf(name: string): Promise<unknown> {
  const { status, body } = await inferJson(serving!.port, name, zeros);
  return status === 200 ? body.outputs?.[0]?.data?.[0] : body.code;
}

describe('versions that are loaded by their first request', () => {
  it('are tried first, and ready without being in memory', async () => {
    const { port, process, follow } = await start({ loading: 'lazy' });
    await follow(table(deployment('m', [linear(2)])));
    expect(loaded()).toEqual([]);
    expect(process.report()).toMatchObject({ ready: true, metrics: { loads: 0 } });
    expect(await call(port, '/v2/models/m/ready')).toMatchObject({ status: 200 });
    expect(await call(port, '/v2/models/m')).toMatchObject({ body: { inputs: [{ name: 'x' }] } });
    const answers = await Promise.all([1, 2, 3].map((value) => inferJson(port, 'm', row(value))));
    expect(answers.map(({ body }) => body.outputs?.[0]?.data)).toEqual([[2], [4], [6]]);
    expect(loaded()).toEqual(['production/m/1.0.0']);
    expect(process.report().metrics.loads).toBe(1);
  });

  it('are so by the settings that docs/many-models.md shows, which hold whoever asks meanwhile', async () => {
    const { plugins } = parse(shownBlock('docs/many-models.md', 'yaml settings memory'));
    const { loading, whileLoading, memoryBudget } = servingSettings(plugins.serving);
    const set = { loading, whileLoading, ...(memoryBudget === undefined ? {} : { memoryBudget }) };
    const { port, process, follow } = await start(set);
    const tooLarge = { ...linear(3, '2.0.0'), size: 2 ** 32 + 1 };
    await follow(table(deployment('m', [linear(2)]), deployment('large', [tooLarge])));
    const { versions, metrics } = process.report();
    expect(versions['production/large/2.0.0']).toMatchObject({ reason: 'MemoryBudgetExceeded' });
    expect([loaded(), metrics.versionMemory]).toEqual([[], { taken: 0, budget: 4 * 2 ** 30 }]);
    const answers = await Promise.all([1, 2, 3].map((value) => inferJson(port, 'm', row(value))));
    expect(answers.map(({ status, body }) => [status, body.outputs?.[0]?.data])).toEqual([
      [200, [2]],
      [200, [4]],
      [200, [6]],
    ]);
    expect(loaded()).toEqual(['production/m/1.0.0']);
    expect(process.report().metrics.versionMemory!.taken).toBeGreaterThan(0);
  });

  it('that cannot be served fail before anybody asks', async () => {
    const { follow, process } = await start({ loading: 'lazy' });
    const examples = [
      {
        name: 'twice',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [1] }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [5] }],
      },
    ];
    await follow(table(deployment('m', [{ ...linear(2), examples }])));
    expect(process.report().versions['production/m/1.0.0']).toMatchObject({
      state: 'failed',
      reason: 'ExampleMismatch',
    });
  });

  it('refuse what comes meanwhile, where the operator wants that, and say when to come again', async () => {
    const { port, follow } = await start({ loading: 'lazy', whileLoading: 'refuse' });
    await follow(table(deployment('m', [linear(2)])));
    const refused = await inferJson(port, 'm', row(1));
    expect(refused).toMatchObject({ status: 503, body: { code: 'ModelLoading' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await until(() => loaded().length === 1);
    expect((await inferJson(port, 'm', row(1))).status).toBe(200);
  });

  it('answer nobody later than their deadline', async () => {
    const { port, follow } = await start({ loading: 'lazy' });
    const limits = { maxQueue: 10, timeoutMs: 1 };
    await follow(table(deployment('m', [linear(2)], { limits })));
    expect(await inferJson(port, 'm', row(1))).toMatchObject({
      status: 504,
      body: { code: 'DeadlineExceeded' },
    });
    await until(() => loaded().length === 1);
  });

  it('need not be tried again by the next process', async () => {
    let trials = 0;
    const open = () =>
      new VersionPool({
        startWorker,
        onChange() {},
        parallelLoads: 1,
        loadTimeoutMs: 60_000,
        onDemand: {
          loading: 'lazy',
          whileLoading: 'hold',
          budget: undefined,
          notes: openTriedNotes(join(folder.path, 'tried.json'), 'this program'),
          tryApart: (...given) => {
            trials++;
            return tryApart(...given);
          },
        },
      });
    const pinned = linear(2);
    for (let process = 1; process <= 2; process++) {
      const pool = open();
      const held = pool.acquire(pinned);
      await held.settled();
      await until(() => held.status.state === 'asleep');
      expect(held.model).toMatchObject({ batchable: true });
      pool.release(held);
      await pool.idle();
    }
    expect(trials).toBe(1);
    expect(openTriedNotes(join(folder.path, 'tried.json'), 'another program').get('any')).toBeUndefined();
  });

  it('are in memory, all of them, while a deployment moves from one to another', async () => {
    const { follow } = await start({ loading: 'lazy' });
    const [first, second] = [linear(2), linear(3, '2.0.0')];
    const weights = (candidate: number) => [
      { version: '1.0.0', role: 'stable' as const, weight: 100 - candidate },
      { version: '2.0.0', role: 'candidate' as const, weight: candidate },
    ];
    await follow(table(deployment('m', [first, second], { variants: weights(10) })));
    await until(() => loaded().length === 2);
    await follow(table(deployment('m', [second])));
    await until(() => Object.keys(serving!.process.report().versions).length === 1);
    expect(loaded()).toEqual(['production/m/2.0.0']);
  });
});

describe('a memory budget', () => {
  /** Two of the heavy ones, with their threads. */
  const budget = 60 * mebibyte;
  const all = (...versions: PinnedVersion[]) =>
    table(...versions.map((pinned, index) => deployment(`m${index}`, [pinned])));

  it('has the least recently used give way, and loads it again when it is asked', async () => {
    const { follow, process } = await start({ loading: 'lazy', memoryBudget: budget });
    await follow(all(heavy(10), heavy(11), heavy(12)));
    for (const index of [0, 1, 0, 2]) expect(await answerOf(`m${index}`)).toBe(10 + index);
    const { metrics } = process.report();
    expect(metrics.unloads).toBeGreaterThan(0);
    expect(metrics.versionMemory!.taken).toBeLessThanOrEqual(budget);
    expect(loaded()).toContain('production/m2/1.0.0');
    expect(loaded()).not.toContain('production/m1/1.0.0');
    expect(await answerOf('m1')).toBe(11);
  });

  it('answers everybody, also where all are asked at once and not all have room', {
    timeout: 60_000,
  }, async () => {
    const { follow } = await start({ loading: 'eager', memoryBudget: budget });
    await follow(all(heavy(10), heavy(11), heavy(12), heavy(13)));
    const asked = Array.from({ length: 24 }, (_, index) => index % 4);
    const answers = await Promise.all(asked.map((index) => answerOf(`m${index}`)));
    expect(answers).toEqual(asked.map((index) => 10 + index));
  });

  it('refuses a version that it has no room for at all', async () => {
    const { follow, process } = await start({ loading: 'lazy', memoryBudget: 12 * mebibyte });
    const [candidate, stable] = [heavy(1), { ...linear(2), version: '0.9.0' }];
    await follow(table(deployment('m0', [stable, candidate])));
    await until(() => process.report().versions['production/m0/1.0.0']?.state === 'failed');
    const message = expect.stringMatching(/takes at least \d+ MiB .* by the size of its file.* can never be/);
    expect(process.report().versions['production/m0/1.0.0']).toMatchObject({
      ...{ state: 'failed', reason: 'MemoryBudgetExceeded', message },
    });
    // It was not tried: nothing is known of it but that.
    expect(readFileSync(join(folder.path, 'tried.json'), 'utf8')).not.toContain(candidate.digest);
    await follow(table(deployment('alone', [candidate])));
    for (const what of ['ready', 'infer'])
      expect(
        await call(
          serving!.port,
          `/v2/models/alone/${what}`,
          what === 'ready' ? {} : { body: '{"inputs":[]}' },
        ),
      ).toMatchObject({ status: 503, body: { error: expect.stringContaining('can never be loaded') } });
  });

  describe('of a process that loads several at once', () => {
    const each = 30 * mebibyte;
    /** As many as are held were tried and found to take so much. */
    function poolOf(loading: 'eager' | 'lazy'): { pool: VersionPool; most: () => number } {
      let most = 0;
      const pool: VersionPool = new VersionPool({
        startWorker,
        onChange() {
          most = Math.max(most, pool.takenBytes!);
        },
        parallelLoads: 4,
        loadTimeoutMs: 60_000,
        onDemand: {
          ...{ loading, whileLoading: 'hold', budget: 2 * each, patienceMs: 0 },
          notes: openTriedNotes(join(folder.path, 'tried.json'), 'this program'),
          tryApart: async () => ({
            ...{ inputs: [], outputs: [], batchable: true, runMs: 0.01 },
            memoryBytes: each,
          }),
        },
      });
      return { pool, most: () => most };
    }
    const acquired = (pool: VersionPool) =>
      [2, 3, 4, 5].map((slope) => {
        const held = pool.acquire(linear(slope));
        pool.use(held, { isIdle: true, lastUsed: slope, rested: async () => {} });
        return held;
      });

    it('counts each from the moment that its load begins', async () => {
      const { pool, most } = poolOf('eager');
      const all = acquired(pool);
      await Promise.all(all.map((held) => held.settled()));
      expect(all.map(({ status }) => status.state).sort()).toEqual(['asleep', 'asleep', 'ready', 'ready']);
      expect([most(), pool.takenBytes]).toEqual([2 * each, 2 * each]);
      for (const held of all) pool.release(held);
      await pool.idle();
    });

    it('has those that are asked wait for others to be loaded where only these can give way', async () => {
      const { pool, most } = poolOf('lazy');
      const all = acquired(pool);
      await Promise.all(all.map((held) => held.settled()));
      expect(pool.takenBytes).toBe(0);
      for (const held of all) held.wake();
      await until(() => pool.counts.loads === 4);
      expect(most()).toBe(2 * each);
      for (const held of all) pool.release(held);
      await pool.idle();
    });

    it('counts one that nobody wants any more until its load has ended', async () => {
      const { pool } = poolOf('eager');
      const held = pool.acquire(linear(2));
      await until(() => pool.takenBytes === each);
      expect(held.status.state).toBe('loading');
      pool.release(held);
      expect(pool.takenBytes).toBe(each);
      await pool.idle();
      expect(pool.takenBytes).toBe(0);
    });
  });

  it('refuses a version whose file fits, and what it takes in memory does not', async () => {
    const pool = new VersionPool({
      startWorker,
      onChange() {},
      parallelLoads: 1,
      loadTimeoutMs: 60_000,
      onDemand: {
        loading: 'lazy',
        whileLoading: 'hold',
        budget: 10 * mebibyte,
        notes: openTriedNotes(join(folder.path, 'tried.json'), 'this program'),
        tryApart: async () => ({
          ...{ inputs: [], outputs: [], batchable: true, runMs: 0.1 },
          memoryBytes: 11 * mebibyte,
        }),
      },
    });
    const held = pool.acquire(linear(2));
    await held.settled();
    expect(held.status).toMatchObject({ state: 'failed', message: expect.stringContaining('takes 11 MiB') });
    pool.release(held);
  });
});
