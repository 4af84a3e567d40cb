import type { Evaluation } from './declaration.ts';
import type { EvaluationSet } from './evaluation-set.ts';
import { statisticOf } from './metrics.ts';
import type { Predictions } from './predictions.ts';

/** The first metric on the rows of one value of a column. It is shown, not judged: one slice of many is always bad. */
export interface Slice {
  readonly column: string;
  readonly value: string;
  readonly rows: number;
  /** Undefined where these rows have no such figure. */
  readonly candidate: number | undefined;
  readonly current: number | undefined;
}

/** Values beyond these are left out of the table. */
const mostValues = 8;

export function slicesOf(
  set: EvaluationSet,
  evaluation: Evaluation,
  predictions: { readonly candidate: Predictions; readonly current: Predictions },
  labels: Float64Array,
): readonly Slice[] {
  const [first] = evaluation.metrics;
  if (first === undefined) return [];
  const candidate = statisticOf(first.name, predictions.candidate, labels);
  const current = statisticOf(first.name, predictions.current, labels);
  return (evaluation.slices ?? []).flatMap((column) => {
    const values = set.columns.get(column) ?? [];
    return commonest(values).map(([value, rows]) => {
      const weights = Uint8Array.from(values, (one) => Number(one === value));
      return { column, value, rows, candidate: candidate(weights), current: current(weights) };
    });
  });
}

function commonest(values: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)).slice(0, mostValues);
}
