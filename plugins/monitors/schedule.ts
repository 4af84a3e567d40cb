/** When a monitor's checks are due. */
import { createTask, validate } from 'node-cron';
import { parseDuration } from '../../libraries/duration/index.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';

export const shortestEveryMs = 10_000;
export const longestEveryMs = 366 * 86_400_000;
/** Predictions are in the log so long after they were made. */
export const settleMs = 5_000;

const rowsEveryMs = 5 * 60_000;
const longestByWindowMs = 86_400_000;

/** The moments of a schedule. All in milliseconds since 1970. */
export interface Moments {
  /** The next one after now. */
  readonly next: number;
  /** The one after that. */
  readonly afterNext: number;
}

export function momentsOf({ schedule, window }: MonitorSpec, now: number): Moments {
  if (schedule?.cron !== undefined) return cronMoments(schedule.cron, now);
  const every =
    schedule?.every !== undefined
      ? parseDuration(schedule.every)
      : window.size === undefined
        ? rowsEveryMs
        : Math.min(parseDuration(window.size), longestByWindowMs);
  const next = (Math.floor(now / every) + 1) * every;
  return { next, afterNext: next + every };
}

/** Whether it is five fields of cron. */
export function isCron(text: string): boolean {
  return text.trim().split(/\s+/).length === 5 && validate(text) && !runsBackwards(text);
}

/** `1-0`, which the parser would take for every value. */
function runsBackwards(text: string): boolean {
  return [...text.matchAll(/(\d+)-(\d+)/g)].some(([, from, to]) => Number(from) > Number(to));
}

function cronMoments(cron: string, now: number): Moments {
  // It counts from the clock of this machine: from any other moment by what lies between.
  const task = createTask(cron, () => {}, { timezone: 'UTC' });
  try {
    const [next, afterNext] = task.getNextRuns(2);
    if (next === undefined || afterNext === undefined)
      return { next: now + 86_400_000, afterNext: now + 2 * 86_400_000 };
    return { next: next.getTime(), afterNext: afterNext.getTime() };
  } finally {
    void task.destroy();
  }
}
