import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import {
  createJob,
  JobsFullError,
  listJobs,
  readJob,
  removeJob,
  writeProgress,
} from '../../../libraries/prediction-jobs/index.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-prediction-jobs-'));
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('takes the room of a job that is gone, whatever clock the machine was set to meanwhile', async () => {
  const limits = { mostJobs: 10, mostBytes: 4_096 };
  const put = () =>
    createJob(folder, limits, { deployment: 'm', format: 'csv' }, async (path) => {
      await writeFile(path, 'x'.repeat(3_000));
      return 3_000;
    });
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  const { id } = await put();
  await expect(put()).rejects.toThrow(JobsFullError);
  await removeJob(folder, id);
  vi.advanceTimersByTime(6_000);
  vi.setSystemTime(Date.now() - 3_600_000);
  await put();
});

const ended = { state: 'done', rows: 1, failed: 0, bytes: 9, read: 1 } as const;

async function ofJobs(name: string, count: number): Promise<readonly string[]> {
  const about = { deployment: 'm', format: 'csv' } as const;
  const limits = { mostJobs: 1_000, mostBytes: 1e9 };
  const ids: string[] = [];
  for (let made = 0; made < count; made++) {
    const { id } = await createJob(join(folder, name), limits, about, async (path) => {
      await writeFile(path, 'x');
      return 1;
    });
    await writeProgress(join(folder, name), id, ended);
    ids.push(id);
  }
  return ids;
}

it('takes no job that cannot be read now for one that has not begun', async () => {
  const [id = '', other = ''] = await ofJobs('unread', 2);
  const path = join(folder, 'unread', id, 'progress.json');
  await rm(path);
  await mkdir(path);
  await expect(readJob(join(folder, 'unread'), id)).rejects.toMatchObject({ code: 'EISDIR' });
  const jobs = await listJobs(join(folder, 'unread'));
  expect(jobs.map(({ job, progress }) => [job.id, progress.state])).toEqual([[other, 'done']]);
});

it('lists more jobs than a process may have files open', { timeout: 60_000 }, async () => {
  await ofJobs('many', 200);
  const library = packageFile('dist/libraries/prediction-jobs/index.js');
  const program = `import { listJobs } from ${JSON.stringify(library)};
    const jobs = await listJobs(${JSON.stringify(join(folder, 'many'))});
    console.log(jobs.filter(({ progress }) => progress.state === 'done').length);`;
  const words = ['--input-type=module', '--eval', program];
  const said = execFileSync('sh', ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, ...words]);
  expect(String(said)).toBe('200\n');
});
