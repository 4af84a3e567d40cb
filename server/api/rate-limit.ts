export interface RateLimitOptions {
  /** How many may come at once. */
  readonly burst: number;
  /** How many more may come each minute. */
  readonly perMinute: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/** Milliseconds until the next one of that key is let in; 0: this one is. */
export type RateLimit = (key: string) => number;

/** Keys that are remembered: whoever sends from more places than that makes old ones forgotten, and no memory grow. */
const rememberedKeys = 10_000;

/** Lets so many in a minute and a few at once, counted for each key by itself (the generic cell rate algorithm). */
export function rateLimit({ burst, perMinute, now = () => performance.now() }: RateLimitOptions): RateLimit {
  const interval = 60_000 / perMinute;
  /** When each key would be through, had it come evenly. */
  const due = new Map<string, number>();
  return (key) => {
    const time = now();
    const from = Math.max(due.get(key) ?? time, time);
    const wait = from - time - (burst - 1) * interval;
    due.delete(key);
    due.set(key, wait > 0 ? from : from + interval);
    if (due.size > rememberedKeys) due.delete(due.keys().next().value!);
    return Math.max(0, Math.ceil(wait));
  };
}
