import { instantsOf, isTimeZone, type WallTime, wallTimeAt } from './index.ts';

/** A time that comes again (`22:00`, `fri 16:00`) or does not (`2026-12-20`), up to another of the same form. */
export interface RecurringWindow {
  readonly from: string;
  readonly to: string;
  /** Default UTC. */
  readonly timeZone?: string;
}

export interface Within<Window> {
  readonly window: Window;
  /** Milliseconds since 1970: when no window holds any more. Absent where they follow one another without end. */
  readonly until?: number;
}

/** Which of the windows an instant lies in, and when the last of those that follow without a break ends. */
export function windowAt<Window extends RecurringWindow>(
  windows: readonly Window[],
  now: number,
): Within<Window> | undefined {
  const first = windows.find((window) => endOf(window, now) !== undefined);
  if (first === undefined) return undefined;
  let at = now;
  for (let step = 0; step < longestChain; step++) {
    const ends = windows.map((window) => endOf(window, at)).filter((end) => end !== undefined);
    if (ends.length === 0) return { window: first, until: at };
    at = Math.max(...ends);
  }
  return { window: first };
}

/** What is wrong with a window, and of which of its fields; undefined for a good one. */
export function windowProblem(
  window: RecurringWindow,
): { readonly field: 'from' | 'to' | 'timeZone'; readonly problem: string } | undefined {
  if (!isTimeZone(window.timeZone ?? 'UTC')) {
    return { field: 'timeZone', problem: 'there is no time zone of this name' };
  }
  for (const field of ['from', 'to'] as const) {
    const problem = momentProblem(window[field], field);
    if (problem !== undefined) return { field, problem };
  }
  const [from, to] = [readMoment(window.from), readMoment(window.to)];
  if (from.form !== to.form) {
    return { field: 'to', problem: 'it has another form than `from`: write both as times, days or dates' };
  }
  if (from.form === 'date' && to.form === 'date') {
    const start = dateStart(from, 'UTC');
    return dateEnd(to, 'UTC') > start ? undefined : { field: 'to', problem: 'it is not later than `from`' };
  }
  if (window.from === window.to) return { field: 'to', problem: 'it is the same as `from`' };
  return undefined;
}

/** When a date begins, or the time on it: `2026-12-24`, `2026-12-24 09:00`. Milliseconds since 1970; undefined for no such moment. */
export function instantOfDate(text: string, timeZone = 'UTC'): number | undefined {
  const moment = readMoment(text);
  if (moment.form !== 'date' || momentProblem(text, 'from') !== undefined) return undefined;
  return dateStart(moment, timeZone);
}

/** So many windows may follow one another before it is said that they never end. */
const longestChain = 64;
const week = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

type Moment =
  | { readonly form: 'time'; readonly hour: number; readonly minute: number }
  | { readonly form: 'day'; readonly weekday: number; readonly hour: number; readonly minute: number }
  | { readonly form: 'date'; readonly date: string; readonly time?: { hour: number; minute: number } };

function readMoment(text: string): Moment {
  const date = /^(\d{4}-\d\d-\d\d)(?: (\d\d):(\d\d))?$/.exec(text);
  if (date !== null) {
    const [, day = '', hour, minute] = date;
    const time = hour === undefined ? {} : { time: { hour: Number(hour), minute: Number(minute) } };
    return { form: 'date', date: day, ...time };
  }
  const [, name, hour, minute] = /^(?:(\w{3}) )?(\d\d):(\d\d)$/.exec(text) ?? [];
  const time = { hour: Number(hour), minute: Number(minute) };
  if (name === undefined) return { form: 'time', ...time };
  return { form: 'day', weekday: week.indexOf(name), ...time };
}

function momentProblem(text: string, field: 'from' | 'to'): string | undefined {
  const moment = readMoment(text);
  const time = moment.form === 'date' ? moment.time : moment;
  if (time !== undefined) {
    const isMidnight = field === 'to' && time.hour === 24 && time.minute === 0;
    if (!isMidnight && !(time.hour < 24 && time.minute < 60)) return 'no clock shows this time';
  }
  if (moment.form !== 'date') return undefined;
  const day = new Date(`${moment.date}T00:00:00Z`);
  const isOnCalendar = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(moment.date);
  return isOnCalendar ? undefined : 'no calendar has this day';
}

/** When the occurrence of a window ends that an instant lies in. One that begins is in it, one that ends is not. */
function endOf(window: RecurringWindow, now: number): number | undefined {
  const zone = window.timeZone ?? 'UTC';
  const [from, to] = [readMoment(window.from), readMoment(window.to)];
  if (from.form === 'date' || to.form === 'date') {
    if (from.form !== 'date' || to.form !== 'date') return undefined;
    const end = dateEnd(to, zone);
    return dateStart(from, zone) <= now && now < end ? end : undefined;
  }
  const today = wallTimeAt(now, zone);
  const longest = from.form === 'day' ? 8 : 2;
  let latest: number | undefined;
  for (let back = longest; back >= 0; back--) {
    const day = { ...today, day: today.day - back, hour: from.hour, minute: from.minute };
    if (from.form === 'day' && weekdayOf(day) !== from.weekday) continue;
    const start = instantsOf(day, zone).earliest;
    const end = instantsOf(
      { ...day, day: day.day + daysUntil(from, to), hour: to.hour, minute: to.minute },
      zone,
    ).latest;
    if (start <= now && now < end && end > (latest ?? 0)) latest = end;
  }
  return latest;
}

function daysUntil(from: Exclude<Moment, { form: 'date' }>, to: Exclude<Moment, { form: 'date' }>): number {
  const isLater = to.hour * 60 + to.minute > from.hour * 60 + from.minute;
  if (from.form === 'time' || to.form === 'time') return isLater ? 0 : 1;
  const days = (to.weekday - from.weekday + 7) % 7;
  return days === 0 && !isLater ? 7 : days;
}

function weekdayOf({ year, month, day }: WallTime): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

function dateStart(moment: Moment & { form: 'date' }, zone: string): number {
  return instantsOf(wallOf(moment, 0), zone).earliest;
}

function dateEnd(moment: Moment & { form: 'date' }, zone: string): number {
  return instantsOf(wallOf(moment, 1), zone).latest;
}

/** A date without a time is its beginning, `days` later. */
function wallOf({ date, time }: Moment & { form: 'date' }, days: number): WallTime {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  return { year, month, day: time === undefined ? day + days : day, ...(time ?? { hour: 0, minute: 0 }) };
}
