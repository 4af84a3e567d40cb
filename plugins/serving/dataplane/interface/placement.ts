import type { Placement, SessionSettings } from './routing-table.ts';

/** A run that is shorter costs less than waking a sleeping thread for it. */
const shortRunMs = 0.5;
/** Making a session holds up the event loop that it is made on, by about 3 ms a MiB of model. */
const smallBytes = 8 * 1024 * 1024;

/** Where a version runs: on the event loop where its runs are short and its file is small, else in its own thread. */
export function choosePlacement(
  wanted: Placement | 'auto',
  measured: {
    readonly runMs: number;
    readonly size: number;
    readonly session?: SessionSettings | undefined;
  },
): Placement {
  if (wanted !== 'auto') return wanted;
  // Another device is waited for, and what it is given first takes long.
  if ((measured.session?.provider ?? 'cpu') !== 'cpu') return 'worker';
  return measured.runMs < shortRunMs && measured.size <= smallBytes ? 'inline' : 'worker';
}
