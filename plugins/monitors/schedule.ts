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

/** What is wrong with five fields of cron, and what to write; undefined where nothing is. */
export function cronFault(text: string): { readonly message: string; readonly hint: string } | undefined {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5 || !validate(text) || runsBackwards(text)) {
    return {
      message: `"${text}" is not five fields of cron`,
      hint: 'Write minute, hour, day, month and weekday: "15 6 * * *" is 06:15 UTC each day.',
    };
  }
  for (const [at, { name, values }] of cronFields.entries()) {
    for (const [, step] of fields[at]!.matchAll(/\/(\d+)/g)) {
      if (Number(step) < values) continue;
      return {
        message: `"${fields[at]}" steps over all of the ${values} ${name} but the first`,
        hint: `Write a step below ${values}, or the value that is meant.`,
      };
    }
  }
  return undefined;
}

/** How many values each field has: a step as long as that, the parser takes for the first of them. */
const cronFields = [
  { name: 'minutes', values: 60 },
  { name: 'hours', values: 24 },
  { name: 'days', values: 31 },
  { name: 'months', values: 12 },
  { name: 'weekdays', values: 7 },
] as const;

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
