/** A file system that is full, for both who hand in and who keep. Where none can be mounted, the title says so. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logPaths } from '../../../plugins/prediction-log/paths.ts';
import { defaultLogSettings } from '../../../plugins/prediction-log/settings.ts';
import { PredictionStore } from '../../../plugins/prediction-log/store/prediction-store.ts';
import { LoggedVersion } from '../../../plugins/serving/dataplane/logging/logged-version.ts';
import { PredictionLog } from '../../../plugins/serving/dataplane/logging/prediction-log.ts';
import type { ModelInterface } from '../../../plugins/serving/dataplane/protocol/model-interface.ts';
import { canMount } from '../../fixtures/mounting.ts';
import { until } from '../../fixtures/until.ts';
import { linearModel, pin } from '../serving/dataplane/fixtures/models.ts';
import { deployment } from '../serving/dataplane/fixtures/tables.ts';
import { handIn, idAt, key } from './predictions.ts';

const forever = new AbortController().signal;
let folder: string;
let disk: string;

describe.skipIf(!canMount())('a full disk (needs root and mount)', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-full-'));
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  });

  afterEach(() => {
    execFileSync('umount', [disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('costs an inference process what finds no room, counted, and nothing once there is room', async () => {
    const inbox = join(disk, 'inbox');
    const keyFile = join(folder, 'key');
    mkdirSync(inbox);
    writeFileSync(keyFile, key);
    const model: ModelInterface = {
      batchable: true,
      inputs: [{ name: 'speed', datatype: 'FP32', shape: [-1, 1] }],
      outputs: [],
    };
    const entry = deployment('bird-strike', [pin(folder, '1.0.0', linearModel(1, 0))]);
    const version = new LoggedVersion(entry, '1.0.0', 'stable', { sample: 1, redact: [] });
    const log = new PredictionLog({ process: '0', log: () => {}, flushMs: 5, slots: 50, mostBytes: 20_000 });
    log.follow({ inbox, keyFile });
    const speed = { datatype: 'FP32' as const, shape: [1, 1], data: Float32Array.of(210) };
    const predict = () => log.take(version, model, idAt(Date.now()), [speed], [], 1, { headers: {} });
    const isTold = () => log.counts().trouble === 'ENOSPC';
    const isWritten = ({ taken, written, dropped } = log.counts()) => taken === written + dropped;

    fill();
    for (let index = 0; index < 30; index++) predict();
    await until(isTold);
    // It is tried again and again meanwhile, so that a draft may be there.
    expect(readdirSync(inbox).filter((name) => !name.endsWith('.draft'))).toEqual([]);
    for (let index = 0; index < 1_000; index++) predict();
    const { dropped } = log.counts();
    expect(dropped).toBeGreaterThan(0);
    makeRoom();
    await until(isWritten);
    predict();
    await until(() => log.counts().taken === 1_031 && isWritten());
    expect(log.counts()).toEqual({ taken: 1_031, written: 1_031 - dropped, dropped });
    await log.close();
  });

  it('lets the log answer, keeps what was handed in, and damages no file', async () => {
    const paths = logPaths(disk);
    mkdirSync(paths.inbox, { recursive: true });
    writeFileSync(paths.keyFile, key);
    let now = Date.now();
    const open = () =>
      PredictionStore.open({
        ...{ paths, now: () => now, log: () => {} },
        settings: { ...defaultLogSettings, memory: 256 * 1024 ** 2, writeEveryMs: 0 },
      });
    const count = async (store: PredictionStore) =>
      (await store.query({ sql: 'SELECT count(*)::INTEGER FROM predictions', limit: 1 }, forever)).rows;

    let store = await open();
    handIn(paths.inbox, [{}]);
    await store.tick();
    const [id = ''] = handIn(paths.inbox, [{}]);
    fill();
    await store.tick();
    expect((await store.status()).trouble).toMatch(/No space left|ENOSPC/);
    await store.tidy();
    expect(await count(store)).toEqual([[2]]);
    await expect(store.label([{ id, row: 0, value: 1 }])).rejects.toThrow('ENOSPC');
    await expect(store.erase('ada')).rejects.toMatchObject({ code: 'ErasureIncomplete' });
    await store.close();
    store = await open();
    expect(await count(store)).toEqual([[2]]);
    makeRoom();
    now += 120_000;
    await store.tick();
    const { trouble, counts, predictions } = await store.status();
    expect({ trouble, unreadable: counts.unreadable, predictions }).toEqual({
      ...{ trouble: undefined, unreadable: 0, predictions: 2 },
    });
    expect(readdirSync(paths.inbox)).toEqual([]);
    await store.close();
  });
});

/** Takes all the room that is left, to the last page. */
function fill(): void {
  for (let size = 1024 * 1024; size >= 4096; ) {
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(size), { flag: 'a' });
    } catch {
      size /= 2;
    }
  }
}

function makeRoom(): void {
  rmSync(join(disk, 'filler'));
}
