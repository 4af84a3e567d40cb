/** Predictions by rows: what was sent, and what cannot be answered. */
import type { FieldProblem } from '../../../../libraries/named-rows/index.ts';
import { InferenceError, type RowError } from './inference-error.ts';

/** Rows that cannot be predicted: none of the request was run. `problems` are the first of them. */
export function invalidRows(sent: number, wrong: number, problems: readonly FieldProblem[]): InferenceError {
  const [first] = problems;
  const field = first?.field === undefined ? '' : `, field "${first.field}"`;
  const which = `row ${first?.row}${field} ${first?.problem}`;
  return new InferenceError(
    'InvalidRows',
    400,
    sent === 1 ? which : `${wrong} of ${sent} rows cannot be predicted: ${which}`,
    { hint: first && rowError(first).hint, rows: problems.map(rowError) },
  );
}

/** A problem of a row, as an answer has it. */
export function rowError({ row, field, problem, meant }: FieldProblem): RowError {
  return {
    row,
    ...(field === undefined ? {} : { field }),
    error: problem,
    ...(meant === undefined ? {} : { hint: `Did you mean "${meant}"?` }),
  };
}

export function tooManyRows(sent: number, most: number): InferenceError {
  return new InferenceError(
    'TooManyRows',
    413,
    `the request has ${sent} rows; at most ${most} are taken at once`,
    {
      hint: 'Send them in several requests, or as the file of a job.',
    },
  );
}

/** The model takes or gives what rows have no part of. */
export function notByRows(message: string): InferenceError {
  return new InferenceError('NotByRows', 409, `this model cannot be asked by rows: ${message}`, {
    hint: 'Ask it with tensors: …/infer.',
  });
}

/** `row` as it was sent. */
export function nonFiniteInRow(name: string, value: number, row: number): InferenceError {
  return new InferenceError(
    'NonFiniteOutput',
    406,
    `output "${name}" of row ${row} is ${value}, which JSON cannot express`,
    { hint: 'Ask for it at …/infer, with the binary tensor extension; or leave out the row.' },
  );
}
