/**
 * A lock among claims. Whoever claims it looks at all others afterwards: of two that claim at the same time at least one sees the other.
 * Who sees a holder withdraws; of those who only claim the first by name goes on when the others have withdrawn.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Claim, rivalsAt } from './claim.ts';
import { ask, closed, listen, type Standing } from './telling-socket.ts';

export interface SocketLock {
  release(): Promise<void>;
}

export interface LockHolder {
  /** Absent where the holder is too busy to say it. */
  readonly pid?: number;
}

/**
 * Locks at a path, or says who holds the lock. Without `release` it is held for as long as this process lives. Throws what the system says
 * where no socket can be made there.
 */
export async function tryLock(path: string): Promise<SocketLock | LockHolder> {
  if (process.platform === 'win32') return lockPipe(path);
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const rivals = await rivalsAt(path);
    const holder = holderOf(rivals);
    if (holder !== undefined) return holder;
    // Who comes while others claim would only keep them from it.
    if (rivals.length === 0) {
      const claim = await Claim.make(path);
      if (await prevails(claim, path, deadline)) {
        claim.hold();
        return { release: () => claim.withdraw() };
      }
      await claim.withdraw();
    }
    await wait(lookMs);
  }
  return {};
}

/** Locks at a path once nobody else does. False where another one still held it after so long. */
export async function lockOrWait(path: string, patienceMs = Number.POSITIVE_INFINITY): Promise<boolean> {
  const began = performance.now();
  while (!('release' in (await tryLock(path)))) {
    if (performance.now() - began > patienceMs) return false;
    await wait(waitMs);
  }
  return true;
}

/** Whether all others that were there have withdrawn before it. */
async function prevails(claim: Claim, path: string, deadline: number): Promise<boolean> {
  while (performance.now() < deadline) {
    const rivals = await rivalsAt(path, claim);
    if (rivals.length === 0) return true;
    if (holderOf(rivals) !== undefined || rivals[0]!.path < claim.path) return false;
    await wait(lookMs);
  }
  return false;
}

function holderOf(rivals: readonly Standing[]): LockHolder | undefined {
  const holder = rivals.find(({ holds }) => holds);
  return holder && (holder.pid === undefined ? {} : { pid: holder.pid });
}

/** A pipe of Windows has one listener, and ends with it. */
async function lockPipe(path: string): Promise<SocketLock | LockHolder> {
  try {
    const server = await listen(path, { holds: true });
    return { release: () => closed(server) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return holderOf([(await ask(path)) ?? { holds: true }]) ?? {};
  }
}

const waitMs = 100;
/** Until those who claim at the same moment are looked at again. */
const lookMs = 10;
/** For as long as that somebody claims and neither holds nor withdraws. */
const patienceMs = 5_000;
