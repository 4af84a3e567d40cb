/** Which fields a row of a model has. */

export interface NamedTensor {
  readonly name: string;
  /** In the words of the Open Inference Protocol. */
  readonly datatype: string;
  /** -1 where any size will do. The first one counts rows. */
  readonly shape: readonly number[];
  /** Names of its values, where it has several a row. */
  readonly columns?: readonly string[];
}

/** A field: one value a row, at one place of an input. */
export interface FieldPlan {
  readonly field: string;
  readonly datatype: string;
  /** Position among the model's inputs. */
  readonly input: number;
  /** Position among the values that a row of the input has. */
  readonly at: number;
}

export type FieldValue = string | number | boolean | bigint | null;

/** Whether a cell says nothing of a field. An empty text is one, where the model takes texts. */
export function isNothing(cell: unknown, datatype: string): cell is null | '' {
  return cell === null || (cell === '' && datatype !== 'BYTES');
}

export interface PlanOptions {
  /** Names of the values of an input that has several a row, in order. Default: its own, else `pixels[0]`, `pixels[1]`, … */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
}

/** The model cannot be asked by rows, or not by these columns. */
export class NoRowsError extends Error {
  override readonly name = 'NoRowsError';
}

const mostValues = 65_536;

/**
 * The fields of a row, in the order of inputs and values. An input of one value a row gives one field of its name.
 *
 * @throws NoRowsError where an input has no rows or an unknown number of values a row, columns do not fit it, or two fields would
 * have the same name.
 */
export function fieldsOf(
  inputs: readonly NamedTensor[],
  { columns = {} }: PlanOptions = {},
): readonly FieldPlan[] {
  for (const name of Object.keys(columns)) {
    if (!inputs.some((input) => input.name === name))
      throw new NoRowsError(`the model has no input "${name}"`);
  }
  const fields = inputs.flatMap((input, index) =>
    namesOf(input, Object.hasOwn(columns, input.name) ? columns[input.name] : input.columns).map(
      (field, at) => ({
        field,
        datatype: input.datatype,
        input: index,
        at,
      }),
    ),
  );
  const seen = new Set<string>();
  for (const { field } of fields) {
    if (seen.has(field)) throw new NoRowsError(`two fields would be called "${field}"`);
    seen.add(field);
  }
  return fields;
}

function namesOf({ name, shape }: NamedTensor, columns: readonly string[] | undefined): readonly string[] {
  const [rows, ...rest] = shape;
  if (rows !== -1) throw new NoRowsError(`the input "${name}" of shape [${shape}] takes no rows`);
  const values = rest.reduce((product, size) => product * size, 1);
  if (rest.some((size) => size < 0) || values > mostValues)
    throw new NoRowsError(`the input "${name}" of shape [${shape}] has no known number of values a row`);
  if (columns !== undefined) {
    if (columns.length !== values)
      throw new NoRowsError(
        `the input "${name}" has ${values} values a row, and ${columns.length} columns were named`,
      );
    return columns;
  }
  return values === 1 ? [name] : Array.from({ length: values }, (_, at) => `${name}[${at}]`);
}
