import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createJob, JobsFullError, removeJob } from '../../../libraries/prediction-jobs/index.ts';

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
