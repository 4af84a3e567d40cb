import { readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isRunning } from './running-process.ts';

/** When this process started, in milliseconds of the machine's own clock: the same in all of its threads. */
const startedAt = Math.round(Number(process.hrtime.bigint() / 1_000_000n) - process.uptime() * 1000);

/** Says who holds a lock, so that one left by a crash can be told from one at work. */
export const ownMark = `switchyard ${hostname()} ${process.pid} ${startedAt}\n`;

/** Git holds the lock of a reference for milliseconds. One this old (milliseconds) was left by a crash, whoever made it. */
const abandonedAfter = 60 * 60 * 1000;

/**
 * Takes away a lock that was left by a crash: at once where it says that a process of ours on this machine made it, which
 * is dead; after an hour where it says nothing, as git's own. Two that break at once are kept apart by a lock on the
 * breaking. Answers whether it is gone.
 */
export async function breakStale(lock: string): Promise<boolean> {
  if (!(await isStale(lock))) return false;
  const guard = `${lock}.break.lock`;
  try {
    await writeFile(guard, '', { flag: 'wx' });
  } catch {
    if ((await age(guard)) > abandonedAfter) await rm(guard, { force: true });
    return false;
  }
  try {
    if (!(await isStale(lock))) return false;
    await unlink(lock);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function isStale(lock: string): Promise<boolean> {
  const mark = await readFile(lock, 'utf8').catch(() => undefined);
  if (mark === undefined) return false;
  const [, host, pid, started] = /^switchyard (\S+) (\d+) (\d+)\n/.exec(mark) ?? [];
  if (host !== hostname()) return (await age(lock)) > abandonedAfter;
  if (Number(pid) !== process.pid) return !isRunning(Number(pid));
  // Our own number under another start was a process before us: in a container they often get the same one.
  return Math.abs(Number(started) - startedAt) > 50;
}

/** Milliseconds since a file was written; 0 where it is not there. */
async function age(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}
