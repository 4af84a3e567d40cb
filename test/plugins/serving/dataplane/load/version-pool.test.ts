import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VersionPool } from '../../../../../plugins/serving/dataplane/load/version-pool.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { until } from '../../../../fixtures/until.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';

let folder: ReturnType<typeof temporaryFolder>;
let pool: VersionPool;
let starts: number;

beforeEach(() => {
  folder = temporaryFolder();
  starts = 0;
  pool = new VersionPool({
    startWorker: (data) => {
      starts++;
      return startWorker(data);
    },
    onChange: () => {},
    parallelLoads: 1,
    loadTimeoutMs: 60_000,
    firstRetryMs: 50,
  });
});

afterEach(async () => {
  await pool.idle();
  folder.remove();
});

describe('the pool of versions', () => {
  it('tries a version that failed again by itself, and ever more slowly', async () => {
    const pinned = pin(folder.path, '1.0.0', linearModel(2, 0));
    const whole = readFileSync(pinned.path);
    writeFileSync(pinned.path, 'cut');
    const held = pool.acquire(pinned);
    await until(() => pool.counts.failures === 2 && held.status.state === 'failed');
    expect(held.status).toMatchObject({ state: 'failed', reason: 'DigestMismatch' });
    writeFileSync(pinned.path, whole);
    await until(() => held.status.state === 'ready');
    pool.release(held);
  });

  it('does not load what was let go of before its turn came', async () => {
    const [first, second] = [
      pin(folder.path, '1.0.0', linearModel(2, 0)),
      pin(folder.path, '2.0.0', linearModel(3, 0)),
    ];
    const held = pool.acquire(first);
    pool.release(pool.acquire(second));
    await held.settled();
    pool.release(held);
    await pool.idle();
    expect(starts).toBe(1);
  });

  it('ends what was let go of while it was being loaded', async () => {
    const held = pool.acquire(pin(folder.path, '1.0.0', linearModel(2, 0)));
    pool.release(held);
    await pool.idle();
    expect(held.status.state).toBe('loading');
    expect(pool.counts).toEqual({ loads: 0, failures: 0, restarts: 0 });
  });

  it('refuses to be let go of more often than it was acquired', async () => {
    const held = pool.acquire(pin(folder.path, '1.0.0', linearModel(2, 0)));
    pool.release(held);
    expect(() => pool.release(held)).toThrow('more often');
  });
});
