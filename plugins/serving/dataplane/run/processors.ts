/** Which processors threads of this process may run on, as masks. Linux alone tells, and only programs can say otherwise. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** `taskset` of util-linux and of BusyBox takes one thread at a time; it is started by a shell, so that this process forks once. */
const placing = 'for thread; do taskset -p "$0" "$thread"; done';

/** What the main thread may run on; 0 where nothing tells. */
export function processorsOfProcess(): bigint {
  try {
    return processorsOf('self');
  } catch {
    return 0n;
  }
}

/** The lowest of them left out, but for one that stays. */
export function without(processors: bigint, lowest: number): bigint {
  let rest = processors;
  for (let left = lowest; left > 0 && countOf(rest) > 1; left--) rest &= rest - 1n;
  return rest;
}

export function countOf(processors: bigint): number {
  let count = 0;
  for (let rest = processors; rest > 0n; rest &= rest - 1n) count++;
  return count;
}

/** Gives whether those threads that are still there run on these processors now. */
export function place(threads: readonly string[], processors: bigint): Promise<boolean> {
  const child = spawn('sh', ['-c', placing, processors.toString(16), ...threads], { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', () => resolve(threads.every((thread) => isPlaced(thread, processors))));
  });
}

/** Also one that has ended meanwhile. */
function isPlaced(thread: string, processors: bigint): boolean {
  try {
    return processorsOf(`self/task/${thread}`) === processors;
  } catch {
    return true;
  }
}

/** The kernel writes hexadecimal digits with a comma before each eight. */
function processorsOf(task: string): bigint {
  const status = readFileSync(`/proc/${task}/status`, 'utf8');
  const digits = /^Cpus_allowed:\s*([\da-f,]+)$/m.exec(status)?.[1] ?? '0';
  return BigInt(`0x${digits.replaceAll(',', '')}`);
}
