import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  createJob,
  type Job,
  queued,
  readJob,
  rowsFile,
  writeProgress,
} from '../../../../libraries/prediction-jobs/index.ts';
import { looker } from '../../../../plugins/jobs/worker/looker.ts';

const keepMs = 7 * 86_400_000;
const dayMs = 86_400_000;
let folder: string;
/** How far each clock has gone since the test began. */
let wall: number;
let steady: number;
let begun: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-looker-'));
  wall = 0;
  steady = 0;
  begun = Date.now();
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const look = () => looker(folder, { wall: () => begun + wall, steady: () => begun + steady });

async function submit(): Promise<Job> {
  const about = { deployment: 'm', format: 'csv' } as const;
  return createJob(folder, { mostJobs: 9, mostBytes: 1e6 }, about, async (path) => {
    await writeFile(path, 'x\n');
    return 2;
  });
}

/** As far as a kill lets it come between the last word of its progress and what comes behind. */
async function end({ id }: Job): Promise<void> {
  const [ended, expires] = [begun, begun + keepMs].map((time) => new Date(time).toISOString());
  await writeProgress(folder, id, { ...queued, state: 'done', ended: ended!, expires: expires! });
}

it('lets go of the rows of a job that was ended, where whoever did it was killed before', async () => {
  const [job, open] = [await submit(), await submit()];
  await end(job);
  expect((await look()())?.map((kept) => kept.job.id)).toEqual([open.id]);
  expect([job, open].map((one) => existsSync(rowsFile(folder, one)))).toEqual([false, true]);
});

it('keeps results for as long as was said, also where the clock is set beyond that', async () => {
  const job = await submit();
  await end(job);
  const find = look();
  await find();
  // As where the machine had no time when it began, or has a wrong one now.
  wall = 400 * dayMs;
  steady = dayMs;
  await find();
  expect(await readJob(folder, job.id)).toBeDefined();
  wall += 6.5 * dayMs;
  steady += 6.5 * dayMs;
  await find();
  expect(await readJob(folder, job.id)).toBeUndefined();
});

it('keeps them no shorter where the clock is set back', async () => {
  const job = await submit();
  await end(job);
  const find = look();
  wall = -400 * dayMs;
  steady = 8 * dayMs;
  await find();
  expect(await readJob(folder, job.id)).toBeDefined();
});

it('leaves a file alone that is just being sent where the clock is set, and removes what is left of one', async () => {
  const draft = join(folder, '.0123456789abcdef');
  await writeFile(draft, '');
  const find = look();
  wall = dayMs;
  await find();
  expect(existsSync(draft)).toBe(true);
  // One that came when the clock had been set back.
  wall = -dayMs;
  steady = 1_000;
  await utimes(draft, new Date(begun + wall), new Date(begun + wall));
  await writeFile(join(folder, 'another'), '');
  await find();
  expect(existsSync(draft)).toBe(true);
  wall = steady = dayMs;
  await find();
  await writeFile(join(folder, 'and another'), '');
  await find();
  expect(existsSync(draft)).toBe(false);
});

it('looks again for a job that could not be read', async () => {
  const job = await submit();
  const { mtimeMs } = await stat(folder);
  const find = look();
  const hidden = join(folder, job.id, 'job.json');
  const text = JSON.stringify(job);
  await rm(hidden);
  expect(await find()).toEqual([]);
  await writeFile(hidden, text);
  expect((await stat(folder)).mtimeMs).toBe(mtimeMs);
  expect((await find())?.map((kept) => kept.job.id)).toEqual([job.id]);
});
