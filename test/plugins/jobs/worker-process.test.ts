import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorkerProcess } from '../../../plugins/jobs/worker-process.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';
import { until } from '../../fixtures/until.ts';

const node = process.execPath;
let folder: string;
let log: RecordingLog;
let worker: WorkerProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-worker-'));
  log = recordingLog();
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs';
     process.on('message', () => process.exit(0));
     writeFileSync(${JSON.stringify(started())}, '');\n`,
  );
  worker = new WorkerProcess({ program, start: {} as never, log });
  // As where the system has no room for another process: nothing comes of it but an error.
  process.execPath = join(folder, 'no-such-program');
});

afterEach(async () => {
  process.execPath = node;
  await worker.close();
  rmSync(folder, { recursive: true, force: true });
});

const started = () => join(folder, 'started');
const isTold = (what: string) => log.lines.some(({ message }) => message.includes(what));

describe('the worker of jobs', () => {
  it('is started anew where it could not be started', async () => {
    worker.begin();
    await until(() => isTold('it is started anew'));
    process.execPath = node;
    await until(() => existsSync(started()));
  });

  it('tells once a minute at most that jobs cannot be written', async () => {
    process.execPath = node;
    const program = join(folder, 'full.mjs');
    writeFileSync(
      program,
      `import { writeFileSync } from 'node:fs';
       process.on('message', () => process.exit(0));
       for (const job of ['one', 'two']) process.send({ job, unwritten: 'ENOSPC' });
       writeFileSync(${JSON.stringify(started())}, '');\n`,
    );
    worker = new WorkerProcess({ program, start: {} as never, log });
    worker.begin();
    await until(() => existsSync(started()) && isTold('jobs cannot be written'));
    await worker.close();
    const told = log.lines.filter(({ message }) => message.includes('jobs cannot be written'));
    expect(told).toMatchObject([{ facts: { job: 'one', code: 'ENOSPC' } }]);
  });

  it('is closed where it could not be started', async () => {
    worker.begin();
    await until(() => isTold('did not start'));
    await worker.close();
    expect(worker.pid).toBeUndefined();
  });
});
