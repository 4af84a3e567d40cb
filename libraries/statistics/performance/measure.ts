import { type FoundInterval, intervalsTogether, type TogetherOptions } from '../bootstrap-together.ts';
import { type ReliabilityBin, reliabilityBins } from '../calibration.ts';
import { StatisticsError } from '../error.ts';
import type { Statistic } from '../statistic.ts';
import { type Metric, type MetricName, metricsOf } from './metrics.ts';
import { chosenRows, type PredictedRows } from './rows.ts';

/** A figure with its interval. Where there is none, null, and `reason` says why: never NaN. */
export interface MeasuredMetric {
  readonly metric: MetricName;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** How the interval came about. */
  readonly interval: 'bca' | 'percentile' | null;
  readonly reason?: string;
}

export interface Measured {
  readonly n: number;
  readonly metrics: readonly MeasuredMetric[];
  /** Of probabilities: what was predicted, and what was so. */
  readonly reliability?: readonly ReliabilityBin[];
  /** What to know before it is believed. */
  readonly notes: readonly string[];
}

export interface MeasureOptions extends TogetherOptions {
  /** Only these; all that the sort of prediction has where it is absent. */
  readonly metrics?: readonly MetricName[];
}

/** Fewer rows than these and bootstrap intervals are known to be too narrow. */
const fewRows = 30;

/** All figures of some rows, each with its interval. Yields in between, so that a caller may let others work. */
export function* measure(rows: PredictedRows, options: MeasureOptions): Generator<undefined, Measured> {
  const n = rows.labels.length;
  const asked = Object.entries(metricsOf[rows.task] as Readonly<Record<string, Metric>>).filter(
    ([name]) => options.metrics?.includes(name as MetricName) !== false,
  ) as [MetricName, Metric][];
  const figures = asked.map(([name, metric]) => figureOf(name, metric, rows));
  const defined = figures.filter(({ value }) => value !== undefined);
  const { replicates = 1000 } = options;
  const intervals: readonly FoundInterval[] =
    replicates === 0
      ? defined.map(() => ({ method: null, reason: 'no interval was asked for' }))
      : yield* intervalsTogether(
          n,
          defined.map(({ statistic }) => statistic!),
          options,
        );
  const found = new Map(defined.map(({ name }, at) => [name, intervals[at]!]));
  const metrics = figures.map(({ name, value, reason }): MeasuredMetric => {
    const interval = found.get(name);
    if (value === undefined || interval === undefined)
      return { metric: name, value: null, low: null, high: null, interval: null, reason: reason ?? '' };
    if (interval.method === null)
      return { metric: name, value, low: null, high: null, interval: null, reason: interval.reason };
    return { metric: name, value, low: interval.low, high: interval.high, interval: interval.method };
  });
  return { n, metrics, ...reliabilityOf(rows, options.level), notes: notesOf(n, options.level) };
}

/** The same of all rows and of each slice; a slice is the places of its rows. */
export function* measureSlices(
  rows: PredictedRows,
  slices: ReadonlyMap<string, ArrayLike<number>>,
  options: MeasureOptions,
): Generator<undefined, { readonly overall: Measured; readonly slices: ReadonlyMap<string, Measured> }> {
  const overall = yield* measure(rows, options);
  const bySlice = new Map<string, Measured>();
  for (const [name, places] of slices) bySlice.set(name, yield* measure(chosenRows(rows, places), options));
  return { overall, slices: bySlice };
}

/** Runs one of these to its end at once. */
export function atOnce<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

interface Figure {
  readonly name: MetricName;
  readonly statistic?: Statistic;
  readonly value?: number;
  readonly reason?: string;
}

function figureOf(name: MetricName, metric: Metric, rows: PredictedRows): Figure {
  const n = rows.labels.length;
  if (n === 0) return { name, reason: 'there is no row' };
  const of = metric.of === 'predicted' || rows.task !== 'binary' ? rows.predicted : rows.probabilities;
  if (of === undefined) return { name, reason: 'there are no probabilities, only predicted labels' };
  try {
    const computed = metric.statistic(of, rows.labels);
    const value = computed(new Uint8Array(n).fill(1));
    if (value === undefined) return { name, reason: metric.undefinedBecause };
    if (!Number.isFinite(value)) return { name, reason: 'the numbers are too large for it' };
    const statistic: Statistic = (weights) => {
      const one = computed(weights);
      return one !== undefined && Number.isFinite(one) ? one : undefined;
    };
    return { name, statistic, value };
  } catch (thrown) {
    if (thrown instanceof StatisticsError) return { name, reason: thrown.message };
    throw thrown;
  }
}

function reliabilityOf(rows: PredictedRows, level?: number): Pick<Measured, 'reliability'> {
  if (rows.task !== 'binary' || rows.probabilities === undefined || rows.labels.length === 0) return {};
  try {
    const options = level === undefined ? {} : { level };
    return { reliability: reliabilityBins(rows.probabilities, rows.labels, options) };
  } catch (thrown) {
    if (thrown instanceof StatisticsError) return {};
    throw thrown;
  }
}

function notesOf(n: number, level = 0.95): readonly string[] {
  if (n === 0 || n >= fewRows) return [];
  return [`fewer than ${fewRows} rows: the intervals hold the truth less often than ${100 * level} %`];
}
