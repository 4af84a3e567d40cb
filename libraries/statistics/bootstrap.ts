import { StatisticsError } from './error.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { quantileOfSorted } from './quantile.ts';
import { seededRandom } from './random.ts';
import { ofAll, type Statistic } from './statistic.ts';

export interface BootstrapOptions {
  /** Samples to draw. Default 2,000. */
  readonly replicates?: number;
  readonly seed: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Estimate extends Interval {
  /** The figure of the rows themselves. */
  readonly value: number;
}

export interface IntervalOptions extends BootstrapOptions {
  /** Default 0.95. */
  readonly level?: number;
  /** Default `percentile`. */
  readonly method?: 'percentile' | 'bca';
}

/**
 * A figure with its bootstrap interval (Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7,
 * 1979). Give it `difference(candidate, current)` for a paired comparison: each sample of rows is scored by both, so that
 * what makes rows hard for both cancels out. Throws `StatisticsError` where the figure is not defined.
 */
export function bootstrap(rows: number, statistic: Statistic, options: IntervalOptions): Estimate {
  const { level = 0.95, method = 'percentile' } = options;
  const value = ofAll(rows, statistic, 'the figure is not defined for these rows');
  const replicates = [...bootstrapReplicates(rows, statistic, options)];
  const interval =
    method === 'percentile'
      ? percentileInterval(replicates, level)
      : bcaInterval({ value, replicates, jackknife: [...jackknife(rows, statistic)], level });
  return { value, ...interval };
}

/**
 * The figures of samples drawn with replacement, one at a time, so that a caller may pause in between. A sample that has no
 * such figure (one class only, say) is drawn again; `StatisticsError` where that happens more often than not.
 */
export function* bootstrapReplicates(
  rows: number,
  statistic: Statistic,
  { replicates = 2000, seed }: BootstrapOptions,
): Generator<number> {
  const random = seededRandom(seed);
  const weights = new Uint32Array(rows);
  let without = 0;
  for (let made = 0; made < replicates; ) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) weights[random.below(rows)]!++;
    const value = statistic(weights);
    if (value !== undefined) {
      made++;
      yield value;
    } else if (++without > replicates) {
      throw new StatisticsError('too few rows: most samples of them do not have the figure');
    }
  }
}

/** The share of replicates that the level names, cut at both ends alike. */
export function percentileInterval(replicates: readonly number[], level = 0.95): Interval {
  if (replicates.length < 2) throw new StatisticsError('an interval needs at least two replicates');
  const sorted = Float64Array.from(replicates).sort();
  const cut = (1 - level) / 2;
  return { low: quantileOfSorted(sorted, cut), high: quantileOfSorted(sorted, 1 - cut) };
}

/**
 * Bias-corrected and accelerated (Efron, "Better bootstrap confidence intervals", JASA 82, 1987): the percentiles are moved
 * for the bias of the replicates and for an error that changes with the figure. Throws `StatisticsError` where every
 * replicate lies on one side of the figure.
 */
export function bcaInterval(parts: {
  readonly value: number;
  readonly replicates: readonly number[];
  readonly jackknife: readonly number[];
  readonly level?: number;
}): Interval {
  const { value, replicates, level = 0.95 } = parts;
  if (replicates.length < 2) throw new StatisticsError('an interval needs at least two replicates');
  let below = 0;
  for (const one of replicates) below += one < value ? 1 : one === value ? 0.5 : 0;
  const share = below / replicates.length;
  if (share === 0 || share === 1)
    throw new StatisticsError('every replicate lies on one side of the figure: its bias cannot be corrected');
  const bias = normalQuantile(share);
  const a = acceleration(parts.jackknife);
  const sorted = Float64Array.from(replicates).sort();
  const end = (p: number): number => {
    const z = bias + normalQuantile(p);
    return quantileOfSorted(sorted, normalCdf(bias + z / (1 - a * z)));
  };
  return { low: end((1 - level) / 2), high: end(1 - (1 - level) / 2) };
}

/**
 * The figures with one group of rows left out at a time; every row is a group of its own up to 200 rows (Tukey's jackknife),
 * beyond that rows are dealt into 200 groups. Throws `StatisticsError` where the figure hangs on a single group.
 */
export function* jackknife(rows: number, statistic: Statistic, mostGroups = 200): Generator<number> {
  const groups = Math.min(rows, mostGroups);
  const weights = new Uint8Array(rows);
  for (let left = 0; left < groups; left++) {
    weights.fill(1);
    for (let row = left; row < rows; row += groups) weights[row] = 0;
    const value = statistic(weights);
    if (value === undefined)
      throw new StatisticsError('the figure is not defined when a few rows are left out');
    yield value;
  }
}

/** A sixth of the skewness of the jackknifed figures; 0 where they are all the same. */
export function acceleration(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let squares = 0;
  let cubes = 0;
  for (const value of values) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}
