import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VersionPool } from '../../../../../plugins/serving/dataplane/load/version-pool.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { until } from '../../../../fixtures/until.ts';
import { spawnChild } from '../fixtures/child.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { endlessModel, linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

let folder: ReturnType<typeof temporaryFolder>;
const opened: (() => void)[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  for (const close of opened.splice(0)) close();
  folder.remove();
});

const endless = 1e15;
const good = () => pin(folder.path, '1.0.0', linearModel(2, 0));
const bad = (placement?: 'worker') =>
  pin(folder.path, '2.0.0', endlessModel({ byInput: true }), placement === undefined ? {} : { placement });

describe('a run that does not end', { timeout: 120_000 }, () => {
  it('in a thread of its own costs that thread: another answers what waited', async () => {
    const path = join(folder.path, 'table.json');
    const limits = { maxQueue: 100, timeoutMs: 300 };
    writeFileSync(path, JSON.stringify(table(deployment('m', [bad('worker')], { limits }))));
    // A process of its own: a thread that never ends could not be ended here.
    const child = await spawnChild('--table', path);
    opened.push(() => void child.process.kill('SIGKILL'));
    expect((await inferJson(child.port, 'm', row(2))).status).toBe(200);
    expect(await inferJson(child.port, 'm', row(endless))).toMatchObject({
      status: 504,
      body: { code: 'DeadlineExceeded' },
    });
    await until(async () => (await inferJson(child.port, 'm', row(2))).status === 200, {
      deadlineMs: 60_000,
    });
    expect(child.log()).toContain('its thread cannot be ended');
  });

  it('on the event loop ends the process, and the next one runs that version in a thread', async () => {
    const path = join(folder.path, 'table.json');
    const limits = { maxQueue: 100, timeoutMs: 300 };
    const deployments = [deployment('m', [bad()], { limits }), deployment('n', [good()])];
    writeFileSync(path, JSON.stringify(table(...deployments)));
    const first = await spawnChild('--table', path, '--hang-after', '500', '--id', '3');
    opened.push(() => void first.process.kill('SIGKILL'));
    expect((await inferJson(first.port, 'm', row(2))).status).toBe(200);
    await expect(inferJson(first.port, 'm', row(endless))).rejects.toThrow();
    expect(await first.ended).toBe('SIGKILL');
    expect(first.log()).toContain('"code":"RunStuck"');
    expect(JSON.parse(readFileSync(join(folder.path, 'hung-3.json'), 'utf8'))).toMatchObject({
      hung: [expect.stringContaining('sha256:')],
    });

    const second = await spawnChild('--table', path, '--hang-after', '500', '--id', '3');
    opened.push(() => void second.process.kill('SIGKILL'));
    expect((await inferJson(second.port, 'm', row(endless))).status).toBe(504);
    // Whoever shares the process with it goes on.
    expect((await inferJson(second.port, 'n', row(4))).body.outputs?.[0]?.data).toEqual([8]);
    expect(await call(second.port, '/v2/health/live')).toMatchObject({ status: 200 });
  });

  it('is remembered of its version, however quickly the thread was replaced', async () => {
    let told = 0;
    const onStuck = (): void => void told++;
    const pool = new VersionPool({
      startWorker,
      onStuck,
      onChange: () => {},
      parallelLoads: 1,
      loadTimeoutMs: 60_000,
    });
    const held = pool.acquire(pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'worker' }));
    await held.settled();
    const { status } = held;
    if (status.state !== 'ready') throw new Error('it is not ready');
    status.executor.giveUp?.();
    expect(held.status).toMatchObject({ state: 'loading', reason: 'RunStuck' });
    await held.settled();
    expect(held.status).toMatchObject({ state: 'ready' });
    expect([held.stuckRuns, told]).toEqual([1, 1]);
    pool.release(held);
    await pool.idle();
  });
});
