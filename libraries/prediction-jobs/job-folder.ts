/**
 * The folder of jobs: one folder each, with `job.json`, the rows, `progress.json` and the result. A job is there whole or not at all; its
 * progress is replaced whole. Any process may put one in, read it or ask to have it cancelled; one alone works them.
 */
import { randomBytes } from 'node:crypto';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Job, type JobProgress, queued } from './job.ts';

/** How much the folder may hold. */
export interface JobLimits {
  /** Jobs, ended ones too. */
  readonly mostJobs: number;
  /** Bytes of all rows and results. */
  readonly mostBytes: number;
}

/** There is no room for another job. */
export class JobsFullError extends Error {
  override readonly name = 'JobsFullError';
}

export interface KeptJob {
  readonly job: Job;
  readonly progress: JobProgress;
  /** Whether somebody wants it to end. */
  readonly isCancelled: boolean;
}

const ids = /^[0-9a-f]{16}$/;

export function isJobId(text: string): boolean {
  return ids.test(text);
}

/** For a job whose result is to be had by whoever has its key. */
export function newJobKey(): string {
  return randomBytes(16).toString('hex');
}

export function rowsFile(folder: string, { id, format }: Pick<Job, 'id' | 'format'>): string {
  return join(folder, id, `rows.${format}`);
}

export function resultFile(folder: string, id: string): string {
  return join(folder, id, 'result.jsonl');
}

/**
 * Puts a job in. `write` writes its rows, and gives their bytes; what it throws leaves nothing behind. When this resolves, the job survives
 * a power cut.
 *
 * @throws JobsFullError
 */
export async function createJob(
  folder: string,
  limits: JobLimits,
  about: Omit<Job, 'id' | 'created' | 'size'>,
  write: (path: string) => Promise<number>,
): Promise<Job> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await demandRoom(folder, limits);
  const id = randomBytes(8).toString('hex');
  const draft = join(folder, `.${id}`);
  await mkdir(draft, { mode: 0o700 });
  try {
    const path = join(draft, `rows.${about.format}`);
    const size = await write(path);
    await requireRoom(folder, limits, size);
    const job: Job = { id, ...about, created: new Date().toISOString(), size };
    await sync(path);
    await writeWhole(join(draft, 'job.json'), `${JSON.stringify(job)}\n`);
    await rename(draft, join(folder, id));
    await sync(folder);
    return job;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Undefined where there is none, or no longer. Rejects where it cannot be read now: what has ended must not be taken for what has not begun. */
export async function readJob(folder: string, id: string): Promise<KeptJob | undefined> {
  if (!isJobId(id)) return undefined;
  const [job, progress, isCancelled] = await Promise.all([
    readJson<Job>(join(folder, id, 'job.json')),
    readJson<JobProgress>(join(folder, id, 'progress.json')),
    stat(join(folder, id, 'cancel')).then(() => true, ifMissing(false)),
  ]);
  return job && { job, progress: progress ?? queued, isCancelled };
}

export async function listJobIds(folder: string): Promise<readonly string[]> {
  return (await names(folder)).filter(isJobId);
}

/** Files are opened for so many jobs at once: a process may have few. */
const readAtOnce = 16;

/** All of them, or those of the ids; oldest first. Those that cannot be read now are left out. */
export async function listJobs(folder: string, ids?: readonly string[]): Promise<readonly KeptJob[]> {
  const wanted = ids ?? (await listJobIds(folder));
  const kept: (KeptJob | undefined)[] = [];
  for (let from = 0; from < wanted.length; from += readAtOnce) {
    const some = wanted.slice(from, from + readAtOnce);
    kept.push(...(await Promise.all(some.map((id) => readJob(folder, id).catch(() => undefined)))));
  }
  return kept
    .filter((one) => one !== undefined)
    .sort((one, other) => one.job.created.localeCompare(other.job.created));
}

/** Whoever works it sees this. Resolves with false where there is no such job, and rejects where the disk does not take it. */
export async function cancelJob(folder: string, id: string): Promise<boolean> {
  if (!isJobId(id)) return false;
  return writeFile(join(folder, id, 'cancel'), '').then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

/** For whoever works the job alone. When this resolves, the progress survives a power cut. */
export async function writeProgress(folder: string, id: string, progress: JobProgress): Promise<void> {
  await writeWhole(join(folder, id, 'progress.json'), `${JSON.stringify(progress)}\n`);
}

/** It is a job no longer before anything of it goes: what a kill leaves is a draft. */
export async function removeJob(folder: string, id: string): Promise<void> {
  const draft = join(folder, `.${id}`);
  await rename(join(folder, id), draft).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(draft, { recursive: true, force: true });
}

/** What a process that was killed left half-written before then, in milliseconds since 1970: longer ago than any write takes. */
export async function removeDrafts(folder: string, before: number): Promise<void> {
  for (const name of await names(folder)) {
    if (!name.startsWith('.') || !isJobId(name.slice(1))) continue;
    const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < before) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** The result as far as it counts, which can be read to its end also where the job is put away meanwhile. Undefined where it was before. */
export async function openResult(
  folder: string,
  id: string,
  { bytes }: JobProgress,
): Promise<Readable | undefined> {
  if (bytes === 0) return Readable.from([]);
  const file = await open(resultFile(folder, id), 'r').catch(ifMissing(undefined));
  return file?.createReadStream({ end: bytes - 1 });
}

/** Bytes of all rows and results. */
export async function bytesOfJobs(folder: string): Promise<number> {
  let bytes = 0;
  for (const job of await names(folder)) {
    for (const file of await names(join(folder, job))) {
      const { size } = await stat(join(folder, job, file)).catch(() => ({ size: 0 }));
      bytes += size;
    }
  }
  return bytes;
}

/** What a folder held when it was last looked through, by `performance.now()`, and what was put in since. */
const held = new Map<string, { readonly at: number; bytes: number }>();
const looksEveryMs = 5_000;

/** Looking through many jobs for each that comes would cost more than they do. */
async function bytesAbout(folder: string): Promise<{ bytes: number }> {
  const known = held.get(folder);
  if (known !== undefined && performance.now() - known.at < looksEveryMs) return known;
  const now = { at: performance.now(), bytes: await bytesOfJobs(folder) };
  if (held.size > 8) held.clear();
  held.set(folder, now);
  return now;
}

/** @throws JobsFullError where not even the smallest job has room. */
export function demandRoom(folder: string, limits: JobLimits): Promise<void> {
  return requireRoom(folder, limits, 0);
}

async function requireRoom(folder: string, { mostJobs, mostBytes }: JobLimits, more: number): Promise<void> {
  const count = (await listJobIds(folder)).length;
  if (count >= mostJobs) throw new JobsFullError(`${count} jobs are kept, which is as many as may be`);
  const about = await bytesAbout(folder);
  if (about.bytes + more > mostBytes || (more === 0 && about.bytes === mostBytes))
    throw new JobsFullError(`jobs hold ${about.bytes} of the ${mostBytes} bytes that they may`);
  about.bytes += more;
}

async function names(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(ifMissing([]));
}

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(ifMissing(undefined));
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

function ifMissing<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return instead;
    throw error;
  };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await sync(draft);
  await rename(draft, path);
}

async function sync(path: string): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    await file.sync();
  } finally {
    await file?.close();
  }
}
