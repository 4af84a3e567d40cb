const first = 750;
const longest = 15 * 60_000;

/**
 * Milliseconds to wait before attempt `attempt + 1`, after `attempt` failures in a row (1, 2, …): 750 ms doubling to
 * 15 minutes, jittered by up to a fifth so that what failed together does not come back together.
 */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(longest, first * 2 ** Math.min(attempt - 1, 30));
  return Math.round(whole * (0.8 + 0.2 * random()));
}
