import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { availableParallelism, getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ListeningHandle, openListeningHandle } from '../../../../server/supervisor/listening-handle.ts';
import { until } from '../../../fixtures/until.ts';
import { type Child, forkChild, spawnChild } from './fixtures/child.ts';
import { call, inferJson, row } from './fixtures/client.ts';
import { ControlEnd } from './fixtures/control-end.ts';
import { temporaryFolder } from './fixtures/in-process.ts';
import { fits, startLoad } from './fixtures/load.ts';
import { denseModel, endlessModel, linearModel, pin } from './fixtures/models.ts';
import { deployment, table, writeTable } from './fixtures/tables.ts';

let folder: ReturnType<typeof temporaryFolder>;
let tablePath: string;
let controlPath: string;
let cleanUp: (() => unknown)[];

beforeEach(() => {
  folder = temporaryFolder();
  tablePath = join(folder.path, 'table.json');
  controlPath = join(folder.path, 'control.sock');
  cleanUp = [];
});

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
  folder.remove();
});

async function started(child: Promise<Child>): Promise<Child> {
  const running = await child;
  cleanUp.push(async () => {
    running.process.kill('SIGKILL');
    await running.ended;
  });
  return running;
}

async function control(): Promise<ControlEnd> {
  const end = await ControlEnd.listen(controlPath);
  cleanUp.push(() => end.close());
  return end;
}

async function listening(): Promise<ListeningHandle> {
  const shared = await openListeningHandle('127.0.0.1', 0);
  cleanUp.push(() => shared.close());
  return shared;
}

const double = () => pin(folder.path, '1.0.0', linearModel(2, 0));

describe('an inference process', () => {
  it('loads versions on demand where it is told to, and remembers what it tried', async () => {
    writeTable(tablePath, table(deployment('m', [double()])));
    const end = await control();
    const words = ['--table', tablePath, '--control', controlPath, '--loading', 'lazy'];
    const { port } = await started(spawnChild(...words, '--memory-budget', String(2 ** 30)));
    const reported = () => end.report?.versions['production/m/1.0.0'];
    await until(() => reported()?.state === 'ready');
    expect(reported()).toMatchObject({ reason: 'NotLoaded', onDemand: true, isLoaded: false });
    expect((await inferJson(port, 'm', row(3))).body.outputs?.[0]?.data).toEqual([6]);
    await until(() => end.report?.metrics.loads === 1);
    expect(end.report!.metrics.versionMemory).toMatchObject({ budget: 2 ** 30, taken: expect.any(Number) });
    expect(JSON.parse(readFileSync(join(folder.path, 'tried-0.json'), 'utf8')).tried).toBeTypeOf('object');
  });

  it.runIf(process.platform === 'linux')(
    'has worker threads rank below it, however it ranks itself',
    async () => {
      const end = await control();
      const child = await started(spawnChild('--control', controlPath));
      const { pid } = child.process;
      setPriority(pid!, 10);
      end.publish(
        table(deployment('m', [pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'worker' })])),
      );
      await until(() => end.report?.versions['production/m/1.0.0']?.state === 'ready');
      const ranks = readdirSync(`/proc/${pid}/task`).map((thread) =>
        Number(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1]!.split(' ')[16]),
      );
      expect(ranks).toContain(19);
      expect(getPriority(pid)).toBe(10);
    },
  );

  it.runIf(process.platform === 'linux' && availableParallelism() > 1)(
    'leaves event loops a processor while a version on one is asked, and says how many are left',
    async () => {
      const light = pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'inline' });
      const heavy = pin(folder.path, '2.0.0', linearModel(3, 0), { placement: 'worker' });
      writeTable(tablePath, table(deployment('light', [light]), deployment('heavy', [heavy])));
      const end = await control();
      const { port } = await started(spawnChild('--table', tablePath, '--control', controlPath));
      await until(() => end.report?.workerProcessors !== undefined);
      const all = end.report!.workerProcessors!;
      await inferJson(port, 'heavy', row(1));
      await until(() => end.report!.metrics.versions.some(({ deployment }) => deployment === 'heavy'));
      expect(end.report!.workerProcessors).toBe(all);
      await inferJson(port, 'light', row(1));
      await until(() => end.report!.workerProcessors === all - 1);
    },
  );

  it('ends with status 0 on SIGTERM under load, and no request fails', { timeout: 60_000 }, async () => {
    writeTable(tablePath, table(deployment('linear', [double()])));
    const shared = await listening();
    const first = await started(forkChild(shared, '--table', tablePath, '--id', '0'));
    const second = await started(forkChild(shared, '--table', tablePath, '--id', '1'));
    const load = startLoad(first.port, 'linear', fits({ '1.0.0': 2 }), 16);
    await until(() => load.answered() > 500);
    first.process.kill('SIGINT');
    // As from the system, which tells all of a group.
    first.process.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const before = load.answered();
    await until(() => load.answered() > before + 200);
    expect(await load.stop()).toEqual([]);
    second.process.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  it('answers what is under way when SIGTERM comes', async () => {
    const slow = denseModel(512, 40, 1);
    writeTable(
      tablePath,
      table(deployment('slow', [pin(folder.path, '1.0.0', slow, { placement: 'worker' })])),
    );
    const child = await started(spawnChild('--table', tablePath, '--linger', '0'));
    const rows = 600;
    const agent = new Agent({ keepAlive: true });
    cleanUp.push(() => agent.destroy());
    const body = {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [rows, 512], data: new Array(rows * 512).fill(0) }],
    };
    const asked = inferJson(child.port, 'slow', body, agent);
    await until(async () => (await call(child.port, '/v2/health/live')).status === 200);
    child.process.kill('SIGTERM');
    const answer = await asked;
    expect(answer).toMatchObject({ status: 200, body: { model_version: '1.0.0' } });
    expect(answer.headers.connection).toBe('close');
    expect(await child.ended).toBe(0);
  });

  it('is up at the third start where a version ends each process that loads it', async () => {
    // As native code does that fails on an artifact.
    const killer = join(folder.path, 'killer.mjs');
    writeFileSync(
      killer,
      `import { isMainThread, workerData } from 'node:worker_threads';
if (!isMainThread && workerData?.path?.includes('2.0.0')) process.kill(process.pid, 'SIGKILL');`,
    );
    const bad = pin(folder.path, '2.0.0', linearModel(3, 0));
    writeTable(tablePath, table(deployment('linear', [double(), bad])));
    const { NODE_OPTIONS } = process.env;
    process.env.NODE_OPTIONS = `--import ${killer}`;
    try {
      for (let start = 0; start < 2; start++)
        await expect(spawnChild('--table', tablePath)).rejects.toThrow('ended with SIGKILL');
      const third = await started(spawnChild('--table', tablePath));
      expect(await inferJson(third.port, 'linear', row(7))).toMatchObject({ status: 200 });
      const other = await call(third.port, '/v2/models/linear/versions/2.0.0');
      expect(other.body.error).toContain('2 processes in a row ended while they loaded it');
    } finally {
      if (NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = NODE_OPTIONS;
    }
  });

  it('ends at once on a second SIGTERM', async () => {
    writeTable(tablePath, table(deployment('linear', [double()])));
    const child = await started(spawnChild('--table', tablePath, '--linger', '60000'));
    const agent = new Agent({ keepAlive: true });
    cleanUp.push(() => agent.destroy());
    await inferJson(child.port, 'linear', row(1), agent);
    child.process.kill('SIGTERM');
    await until(() => child.log().includes('draining'));
    child.process.kill('SIGTERM');
    expect(await child.ended).not.toBe(0);
  });

  it('does not wait for a client longer than the drain timeout', async () => {
    writeTable(tablePath, table(deployment('linear', [double()])));
    const child = await started(
      spawnChild('--table', tablePath, '--linger', '60000', '--drain-timeout', '100'),
    );
    const agent = new Agent({ keepAlive: true });
    cleanUp.push(() => agent.destroy());
    await inferJson(child.port, 'linear', row(1), agent);
    child.process.kill('SIGTERM');
    expect(await child.ended).not.toBe(0);
    expect(child.log()).toContain('draining took too long');
  });

  it('drains and ends when its supervisor is gone', async () => {
    const child = await started(forkChild(await listening(), '--table', tablePath));
    child.process.disconnect();
    expect(await child.ended).toBe(0);
  });

  it('that grows beyond its memory limit says so, and gives way once it may', async () => {
    const end = await control();
    const child = await started(
      forkChild(await listening(), '--control', controlPath, '--memory-limit', '1'),
    );
    await until(() => end.report !== undefined);
    // What it had as it began is not held against it.
    const before = end.report!.at;
    await until(() => end.report!.at > before);
    expect(end.report).toMatchObject({ ready: false });
    expect(end.report).not.toHaveProperty('leaving');
    expect(end.report!.memoryLimit).toBeGreaterThan(end.report!.metrics.rssBytes / 2);
    const asked = once(child.process, 'message');
    // 84 MB of weights.
    end.publish(table(deployment('large', [pin(folder.path, '1.0.0', denseModel(1024, 20, 1))])));
    expect(await asked).toEqual([{ type: 'outgrown' }, undefined]);
    expect(child.log()).toContain('MemoryLimitExceeded');
    // It answers until the others are there.
    const { port } = child;
    expect((await call(port, '/v2/health/live')).status).toBe(200);
    child.process.send({ type: 'giveWay' });
    expect(await child.ended).toBe(75);
    expect(end.report).toMatchObject({ leaving: 'memory' });
  });

  it('serves the last table after kill -9 without control', async () => {
    writeTable(tablePath, table(deployment('linear', [double()])));
    const args = ['--table', tablePath, '--control', controlPath] as const;
    const first = await started(spawnChild(...args));
    expect((await inferJson(first.port, 'linear', row(4))).status).toBe(200);
    first.process.kill('SIGKILL');
    await first.ended;
    const second = await started(spawnChild(...args));
    const answer = await inferJson(second.port, 'linear', row(4));
    expect(answer).toMatchObject({ status: 200, body: { model_version: '1.0.0', outputs: [{ data: [8] }] } });
  });

  it('takes no connection before the last table is loaded', async () => {
    const large = pin(folder.path, '1.0.0', denseModel(768, 12, 1), { placement: 'worker' });
    writeTable(tablePath, table(deployment('large', [large])));
    const child = await started(forkChild(await listening(), '--table', tablePath));
    expect(await call(child.port, '/v2/models/large/ready')).toMatchObject({ status: 200 });
  });

  it('listens at once where there is no table, and says that it is not ready', async () => {
    const child = await started(spawnChild('--table', tablePath));
    expect(await call(child.port, '/v2/health/live')).toMatchObject({ status: 200 });
    expect(await call(child.port, '/v2/health/ready')).toMatchObject({ status: 503, body: { ready: false } });
    expect(await inferJson(child.port, 'linear', row(1))).toMatchObject({ status: 404 });
  });

  it('says that a table is broken, and follows the next one', async () => {
    writeFileSync(tablePath, '{"format": 1, "revision"');
    const end = await control();
    const child = await started(spawnChild('--table', tablePath, '--control', controlPath));
    expect(child.log()).toContain('the last routing table cannot be used');
    await until(() => end.report?.tableError !== undefined);
    end.publish(table(deployment('linear', [double()])));
    await until(() => end.report?.routes['production/linear'] !== undefined);
    expect(end.report?.tableError).toBeUndefined();
    end.publish({ format: 1, revision: 5, publishedAt: 'now', deployments: [{ environment: 'production' }] });
    await until(() => end.report?.tableError?.includes('/deployments/0/name') ?? false);
    end.sendLine('no JSON');
    expect((await inferJson(child.port, 'linear', row(1))).status).toBe(200);
  });

  it('finds control again when it comes back, and serves meanwhile', async () => {
    const gone = await control();
    const child = await started(spawnChild('--id', '7', '--control', controlPath));
    await until(() => gone.hellos.length === 1);
    expect(gone.hellos[0]).toMatchObject({ id: '7', pid: child.process.pid });
    const entry = deployment('linear', [double()]);
    gone.publish(table(entry));
    await until(() => gone.report?.routes['production/linear'] === entry.generation);
    await gone.close();
    expect(existsSync(controlPath)).toBe(false);
    expect((await inferJson(child.port, 'linear', row(1))).status).toBe(200);

    const back = await control();
    await until(() => back.hellos.length === 1 && back.report !== undefined);
    expect(back.report).toMatchObject({ routes: { 'production/linear': entry.generation }, ready: true });
    expect(back.report?.versions['production/linear/1.0.0']).toMatchObject({
      state: 'ready',
      placement: 'inline',
    });
    await until(() => back.report?.metrics.versions[0]?.requests[200] === 1);
  });

  it('gives up on a model that never ends, and on nothing else', async () => {
    const endless = deployment('endless', [pin(folder.path, '1.0.0', endlessModel())]);
    writeTable(tablePath, table(endless, deployment('linear', [double()])));
    const child = await started(spawnChild('--table', tablePath, '--load-timeout', '4000', '--linger', '0'));
    const answer = await inferJson(child.port, 'endless', row(1));
    expect(answer).toMatchObject({ status: 503, body: { code: 'ModelFailed' } });
    expect(answer.body.error).toContain('LoadTimedOut');
    expect((await inferJson(child.port, 'linear', row(1))).status).toBe(200);
    child.process.kill('SIGTERM');
    expect(await child.ended).toBe('SIGKILL');
  });

  it('refuses options that it does not know', async () => {
    await expect(spawnChild('--colour', 'red')).rejects.toThrow(/InvalidOption/);
    await expect(spawnChild('--body-limit', '100', '--body-budget', '199')).rejects.toThrow(/from 200 on/);
    await expect(spawnChild('--drain-timeout', 'soon')).rejects.toThrow(/InvalidOption/);
  });
});
