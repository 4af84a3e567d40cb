/** What a version takes of the memory that there is for versions. */
import { choosePlacement } from './placement.ts';
import type { PinnedVersion, Placement } from './routing-table.ts';
import type { TrialAnswers } from './trial-messages.ts';

/** A worker thread with nothing in it. */
const threadBytes = 10 * 1024 ** 2;

type Wanted = Pick<PinnedVersion, 'size' | 'placement' | 'replicas' | 'session'>;

/** Before it is loaded: all replicas together, each with its thread. */
export function neededMemory(
  { placement = 'auto', replicas = 1, size, session }: Wanted,
  { runMs, memoryBytes }: Pick<TrialAnswers['load'], 'runMs' | 'memoryBytes'>,
): number {
  const isInline = replicas === 1 && choosePlacement(placement, { runMs, size, session }) === 'inline';
  return takenMemory(isInline ? 'inline' : 'worker', replicas, memoryBytes);
}

/** The same once it is known where it runs. */
export function takenMemory(placement: Placement, replicas: number, memoryBytes: number): number {
  return placement === 'inline' ? memoryBytes : (memoryBytes + threadBytes) * replicas;
}

/** What it takes at least, known before anybody has fetched or tried it: its file. */
export function leastMemory(version: Wanted): number {
  return neededMemory(version, { runMs: 0, memoryBytes: version.size });
}
