import { parseDuration } from '../../../libraries/duration/index.ts';
import { instantsOf, wallTimeAt } from '../../../libraries/wall-clock/index.ts';
import { instantOfDate } from '../../../libraries/wall-clock/recurring-window.ts';
import type { AlertRouteSpec } from '../../../schemas/generated/alert-route.ts';

export type Rotation = NonNullable<AlertRouteSpec['onCall']>[number];

const day = 86_400_000;

/** The receiver whose turn it is. Before the first turn it is the first one's. */
export function onCallAt(
  { start, timeZone = 'UTC', shift, turns, overrides = [] }: Rotation,
  now: number,
): string {
  for (const { from, to, receiver } of overrides) {
    const [begins, ends] = [instantOfDate(from, timeZone), instantOfDate(to, timeZone)];
    if (begins !== undefined && ends !== undefined && begins <= now && now < ends) return receiver;
  }
  const first = instantOfDate(start, timeZone) ?? 0;
  const shiftMs = parseDuration(shift);
  const turn =
    shiftMs % day === 0 ? daysOver(first, now, timeZone) / (shiftMs / day) : (now - first) / shiftMs;
  const index = ((Math.floor(turn) % turns.length) + turns.length) % turns.length;
  return (now < first ? turns[0] : turns[index]) ?? '';
}

/** Whole days on the clocks of a place, so that a turn begins at nine in summer as in winter. */
function daysOver(first: number, now: number, timeZone: string): number {
  const from = wallTimeAt(first, timeZone);
  const to = wallTimeAt(now, timeZone);
  const days = Math.round(
    (Date.UTC(to.year, to.month - 1, to.day) - Date.UTC(from.year, from.month - 1, from.day)) / day,
  );
  const today = instantsOf({ ...to, hour: from.hour, minute: from.minute }, timeZone).earliest;
  return now < today ? days - 1 : days;
}
