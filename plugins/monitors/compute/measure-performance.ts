import { numberOf } from '../../../libraries/data-file/index.ts';
import {
  atOnce,
  type ConfidenceEstimate,
  chosenRows,
  estimatePerformance,
  type Measured,
  type MetricName,
  measure,
  missing,
  type PredictedRows,
  type Sliced,
  slicesOf,
} from '../../../libraries/statistics/performance/index.ts';
import type { LoggedRows, PerformanceTask } from '../parts/performance/logged-rows.ts';

export interface PerformanceGiven {
  readonly task: PerformanceTask;
  readonly metrics: readonly MetricName[];
  /** Rows with labels; none where nothing is to be measured. */
  readonly labelled: LoggedRows | null;
  /** To estimate without labels: what a probability meant, and the rows to estimate. */
  readonly estimate: { readonly reference: LoggedRows; readonly window: LoggedRows } | null;
}

export interface PerformanceAnswer {
  readonly measured: Measured | null;
  readonly slices: readonly {
    readonly column: string;
    readonly slice: string;
    readonly measured: Measured;
  }[];
  readonly estimated: ConfidenceEstimate | null;
}

const seed = 1;
/** A slice of fewer rows says nothing. */
const fewestRows = 10;

export function measurePerformance({
  task,
  metrics,
  labelled,
  estimate,
}: PerformanceGiven): PerformanceAnswer {
  const slices: { column: string; slice: string; measured: Measured }[] = [];
  let measured: Measured | null = null;
  if (labelled !== null) {
    const rows = predictedRows(task, labelled);
    const options = { seed, replicates: replicatesFor(labelled.labels.length), metrics };
    measured = withoutBins(atOnce(measure(rows, options)));
    for (const { input: column, asked, values } of labelled.slices) {
      for (const [slice, places] of placesOf(asked, values)) {
        slices.push({
          column,
          slice,
          measured: withoutBins(atOnce(measure(chosenRows(rows, places), options))),
        });
      }
    }
  }
  return { measured, slices, estimated: estimate === null ? null : estimateOf(estimate) };
}

function estimateOf({ reference, window }: NonNullable<PerformanceGiven['estimate']>): ConfidenceEstimate {
  return atOnce(
    estimatePerformance(
      { probabilities: reference.probabilities, labels: reference.labels as number[] },
      { probabilities: window.probabilities, predicted: window.predicted as number[] },
      { seed, replicates: replicatesFor(window.predicted.length + reference.labels.length) },
    ),
  );
}

function predictedRows(
  task: PerformanceTask,
  { labels, predicted, probabilities }: LoggedRows,
): PredictedRows {
  if (task !== 'multiclass') {
    const numbers = { labels: labels as number[], predicted: predicted as number[] };
    if (task === 'regression') return { task, ...numbers };
    return { task, ...numbers, ...(probabilities.length === labels.length && { probabilities }) };
  }
  const codes = new Map<unknown, number>();
  const codeOf = (value: unknown): number => {
    const code = codes.get(value) ?? codes.size;
    codes.set(value, code);
    return code;
  };
  return { task, labels: labels.map(codeOf), predicted: predicted.map(codeOf) };
}

/** Rows of each slice: of the values that are asked for, or as a file is sliced. Those of few rows say nothing. */
function placesOf(asked: boolean, values: readonly (string | null)[]): [string, number[]][] {
  const codeOf = new Map<string, number>();
  for (const value of values) if (value !== null && !codeOf.has(value)) codeOf.set(value, codeOf.size);
  const names = [...codeOf.keys()];
  const codes = values.map((value) => (value === null ? missing : codeOf.get(value)!));
  const numbers = values.map((value) => (value === null ? Number.NaN : (numberOf(value) ?? Number.NaN)));
  const sliced: Sliced = asked ? { names, of: Int32Array.from(codes) } : slicesOf({ codes, names, numbers });
  const places = sliced.names.map((name): [string, number[]] => [name, []]);
  for (const [row, at] of sliced.of.entries()) places[at]?.[1].push(row);
  const told = places.filter(([, own]) => own.length >= fewestRows);
  return asked
    ? told.sort(([one, some], [other, others]) => others.length - some.length || (one < other ? -1 : 1))
    : told;
}

function withoutBins({ reliability: _, ...measured }: Measured): Measured {
  return measured;
}

function replicatesFor(rows: number): number {
  return Math.max(200, Math.min(1000, Math.floor(1e7 / Math.max(1, rows))));
}
