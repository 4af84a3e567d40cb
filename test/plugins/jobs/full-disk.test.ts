import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  cancelJob,
  createJob,
  readJob,
  resultFile,
  rowsFile,
} from '../../../libraries/prediction-jobs/index.ts';
import { jobRoutes } from '../../../plugins/jobs/routes.ts';
import { Turns } from '../../../plugins/jobs/worker/turns.ts';
import { type Worked, workJob } from '../../../plugins/jobs/worker/work-job.ts';
import { canMount } from '../../fixtures/mounting.ts';
import { call } from '../serving/dataplane/fixtures/client.ts';
import { type Serving, startServing } from '../serving/dataplane/fixtures/in-process.ts';
import { linearModel, pin } from '../serving/dataplane/fixtures/models.ts';
import { deployment, table } from '../serving/dataplane/fixtures/tables.ts';

const rows = 2_000;
let folder: string;
let disk: string;
let serving: Serving;

describe.skipIf(!canMount())('a job on a full disk (needs root and mount)', () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-full-'));
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,nr_inodes=64', 'tmpfs', disk]);
    serving = await startServing();
    await serving.follow(table(deployment('linear', [pin(folder, '1.0.0', linearModel(2, 0))])));
  });

  afterEach(async () => {
    await serving.stop();
    execFileSync('umount', [disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('says that it waits for room, and goes on behind what was written once there is some', async () => {
    const id = await submit();
    fill(64 * 1024);
    expect(await work(id)).toEqual({ how: 'unwritten', code: 'ENOSPC' });
    const full = (await readJob(disk, id))!.progress;
    expect(full).toMatchObject({ state: 'running', waiting: 'the disk takes no more (ENOSPC)' });
    expect(full.rows).toBeGreaterThan(0);
    expect(full.rows).toBeLessThan(rows);
    rmSync(join(disk, 'fill'));
    expect(await work(id)).toEqual({ how: 'ended' });
    const { state, waiting, error } = (await readJob(disk, id))!.progress;
    expect({ state, waiting, error }).toEqual({ state: 'done', waiting: undefined, error: undefined });
    const lines = readFileSync(resultFile(disk, id), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { row: number }).row)).toEqual(
      Array.from({ length: rows }, (_, row) => row),
    );
  });

  it('is cancelled, and lets go of its rows', async () => {
    const id = await submit();
    fill(64 * 1024);
    await work(id);
    await cancelJob(disk, id);
    expect(await work(id)).toEqual({ how: 'ended' });
    expect((await readJob(disk, id))?.progress.state).toBe('cancelled');
    expect(existsSync(rowsFile(disk, { id, format: 'csv' }))).toBe(false);
  });

  it('is cancelled where there is no room at all: that of its rows is enough to say so', async () => {
    const id = await submit();
    await cancelJob(disk, id);
    fill(0);
    expect(await work(id)).toEqual({ how: 'ended' });
    expect((await readJob(disk, id))?.progress.state).toBe('cancelled');
  });

  it('is said to go on where it cannot be written down that it is to end, over both ports', async () => {
    const id = await submit();
    const { job, key } = { job: (await readJob(disk, id))!.job, key: '0'.repeat(32) };
    writeFileSync(join(disk, id, 'job.json'), JSON.stringify({ ...job, key }));
    await serving.follow({
      ...table(deployment('linear', [pin(folder, '1.0.0', linearModel(2, 0))])),
      jobs: { folder: disk, mostJobs: 9, mostBytes: 1e9 },
    });
    takeInodes();
    const routes = jobRoutes({ folder: disk, limits: { mostJobs: 9, mostBytes: 1e9 }, largestFile: 9 });
    await expect(
      routes(new Request('http://localhost/', { method: 'DELETE' }), `jobs/${id}`),
    ).rejects.toMatchObject({
      code: 'JobNotCancelled',
      status: 503,
      message: expect.stringContaining('ENOSPC'),
    });
    const told = await call(serving.port, `/v2/jobs/${id}.${key}`, { method: 'DELETE' });
    expect([told.status, told.body.code, told.headers['retry-after']]).toEqual([503, 'JobNotCancelled', '5']);
    expect((await readJob(disk, id))?.isCancelled).toBe(false);
  });

  it('is not taken from the status API, which says so and leaves nothing behind', async () => {
    fill(16 * 1024);
    const limits = { mostJobs: 9, mostBytes: 1e9 };
    const sent = jobRoutes({ folder: join(disk, 'jobs'), limits, largestFile: 1e6 })(
      new Request('http://localhost/jobs?deployment=linear', {
        ...{ method: 'POST', body: `x\n${'1\n'.repeat(100_000)}` },
        headers: { 'content-type': 'text/csv' },
      }),
      'jobs',
    );
    await expect(sent).rejects.toMatchObject({
      code: 'JobsNotKept',
      status: 503,
      message: expect.stringContaining('ENOSPC'),
    });
    expect(readdirSync(join(disk, 'jobs'))).toEqual([]);
  });

  function submit(): Promise<string> {
    const text = `x\n${Array.from({ length: rows }, (_, row) => `${row}\n`).join('')}`;
    const about = { deployment: 'linear', format: 'csv' } as const;
    return createJob(disk, { mostJobs: 9, mostBytes: 1e9 }, about, async (path) => {
      writeFileSync(path, text);
      return text.length;
    }).then((job) => job.id);
  }

  /** Leaves so many bytes. */
  function fill(left: number): void {
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'fill'), Buffer.alloc(bavail * bsize - left));
  }

  /** Leaves no room for another file, however small it is. */
  function takeInodes(): void {
    for (let count = 0; count < 64; count++)
      try {
        writeFileSync(join(disk, `inode-${count}`), '');
      } catch {
        return;
      }
    throw new Error('the disk takes any number of files');
  }

  async function work(id: string): Promise<Worked> {
    return workJob((await readJob(disk, id))!, {
      ...{ folder: disk, server: `http://127.0.0.1:${serving.port}`, keepMs: 60_000, mostBytes: 1e9 },
      ...{ signal: new AbortController().signal, hasOthers: () => false, turns: new Turns() },
    });
  }
});
