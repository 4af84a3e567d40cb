import { requireAlpha } from './alternative.ts';
import type { Interval } from './bootstrap.ts';
import { requireCount, requireShare, StatisticsError } from './error.ts';
import { sequentialSampleRatio } from './sample-ratio.ts';

/** Counts of values at or above 0 by bucket, not cumulated; one more than the upper bounds, which ascend. */
export interface Buckets {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/**
 * Holds the difference of a quantile, treatment − control, at all looks together with a chance of 1 − alpha. Of the values up to
 * the true quantile the share is known, so that its martingale is that of `sequentialSampleRatio`; pairs of buckets are left to
 * which the product of both arms' has not come to 1 / alpha, and the interval reaches from edge to edge of them (in the
 * spirit of Howard and Ramdas, "Sequential estimation of quantiles with applications to A/B testing and best-arm
 * identification", Bernoulli 28, 2022). Not an approximation, and assumes nothing about how values lie within a bucket: it is
 * never narrower than buckets are wide, and ends at infinity where a quantile may lie beyond the last bound. Values must be
 * independent. Throws `StatisticsError` for buckets, a share or an alpha that are none.
 */
export function quantileDifferenceSequence(
  control: Buckets,
  treatment: Buckets,
  share: number,
  alpha: number,
): Interval {
  requireShare('the share of the quantile', share);
  requireAlpha(alpha, 'two-sided');
  const ofControl = evidence('control', control, share);
  const ofTreatment = evidence('treatment', treatment, share);
  const limit = -Math.log(alpha);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const [here, one] of ofTreatment.entries()) {
    for (const [there, other] of ofControl.entries()) {
      if (one + other >= limit) continue;
      low = Math.min(low, lowerEdge(treatment, here) - upperEdge(control, there));
      high = Math.max(high, upperEdge(treatment, here) - lowerEdge(control, there));
    }
  }
  return { low, high };
}

/** By bucket: how much speaks against the quantile being in it, as the logarithm of a martingale; the least that it can be. */
function evidence(name: string, { bounds, counts }: Buckets, share: number): readonly number[] {
  if (counts.length !== bounds.length + 1) {
    throw new StatisticsError(
      `${name} has ${counts.length} counts and ${bounds.length} bounds: there is one count more`,
    );
  }
  for (const [bucket, count] of counts.entries())
    requireCount(`the count of bucket ${bucket + 1} of ${name}`, count);
  for (const [at, bound] of bounds.entries()) {
    if (!(bound > (bounds[at - 1] ?? 0) && bound < Number.POSITIVE_INFINITY)) {
      throw new StatisticsError(`the bounds of ${name} do not ascend from above 0`);
    }
  }
  const n = counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  return counts.map((count) => {
    const upTo = before + count;
    // However many values of the bucket are below the quantile: the number that speaks least against it.
    const sum = Math.min(upTo, Math.max(before, Math.ceil(share * (n - 1))));
    before = upTo;
    if (n === 0) return 0;
    const ratio = { observed: [sum, n - sum], expected: [share, 1 - share] };
    return sequentialSampleRatio(ratio, { concentration }).logBayesFactor;
  });
}

/** Sharpest at some thousand values an arm. */
const concentration = 500;

function lowerEdge({ bounds }: Buckets, bucket: number): number {
  return bucket === 0 ? 0 : bounds[bucket - 1]!;
}

function upperEdge({ bounds }: Buckets, bucket: number): number {
  return bounds[bucket] ?? Number.POSITIVE_INFINITY;
}
