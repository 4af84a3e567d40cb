import type { HistogramSnapshot } from '../dataplane/interface/process-metrics.ts';

/** The same observations in fewer buckets, whose bounds are some of its own. */
export function coarser(
  { bounds, counts, sum }: HistogramSnapshot,
  wanted: readonly number[],
): HistogramSnapshot {
  const merged: number[] = new Array(wanted.length + 1).fill(0);
  for (const [bucket, count] of counts.entries()) {
    const bound = bounds[bucket];
    const into = bound === undefined ? -1 : wanted.findIndex((one) => bound <= one);
    merged[into === -1 ? wanted.length : into]! += count;
  }
  return { bounds: wanted, counts: merged, sum };
}
