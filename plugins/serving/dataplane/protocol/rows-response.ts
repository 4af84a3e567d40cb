/** Writes what rows by name are answered: of each row its outputs by name. */
import type { RowError } from '../errors/inference-error.ts';
import { nonFiniteInRow, notByRows, rowError } from '../errors/row-errors.ts';
import { factsOf, type NumericData } from '../tensor/datatypes.ts';
import { halfToNumber } from '../tensor/half.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ResponseTemplate } from './inference-response.ts';
import type { ModelInterface, TensorInterface } from './model-interface.ts';
import type { RowsRequest } from './rows-request.ts';

/**
 * `{"predictions": [{"label": 1, "probability": 0.83}], …}`: an output of one value a row is that value, one of several a list, nested as
 * its shape is, and one with classes says their names. Throws `NotByRows` or `NonFiniteOutput`.
 */
export function encodeRowsResponse(
  { opening }: ResponseTemplate,
  model: ModelInterface,
  { id, outputs, rows, sent, skips, problems }: RowsRequest,
  tensors: readonly Tensor[],
): string {
  const writers = outputs.map(({ index }) => {
    const about = model.outputs[index]!;
    return { key: JSON.stringify(about.name), write: writerOf(about, tensors[index]!, rows.length) };
  });
  const errors: RowError[] = [];
  const predictions: string[] = new Array(sent).fill('null');
  for (const [index, row] of rows.entries()) {
    try {
      const written = writers.map(({ key, write }) => `${key}:${write(index, row)}`);
      predictions[row] = `{${written.join(',')}}`;
    } catch (error) {
      if (!skips) throw error;
      errors.push({ row, error: (error as Error).message });
    }
  }
  for (const problem of problems) errors.push(rowError(problem));
  errors.sort((one, other) => one.row - other.row);
  const said = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  const failed = skips ? `,"errors":${JSON.stringify(errors)}` : '';
  return `${opening}${said}"predictions":[${predictions.join(',')}]${failed}}`;
}

/** Writes the part of a row, by its position among those that were run; the other number is its name in an error. */
type WriteRow = (index: number, row: number) => string;

function writerOf(about: TensorInterface, tensor: Tensor, rows: number): WriteRow {
  const [has, ...shape] = tensor.shape;
  if (has !== rows)
    throw notByRows(
      `the output "${about.name}" of shape [${tensor.shape}] has no part for each of ${rows} rows`,
    );
  const width = shape.reduce((product, size) => product * size, 1);
  const value = valueWriter(about.name, tensor);
  const { classes } = about;
  if (classes !== undefined && width === 1 && !factsOf(tensor.datatype).form.match(/float|half/))
    return (index) => JSON.stringify(classes[Number(tensor.data[index])]) ?? value(index, 0);
  if (classes !== undefined && width === classes.length) {
    const keys = classes.map((name) => JSON.stringify(name));
    return (index, row) => `{${keys.map((key, at) => `${key}:${value(index * width + at, row)}`).join(',')}}`;
  }
  if (width === 1) return value;
  return (index, row) => nested(shape, index * width, (at) => value(at, row));
}

function nested(
  [size = 0, ...rest]: readonly number[],
  start: number,
  write: (at: number) => string,
): string {
  const step = rest.reduce((product, one) => product * one, 1);
  const parts: string[] = new Array(size);
  for (let at = 0; at < size; at++)
    parts[at] = rest.length === 0 ? write(start + at) : nested(rest, start + at * step, write);
  return `[${parts.join(',')}]`;
}

/** Writes one element. */
function valueWriter(name: string, { datatype, data }: Tensor): (at: number, row: number) => string {
  const { form } = factsOf(datatype);
  if (form === 'text') return (at) => JSON.stringify(data[at]);
  if (form === 'boolean') return (at) => (data[at] === 0 ? 'false' : 'true');
  if (form === 'integer' || form === 'big') return (at) => String(data[at]);
  const numbers = data as NumericData;
  return (at, row) => {
    const value = form === 'half' ? halfToNumber(numbers[at] as number) : (numbers[at] as number);
    if (!Number.isFinite(value)) throw nonFiniteInRow(name, value, row);
    return String(value);
  };
}
