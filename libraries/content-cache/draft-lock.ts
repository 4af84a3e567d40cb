import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

/** How often a holder shows that it lives. */
const beatMs = 2_000;
/** How long a holder of whom nothing else is known may show nothing. */
const staleMs = 15_000;
const lookMs = 100;

interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly token: string;
}

export interface DraftLock {
  /** Aborted where another process took the draft over, because this one showed nothing for too long. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

const ours = new Set<string>();

/**
 * Holds a draft, so that nobody else writes it: no other process of this machine, and of no other one that shares the folder.
 * Waits while another holds it; undefined where `isNeedless` says meanwhile that there is nothing left to do. A holder that
 * was killed is told by its process, or else by its silence. Two that are both judged dead at one moment may be mistaken: what
 * they write is hashed, so that this costs a download and never a wrong file.
 */
export async function holdDraft(
  path: string,
  isNeedless: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<DraftLock | undefined> {
  const seen = { token: '', at: 0, since: 0 };
  for (;;) {
    signal.throwIfAborted();
    const mine = await tryToHold(path);
    if (mine !== undefined) return mine;
    const holder = await holderOf(path);
    if (holder === undefined) continue;
    const now = performance.now();
    if (holder.token !== seen.token || holder.beatAt !== seen.at) {
      Object.assign(seen, { token: holder.token, at: holder.beatAt, since: now });
    }
    if (isDead(holder) || now - seen.since > staleMs) await takeAway(path, holder.token);
    else await wait(lookMs, undefined, { signal });
    if (await isNeedless()) return undefined;
  }
}

/** Whether somebody seems to write this draft. */
export async function isHeld(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  return holder !== undefined && !isDead(holder) && Date.now() - holder.beatAt < staleMs;
}

async function tryToHold(path: string): Promise<DraftLock | undefined> {
  const token = randomUUID();
  const holder: Holder = { host: hostname(), pid: process.pid, token };
  ours.add(token);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(holder));
    } catch (error) {
      await rm(path, { force: true }).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
  } catch (error) {
    ours.delete(token);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  const lost = new AbortController();
  // A folder that does not answer says nothing of who holds it.
  const beat = setInterval(() => void show().catch(() => {}), beatMs).unref();
  const show = async () => {
    const now = new Date();
    if ((await holderOf(path))?.token === token) return utimes(path, now, now).catch(() => {});
    lost.abort(new Error('another process took this download over'));
  };
  return {
    lost: lost.signal,
    async release() {
      clearInterval(beat);
      ours.delete(token);
      const holder = await holderOf(path).catch(() => undefined);
      if (holder?.token === token) await rm(path, { force: true }).catch(() => {});
    },
  };
}

/** A holder that was killed while it wrote its name has none: its silence tells. */
async function holderOf(path: string): Promise<(Holder & { readonly beatAt: number }) | undefined> {
  try {
    const { mtimeMs: beatAt } = await stat(path);
    const text = await readFile(path, 'utf8');
    try {
      return { ...(JSON.parse(text) as Holder), beatAt };
    } catch {
      return { host: '', pid: 0, token: '', beatAt };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isDead({ host, pid, token }: Holder): boolean {
  if (host !== hostname()) return false;
  // In a container the next process often has the number of the one that was killed.
  if (pid === process.pid) return !ours.has(token);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function takeAway(path: string, token: string): Promise<void> {
  if ((await holderOf(path))?.token !== token) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    // Another was faster.
    return;
  }
  await rm(aside, { force: true });
}
