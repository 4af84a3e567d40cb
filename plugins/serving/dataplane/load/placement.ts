import type { Placement } from '../routing-table.ts';

/** A run that is shorter costs less than waking a sleeping thread for it. */
const shortRunMs = 0.5;
/** Making the session on the event loop holds up every request for as long. */
const shortCreateMs = 50;
const smallBytes = 16 * 1024 * 1024;

/** Where a version runs: on the event loop where both a run and making the session are short, else in its own thread. */
export function choosePlacement(
  wanted: Placement | 'auto',
  measured: { readonly runMs: number; readonly createMs: number; readonly size: number },
): Placement {
  if (wanted !== 'auto') return wanted;
  const isLight =
    measured.runMs < shortRunMs && measured.createMs < shortCreateMs && measured.size <= smallBytes;
  return isLight ? 'inline' : 'worker';
}
