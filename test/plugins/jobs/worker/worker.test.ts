import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageFile } from '../../../../libraries/package-files/index.ts';
import { cancelJob, createJob, readJob, resultFile } from '../../../../libraries/prediction-jobs/index.ts';
import { socketPath, tryLock } from '../../../../libraries/socket-lock/index.ts';
import { WorkerProcess } from '../../../../plugins/jobs/worker-process.ts';
import { writeParquet } from '../../../fixtures/parquet-file.ts';
import { recordingLog } from '../../../fixtures/recording-log.ts';
import { until } from '../../../fixtures/until.ts';
import { type Serving, startServing } from '../../serving/dataplane/fixtures/in-process.ts';
import { linearModel, pin } from '../../serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../../serving/dataplane/fixtures/tables.ts';

let folder: string;
let serving: Serving;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-worker-'));
  serving = await startServing();
  await serving.follow(table(deployment('linear', [pin(folder, '1.0.0', linearModel(2, 0))])));
});

afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await serving.stop();
  await rm(folder, { recursive: true, force: true });
});

function startWorker(keepMs = 60_000, atOnce = 8): ChildProcess {
  const start = { folder, server: `http://127.0.0.1:${serving.port}`, keepMs, mostBytes: 1e9, atOnce };
  const env = { PATH: process.env.PATH, PREDICTION_JOBS: JSON.stringify(start) };
  const worker = fork(packageFile('dist/plugins/jobs/worker/main.js'), {
    env,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    execArgv: [],
  });
  workers.push(worker);
  return worker;
}

async function job(rows: number, name = 'linear'): Promise<string> {
  const text = `x\n${Array.from({ length: rows }, (_, index) => `${index}\n`).join('')}`;
  const { id } = await createJob(
    folder,
    { mostJobs: 99, mostBytes: 1e9 },
    { deployment: name, format: 'csv' },
    async (path) => {
      await writeFile(path, text);
      return text.length;
    },
  );
  return id;
}

/** The process that works; whoever has just begun may be too busy to say so. */
async function holder(): Promise<number> {
  let pid: number | undefined;
  await until(
    async () => {
      const held = await tryLock(socketPath(folder, '.worker'));
      if ('release' in held) await held.release();
      else pid = held.pid;
      return pid !== undefined;
    },
    { deadlineMs: 60_000 },
  );
  return pid!;
}

const progressOf = async (id: string) => (await readJob(folder, id))?.progress;

it('goes on after a kill, behind what was done, and there is never a second one', {
  timeout: 150_000,
}, async () => {
  const rows = 4_000;
  const id = await job(rows);
  const started = [startWorker(), startWorker()];
  await until(async () => ((await progressOf(id))?.rows ?? 0) > 0, { deadlineMs: 60_000 });
  // One of them works, the other one waits.
  const works = await holder();
  const first = started.find(({ pid }) => pid === works)!;
  const second = started.find((worker) => worker !== first)!;
  first.kill('SIGKILL');
  await once(first, 'exit');
  const killed = (await progressOf(id))!;
  expect(killed.state).toBe('running');
  expect(killed.rows).toBeLessThan(rows);
  const done = (await readFile(resultFile(folder, id))).subarray(0, killed.bytes);
  await until(async () => (await progressOf(id))?.state === 'done', { deadlineMs: 60_000 });
  expect(await holder()).toBe(second.pid);
  expect((await progressOf(id))?.rows).toBe(rows);
  const result = await readFile(resultFile(folder, id));
  // The ids of its predictions are the same.
  expect(result.subarray(0, done.length).equals(done)).toBe(true);
  const lines = result.toString().trimEnd().split('\n');
  const answers = lines.map((line) => JSON.parse(line) as { row: number; prediction: { y: number } });
  expect(answers.map(({ row }) => row)).toEqual(Array.from({ length: rows }, (_, row) => row));
  expect(answers.every(({ row, prediction }) => prediction.y === row * 2)).toBe(true);
  second.send('close');
  expect((await once(second, 'exit'))[0]).toBe(0);
});

it.each([1, 8])(
  'lets others pass while a job waits for its deployment, %i at once',
  {
    timeout: 150_000,
  },
  async (atOnce) => {
    const stuck = await job(1, 'missing');
    const worker = startWorker(60_000, atOnce);
    await until(async () => (await progressOf(stuck))?.waiting !== undefined, { deadlineMs: 60_000 });
    const other = await job(1);
    await until(async () => (await progressOf(other))?.state === 'done', { deadlineMs: 60_000 });
    const { state, waiting } = (await progressOf(stuck))!;
    expect(state).toBe('running');
    expect(waiting).toContain('"missing"');
    // Whoever has its turn again is ended like any other.
    await cancelJob(folder, stuck);
    await until(async () => (await progressOf(stuck))?.state === 'cancelled', { deadlineMs: 60_000 });
    worker.disconnect();
    await once(worker, 'exit');
  },
);

it('works a Parquet file as Polars compresses it, and fails those that would fill the memory or be read for ever', {
  timeout: 150_000,
}, async () => {
  const ofFile = (name: string, damagedAt?: number) =>
    createJob(
      folder,
      { mostJobs: 99, mostBytes: 1e9 },
      { deployment: 'linear', format: 'parquet', missing: { x: '-1' } },
      async (path) => {
        const bytes = await readFile(packageFile(`test/fixtures/parquet/${name}.parquet`));
        if (damagedAt !== undefined) bytes[damagedAt]! ^= 0xff;
        await writeFile(path, bytes);
        return bytes.length;
      },
    );
  const endless = [await ofFile('pyarrow-zstd', 392), await ofFile('pyarrow-lz4', 3593)];
  const [large, usual] = [await ofFile('large-page-brotli'), await ofFile('polars-zstd')];
  const worker = startWorker();
  for (const { id } of [...endless, large, usual])
    await until(async () => /done|failed/.test((await progressOf(id))?.state ?? ''), { deadlineMs: 60_000 });
  // One worker did it all: none ended.
  expect(await holder()).toBe(worker.pid);
  worker.disconnect();
  await once(worker, 'exit');
  for (const { id } of endless)
    expect(await progressOf(id)).toMatchObject({
      state: 'failed',
      error: { code: 'DataFileUnusable', message: expect.stringContaining('damaged or cut short') },
    });
  expect(await progressOf(usual.id)).toMatchObject({ state: 'done', rows: 600, failed: 0 });
  expect(await progressOf(large.id)).toMatchObject({
    state: 'failed',
    error: {
      code: 'DataFileUnusable',
      message: expect.stringContaining('one of its pages has 300000010 bytes'),
    },
  });
});

it('gives up a job whose file ends the worker again and again, and no other', {
  timeout: 150_000,
}, async () => {
  const { id: deadly } = await createJob(
    folder,
    { mostJobs: 99, mostBytes: 1e9 },
    { deployment: 'linear', format: 'parquet' },
    async (path) => {
      await writeParquet(path, 'SELECT 1::INTEGER AS x');
      return (await stat(path)).size;
    },
  );
  const other = await job(1);
  const log = recordingLog();
  const program = join(folder, 'worker.mjs');
  const main = pathToFileURL(packageFile('dist/plugins/jobs/worker/main.js')).href;
  // Whoever opens the Parquet file is gone, as where memory had no room for it.
  await writeFile(
    program,
    `import files from 'node:fs/promises';
     import { syncBuiltinESMExports } from 'node:module';
     const { open } = files;
     files.open = (path, ...more) => {
       if (String(path).endsWith('rows.parquet')) process.kill(process.pid, 'SIGKILL');
       return open(path, ...more);
     };
     syncBuiltinESMExports();
     await import(${JSON.stringify(main)});\n`,
  );
  const start = {
    folder,
    server: `http://127.0.0.1:${serving.port}`,
    keepMs: 60_000,
    mostBytes: 1e9,
    atOnce: 8,
  };
  const process = new WorkerProcess({ program, start, log });
  process.begin();
  await until(async () => (await progressOf(deadly))?.state === 'failed', { deadlineMs: 60_000 });
  expect((await progressOf(deadly))?.error?.code).toBe('JobEndsWorker');
  await until(async () => (await progressOf(other))?.state === 'done', { deadlineMs: 20_000 });
  expect(log.lines.filter(({ message }) => message.includes('it is started anew'))).toHaveLength(3);
  await process.close();
});

it('does not let a small job wait for a large one', { timeout: 150_000 }, async () => {
  const large = await job(100_000);
  const worker = startWorker();
  await until(async () => ((await progressOf(large))?.rows ?? 0) > 0, { deadlineMs: 60_000 });
  const small = await job(1);
  await until(async () => (await progressOf(small))?.state === 'done', { deadlineMs: 60_000 });
  const { state, rows } = (await progressOf(large))!;
  expect(state).toBe('running');
  expect(rows).toBeLessThan(100_000);
  await cancelJob(folder, large);
  await until(async () => (await progressOf(large))?.state === 'cancelled', { deadlineMs: 60_000 });
  worker.disconnect();
  await once(worker, 'exit');
});

it('prints no warning where many small jobs end one after the other', { timeout: 150_000 }, async () => {
  const jobs = await Promise.all(Array.from({ length: 40 }, () => job(1)));
  const worker = startWorker();
  let printed = '';
  worker.stderr!.on('data', (piece: Buffer) => {
    printed += piece.toString();
  });
  for (const id of jobs)
    await until(async () => (await progressOf(id))?.state === 'done', { deadlineMs: 60_000 });
  const ended = once(worker.stderr!, 'close');
  worker.disconnect();
  await ended;
  expect(printed).toBe('');
});

it('puts away what is kept no longer, ends what nobody wants, and ends with whoever started it', {
  timeout: 150_000,
}, async () => {
  const id = await job(1);
  const unwanted = await job(100_000);
  await cancelJob(folder, unwanted);
  const worker = startWorker(1_000);
  await until(async () => (await progressOf(unwanted))?.state === 'cancelled', { deadlineMs: 60_000 });
  await until(async () => (await readJob(folder, id)) === undefined, { deadlineMs: 60_000 });
  worker.disconnect();
  await once(worker, 'exit');
});
