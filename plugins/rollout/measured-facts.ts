import type { KeptAnalyses } from './analysis/analyses.ts';
import type { MetricRun } from './analysis/analysis-run.ts';
import { boundInWords } from './analysis/budget.ts';
import { conditionInWords } from './analysis/conditions.ts';
import type { MetricDefinition } from './analysis/metric-definition.ts';

/** What a metric has come to, for whoever watches. */
export interface MeasuredFact {
  /** `healthy/error-rate`. */
  readonly metric: string;
  /** Of the last look; absent before there was one. */
  readonly outcome?: string;
  /** What conditions see, or the start of it where that is long. */
  readonly result?: unknown;
  /** Why there is no result, or not all of it. */
  readonly note?: string;
  readonly samples?: number;
  /** What must hold and what must not. */
  readonly condition?: string;
  readonly looks: number;
  readonly failed: number;
  /** The step that it is measured in, counted from 1; absent where that goes on beside the steps. */
  readonly step?: number;
  /** Measurements that count, and how many are to be taken, where that is bounded. */
  readonly taken?: number;
  readonly count?: number;
  /** RFC 3339: when the last of them is due if all goes well; absent once it is over. */
  readonly until?: string;
  readonly dryRun?: true;
}

/** The last of what was measured, and what the error budget promises of it. The same while nothing new was measured. */
export function measuredIn(runs: KeptAnalyses): {
  readonly measured: readonly MeasuredFact[];
  readonly bounds: readonly string[];
} {
  const all = Object.values(runs);
  return {
    measured: Object.entries(runs).flatMap(([key, { run, definitions }]) =>
      run.metrics.map((metric, index) => ({ ...stepOf(key), ...factOf(metric, definitions[index]) })),
    ),
    bounds: [...new Set(all.flatMap(({ budget }) => (budget === undefined ? [] : [boundInWords(budget)])))],
  };
}

/** A run in a step has its number in its key. */
function stepOf(key: string): Pick<MeasuredFact, 'step'> {
  const step = /\/step-(\d+)(\/\d+)?$/.exec(key)?.[1];
  return step === undefined ? {} : { step: Number(step) };
}

function factOf(metric: MetricRun, definition: MetricDefinition | undefined): MeasuredFact {
  const { limits, tally, measurements } = metric;
  const last = measurements.at(-1);
  const condition = definition && conditionInWords(definition);
  const looks = tally.successful + tally.failed + tally.inconclusive + tally.error;
  return {
    metric: limits.name,
    ...(last === undefined ? {} : { outcome: last.outcome, ...readingOf(last) }),
    ...(condition === undefined ? {} : { condition }),
    looks,
    failed: tally.failed,
    ...progressOf(metric),
    ...(limits.dryRun === true ? { dryRun: true } : {}),
  };
}

/** Where nothing bounds how often it is measured, nothing says how far it is. */
function progressOf({
  limits,
  tally,
  nextAt,
  over,
}: MetricRun): Pick<MeasuredFact, 'taken' | 'count' | 'until'> {
  const { interval = 0, count = limits.interval === undefined ? 1 : undefined } = limits;
  if (count === undefined) return {};
  const taken = tally.successful + tally.failed + tally.inconclusive;
  if (over !== undefined) return { taken, count };
  return { taken, count, until: new Date(nextAt + (count - taken - 1) * interval).toISOString() };
}

function readingOf({
  reading,
  message,
}: MetricRun['measurements'][number]): Pick<MeasuredFact, 'result' | 'note' | 'samples'> {
  if (reading.type !== 'value') return { note: message.slice(0, longest) };
  const { result, unsure, samples } = reading;
  const text = JSON.stringify(result) ?? 'null';
  return {
    result: text.length > longest ? text.slice(0, longest) : result,
    ...(unsure === undefined ? {} : { note: unsure }),
    ...(samples === undefined ? {} : { samples }),
  };
}

const longest = 300;
