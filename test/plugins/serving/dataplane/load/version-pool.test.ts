import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VersionPool } from '../../../../../plugins/serving/dataplane/load/version-pool.ts';
import { readInferenceRequest } from '../../../../../plugins/serving/dataplane/protocol/request-reader.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import type { FromThread } from '../../../../../plugins/serving/dataplane/run/thread-messages.ts';
import { giveBack } from '../../../../../plugins/serving/dataplane/tensor/row-memory.ts';
import { until } from '../../../../fixtures/until.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';

let folder: ReturnType<typeof temporaryFolder>;
let pool: VersionPool;
let starts: number;
let letGo: number;
/** What was handed over to make sessions of. */
let files: Uint8Array[];

beforeEach(() => {
  folder = temporaryFolder();
  starts = 0;
  letGo = 0;
  files = [];
  pool = new VersionPool({
    startWorker: (data) => {
      starts++;
      const worker = startWorker(data);
      worker.on('message', ({ bytes }: FromThread & { readonly bytes?: Uint8Array }) => {
        if (bytes !== undefined) files.push(bytes);
      });
      return worker;
    },
    onChange: () => {},
    onLetGo: () => {
      letGo++;
    },
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
    expect(pool.counts).toEqual({ loads: 0, failures: 0, restarts: 0, unloads: 0 });
  });

  it('frees what it was loaded from at once, and what its requests were read into when it is let go of', async () => {
    const held = pool.acquire({ ...pin(folder.path, '1.0.0', linearModel(2, 0)), placement: 'inline' });
    await held.settled();
    expect(held.status).toMatchObject({ state: 'ready', placement: 'inline' });
    expect(files).toHaveLength(1);
    expect(files[0]!.byteLength).toBe(0);

    const body = Buffer.from('{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[3]}]}');
    const read = () => readInferenceRequest(body, undefined, held.model!).inputs;
    // One that is like none before it is parsed, and has memory of its own.
    read();
    const [answered] = read();
    giveBack([answered!], []);
    expect(letGo).toBe(0);
    pool.release(held);
    expect((answered!.data as Float32Array).buffer.byteLength).toBe(0);
    await pool.idle();
    await until(() => letGo === 1);
  });

  it('refuses to be let go of more often than it was acquired', async () => {
    const held = pool.acquire(pin(folder.path, '1.0.0', linearModel(2, 0)));
    pool.release(held);
    expect(() => pool.release(held)).toThrow('more often');
  });
});
