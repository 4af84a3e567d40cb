/**
 * Versions that need not be in memory all the time: what is known of each without it, and which of them gives way when
 * the memory that there is for versions is used up. Decides, and does nothing.
 */
import type { PinnedVersion } from '../interface/routing-table.ts';
import type { TrialResult } from '../run/thread-messages.ts';

export interface OnDemand {
  /** Whether versions are loaded as soon as they are declared and tried, or by their first request. */
  readonly loading: 'eager' | 'lazy';
  /** What becomes of requests meanwhile: they wait, within their deadline, or are refused with 503. */
  readonly whileLoading: 'hold' | 'refuse';
  /** Bytes that loaded versions may take; undefined: nothing is unloaded. */
  readonly budget: number | undefined;
  /** Tries a version in a process of its own. Rejects with the reason why it cannot be served. */
  readonly tryApart: (pinned: PinnedVersion, timeoutMs: number) => Promise<Tried>;
  readonly notes: TriedNotes;
  /** Milliseconds that a load waits for a version that is in use to have nothing to do. */
  readonly patienceMs?: number;
}

/** What a trial found. */
export type Tried = Pick<TrialResult, 'inputs' | 'outputs' | 'batchable' | 'runMs' | 'memoryBytes'>;

/** Remembers trials from one process to the next. */
export interface TriedNotes {
  get(key: string): Tried | undefined;
  put(key: string, tried: Tried): void;
}

/** Whoever sends requests to a version. */
export interface VersionUser {
  /** Whether nothing waits and nothing runs. */
  readonly isIdle: boolean;
  /** When it was asked last, by `performance.now()`. */
  readonly lastUsed: number;
  /** Resolves when nothing runs. */
  rested(): Promise<void>;
}

/** Of those that may be unloaded. */
export interface Unloadable {
  readonly users: Iterable<VersionUser>;
}

/** Who gives way: of those that have nothing to do, the one that was asked longest ago; of the others only where they must. */
export function leastRecentlyUsed<One extends Unloadable>(
  candidates: readonly One[],
  mayBeBusy: boolean,
): One | undefined {
  const idle = candidates.filter(({ users }) => [...users].every(({ isIdle }) => isIdle));
  const from = idle.length > 0 || !mayBeBusy ? idle : candidates;
  return [...from].sort((one, other) => lastUseOf(one) - lastUseOf(other))[0];
}

function lastUseOf({ users }: Unloadable): number {
  return Math.max(0, ...[...users].map(({ lastUsed }) => lastUsed));
}
