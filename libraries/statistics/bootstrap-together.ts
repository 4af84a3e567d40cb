import { bcaInterval, type Interval, jackknife, percentileInterval } from './bootstrap.ts';
import { StatisticsError } from './error.ts';
import { seededRandom } from './random.ts';
import type { Statistic } from './statistic.ts';

export interface TogetherOptions {
  /** Samples to draw. Default 1,000. */
  readonly replicates?: number;
  readonly seed: number;
  /** Default 0.95. */
  readonly level?: number;
}

/** The interval of one figure, or why there is none. */
export type FoundInterval =
  | (Interval & { readonly method: 'bca' | 'percentile' })
  | { readonly method: null; readonly reason: string };

/**
 * Intervals of several figures from the same samples of rows: a sample is drawn once for all. By BCa; by percentiles where
 * BCa is not defined (the figure hangs on a few rows, or all replicates lie on one side). Samples that do not have a figure are left out
 * of its interval. Yields after each sample, so that a caller may let others work in between.
 */
export function* intervalsTogether(
  rows: number,
  statistics: readonly Statistic[],
  { replicates = 1000, seed, level = 0.95 }: TogetherOptions,
): Generator<undefined, readonly FoundInterval[]> {
  const random = seededRandom(seed);
  const weights = new Uint32Array(rows);
  const found: number[][] = statistics.map(() => []);
  for (let replicate = 0; replicate < replicates; replicate++) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) weights[random.below(rows)]!++;
    for (const [at, statistic] of statistics.entries()) {
      const value = statistic(weights);
      if (value !== undefined) found[at]!.push(value);
    }
    yield;
  }
  const all = new Uint8Array(rows).fill(1);
  const intervals: FoundInterval[] = [];
  for (const [at, statistic] of statistics.entries()) {
    const value = statistic(all);
    intervals.push(
      value === undefined
        ? { method: null, reason: 'these rows do not have the figure' }
        : yield* intervalOf({ rows, statistic, value, values: found[at]!, replicates, level }),
    );
  }
  return intervals;
}

interface Replicated {
  readonly rows: number;
  readonly statistic: Statistic;
  readonly value: number;
  readonly values: readonly number[];
  readonly replicates: number;
  readonly level: number;
}

function* intervalOf(about: Replicated): Generator<undefined, FoundInterval> {
  const { rows, statistic, value, values, replicates, level } = about;
  if (values.length < 2 || values.length < replicates / 2)
    return { method: null, reason: 'too few rows: most samples of them do not have the figure' };
  if (values.every((one) => one === values[0]))
    return {
      method: null,
      reason: 'every sample of these rows has the same figure: how sure it is cannot be told',
    };
  try {
    const left: number[] = [];
    for (const one of jackknife(rows, statistic)) {
      left.push(one);
      yield;
    }
    const { low, high } = bcaInterval({ value, replicates: values, jackknife: left, level });
    if (low <= high) return { low, high, method: 'bca' };
  } catch (thrown) {
    if (!(thrown instanceof StatisticsError)) throw thrown;
  }
  return { ...percentileInterval(values, level), method: 'percentile' };
}
