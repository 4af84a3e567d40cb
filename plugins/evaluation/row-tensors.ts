import type { ExampleTensor, Signature, TensorSpec } from '../../core/capabilities/serving-runtime.ts';
import type { Evaluation } from './declaration.ts';
import { evaluationSetUnusable } from './errors.ts';
import { type EvaluationSet, inputColumns } from './evaluation-set.ts';

/** How many rows of a set a model takes in one run: one where its first dimension does not vary. */
export function rowsInARun({ inputs }: Signature): number {
  return inputs.every(({ shape }) => shape[0] === -1) ? 256 : 1;
}

/** Some rows as the inputs of a model. Throws `EvaluationSetUnusable` where a value is not what an input takes. */
export function tensorsOf(
  set: EvaluationSet,
  evaluation: Evaluation,
  { inputs }: Signature,
  from: number,
  to: number,
): ExampleTensor[] {
  return inputs.map((input) => {
    const columns = inputColumns(evaluation, input.name);
    const shape = shapeOf(input, to - from, columns.length);
    const missing = evaluation.inputs?.find(({ name }) => name === input.name)?.missing;
    const data: (number | string | boolean)[] = [];
    for (let row = from; row < to; row++) {
      for (const column of columns) {
        const written = set.columns.get(column)?.[row] ?? '';
        const value = written === '' && missing !== undefined ? missing : written;
        data.push(elementOf(value, input, column, row));
      }
    }
    return { name: input.name, datatype: input.datatype, shape, data };
  });
}

/** A row of the set becomes a row of the tensor: [rows] or [rows, columns]. */
function shapeOf({ name, shape }: TensorSpec, rows: number, columns: number): number[] {
  const width =
    shape.length === 1 ? 1 : shape.length === 2 ? (shape[1] === -1 ? columns : shape[1]) : undefined;
  const fits = width === columns && (shape[0] === -1 || shape[0] === rows);
  if (!fits) {
    const message = `the input "${name}" is [${shape.join(', ')}], which ${columns} ${columns === 1 ? 'column does' : 'columns do'} not fill`;
    throw evaluationSetUnusable(name, message);
  }
  return shape.length === 1 ? [rows] : [rows, columns];
}

function elementOf(value: string, input: TensorSpec, column: string, row: number): number | string | boolean {
  const { datatype, name } = input;
  if (datatype === 'BYTES') return value;
  const wrong = () =>
    evaluationSetUnusable(
      column,
      value === ''
        ? `the column "${column}" is empty in row ${row + 1}: say what stands for that (inputs: - { name: ${name}, missing: … })`
        : `the column "${column}" holds ${JSON.stringify(value.slice(0, 50))} in row ${row + 1}, which is no ${datatype}`,
    );
  if (datatype === 'BOOL') {
    const known = booleans.get(value.toLowerCase());
    if (known === undefined) throw wrong();
    return known;
  }
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isNaN(number) && value.toLowerCase() !== 'nan') throw wrong();
  if (!datatype.startsWith('FP') && !Number.isSafeInteger(number)) throw wrong();
  return number;
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);
