/** What clocks on the wall show somewhere, by the time zones that Node carries (IANA). */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** Thrown for the name of a time zone that is not known. */
export class TimeZoneError extends Error {
  override readonly name = 'TimeZoneError';
}

/** Whether it is the name of a time zone: `Europe/Berlin`, `UTC`. Offsets such as `+01:00` are none: they know no summer. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the clocks show at an instant (milliseconds since 1970). Throws `TimeZoneError`. */
export function wallTimeAt(instant: number, zone: string): WallTime {
  const shown = new Date(instant + offsetAt(instant, zone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
    hour: shown.getUTCHours(),
    minute: shown.getUTCMinutes(),
  };
}

/**
 * When the clocks show that time: twice where they are put back, so the earliest and the latest instant (milliseconds since
 * 1970). Where they are put forward past it, both are the instant of the jump. Days beyond the month's end count on, as
 * in `Date.UTC`. Throws `TimeZoneError`.
 */
export function instantsOf(
  wall: WallTime,
  zone: string,
): { readonly earliest: number; readonly latest: number } {
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  const before = offsetAt(asUtc - day, zone);
  const after = offsetAt(asUtc + day, zone);
  const real = [asUtc - before, asUtc - after].filter(
    (instant) => instant + offsetAt(instant, zone) === asUtc,
  );
  if (real.length > 0) return { earliest: Math.min(...real), latest: Math.max(...real) };
  const jump = jumpBetween(asUtc - after, asUtc - before, zone);
  return { earliest: jump, latest: jump };
}

const day = 24 * 60 * 60 * 1000;

/** The first instant, to the second, at which the offset is that of `late`. */
function jumpBetween(early: number, late: number, zone: string): number {
  const offset = offsetAt(late, zone);
  let [low, high] = [Math.floor(early / 1000), Math.floor(late / 1000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * 1000, zone) === offset) high = middle;
    else low = middle;
  }
  return high * 1000;
}

/** How far the clocks are ahead of UTC, in milliseconds. */
function offsetAt(instant: number, zone: string): number {
  const whole = Math.floor(instant / 1000) * 1000;
  const parts = new Map<string, number>();
  for (const { type, value } of formatterOf(zone).formatToParts(whole)) parts.set(type, Number(value));
  const part = (type: string) => parts.get(type) ?? 0;
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shown - whole;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  let formatter: Intl.DateTimeFormat;
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new TimeZoneError(`there is no time zone "${zone}"`);
  }
  formatters.set(zone, formatter);
  return formatter;
}
