import type { VersionAnswers } from '../../core/capabilities/answer-counts.ts';
import type { Counts } from './counts.ts';

/**
 * What of a version's answers counts. Bad is what analyses take for an error, and a request that found the queue full: the user
 * is not answered. Other 4xx say that the request is wrong, and count neither way.
 */
export function countsOf(
  { statuses, notFinite, seconds }: VersionAnswers,
  bounds: readonly number[],
): Counts {
  let answers = 0;
  let valid = 0;
  let bad = notFinite;
  const codes: Record<string, number> = notFinite > 0 ? { notFinite } : {};
  for (const [code, count] of Object.entries(statuses)) {
    const status = Number(code);
    answers += count;
    // 406: the answer was there, and is among `notFinite`.
    if (status < 400 || status === 406) valid += count;
    if (status >= 500 || status === 429) {
      valid += count;
      bad += count;
      codes[code] = count;
    }
  }
  const slow: Record<string, number> = {};
  for (const bound of bounds) slow[bound] = slowerThan(bound, seconds);
  return { answers, valid, bad: Math.min(bad, valid), slow, codes };
}

/** Between two bounds of the histogram nothing can be told apart: the upper one is taken. */
function slowerThan(bound: number, { bounds, counts }: VersionAnswers['seconds']): number {
  const found = bounds.findIndex((one) => one >= bound);
  const first = found === -1 ? bounds.length : found + 1;
  let slow = 0;
  for (let index = first; index < counts.length; index++) slow += counts[index] ?? 0;
  return slow;
}
