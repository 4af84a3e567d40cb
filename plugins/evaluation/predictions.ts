import type { Trial } from '../../core/capabilities/model-trial.ts';
import type { ExampleTensor, Signature } from '../../core/capabilities/serving-runtime.ts';
import type { Evaluation } from './declaration.ts';
import { evaluationSetUnusable } from './errors.ts';
import type { EvaluationSet } from './evaluation-set.ts';
import { rowsInARun, tensorsOf } from './row-tensors.ts';

/** What a version says of each row. */
export interface Predictions {
  readonly score: Float64Array | undefined;
  readonly prediction: Float64Array | undefined;
}

/** Runs a version over all rows. Throws `TrialFailed` where the version does not answer them. */
export async function predictAll(
  trial: Trial,
  signature: Signature,
  set: EvaluationSet,
  evaluation: Evaluation,
  onRows: (rows: number) => void,
): Promise<Predictions> {
  const columns = {
    score: evaluation.score && new Float64Array(set.rows),
    prediction: evaluation.prediction && new Float64Array(set.rows),
  };
  const step = rowsInARun(signature);
  for (let from = 0; from < set.rows; from += step) {
    const to = Math.min(from + step, set.rows);
    const { outputs } = await trial.infer(tensorsOf(set, evaluation, signature, from, to));
    for (const side of ['score', 'prediction'] as const) {
      const column = columns[side];
      const meant = evaluation[side];
      if (column !== undefined && meant !== undefined) copyRows(outputs, meant, column, from, to);
    }
    onRows(to);
  }
  return columns;
}

function copyRows(
  outputs: readonly ExampleTensor[],
  { output, index = 0 }: { readonly output: string; readonly index?: number },
  column: Float64Array,
  from: number,
  to: number,
): void {
  const tensor = outputs.find(({ name }) => name === output);
  if (tensor === undefined) throw evaluationSetUnusable(output, `the version has no output "${output}"`);
  const width = tensor.data.length / (to - from);
  if (!Number.isInteger(width) || index >= width) {
    const message = `the output "${output}" holds ${tensor.data.length} values for ${to - from} rows, and number ${index} of each was asked for`;
    throw evaluationSetUnusable(output, message);
  }
  for (let row = from; row < to; row++) {
    const value = tensor.data[(row - from) * width + index]!;
    column[row] = typeof value === 'boolean' ? Number(value) : Number.parseFloat(String(value));
  }
}

/** What was true of each row: 0 and 1, or the numbers of the column. Throws `EvaluationSetUnusable`. */
export function labelsOf(set: EvaluationSet, { label }: Evaluation): Float64Array {
  const { column, positive, negative } = label;
  const values = set.columns.get(column) ?? [];
  const listed = new Set(positive ?? negative);
  return Float64Array.from(values, (value, row) => {
    if (positive !== undefined) return Number(listed.has(value));
    if (negative !== undefined) return Number(!listed.has(value));
    const number = value.trim() === '' ? Number.NaN : Number(value);
    if (Number.isFinite(number)) return number;
    const message = `the label column "${column}" holds ${JSON.stringify(value.slice(0, 50))} in row ${row + 1}, which is no number`;
    throw evaluationSetUnusable(column, message);
  });
}
