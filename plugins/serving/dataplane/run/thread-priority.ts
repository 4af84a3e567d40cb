import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * `low`: behind event loops, with a tenth of the processor where they want all of it. `idle`: with what nobody else wants. The
 * kernel lets a thread that is only low finish the slice that it was given before whoever wakes up gets the processor; an idle one
 * has to leave at once.
 */
export type WorkerPriority = 'low' | 'idle';

/** Nobody ranks lower by a number. */
const lowest = 19;
const idlePolicy = 5;

/**
 * Lets the event loops of this machine go before the thread that calls it, and before all threads that it starts: reading and
 * answering takes microseconds, a run that is heavy enough for a thread of its own milliseconds. Only Linux has priorities of
 * threads; elsewhere it would be the whole process that gives way.
 */
export function giveWayToEventLoops(priority: WorkerPriority = 'low'): void {
  if (process.platform !== 'linux') return;
  try {
    // 0 is whoever calls: to Linux that is a thread.
    setPriority(0, Math.min(lowest, getPriority() + 10));
    if (priority === 'idle') becomeIdle();
  } catch {
    // Not everywhere allowed, and nothing depends on it.
  }
}

/** Whether threads can be ranked as idle here. */
export function canBeIdle(): boolean {
  return process.platform === 'linux' && spawnSync('chrt', ['-i', '0', 'true']).status === 0;
}

/** Whether a thread of this process does, by its number. Linux alone tells. */
export function givesWay(thread: string): boolean {
  try {
    const main = rankOf(String(process.pid));
    const { nice, policy } = rankOf(thread);
    return nice > main.nice || (policy === idlePolicy && main.policy !== idlePolicy);
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

function rankOf(thread: string): { readonly nice: number; readonly policy: number } {
  // Its name may have anything in it, and is in brackets; the state is the third field.
  const fields = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return { nice: Number(fields[16]), policy: Number(fields[38]) };
}

/** Node has no call for it; util-linux and BusyBox have the program. */
function becomeIdle(): void {
  const thread = readlinkSync('/proc/thread-self').split('/').at(-1)!;
  spawnSync('chrt', ['-i', '-p', '0', thread]);
}
