import { StatisticsError } from '../error.ts';

/** The same rows seen in several columns. NaN and null are missing. */
export type TableColumn =
  | { readonly type: 'number'; readonly name: string; readonly values: ArrayLike<number> }
  | { readonly type: 'category'; readonly name: string; readonly values: readonly (string | null)[] };

export interface Tables {
  readonly reference: readonly TableColumn[];
  /** The same columns in the same order, of the same types. */
  readonly current: readonly TableColumn[];
}

/** Fewer rows of a sample than that tell nothing about several columns together. */
export const fewestRows = 50;

/** Throws `StatisticsError` for tables that cannot be compared. */
export function requireTables({ reference, current }: Tables): TableSizes {
  if (reference.length < 2) throw new StatisticsError('columns together are two at least');
  for (const [at, column] of reference.entries()) {
    const other = current[at];
    if (other?.name !== column.name || other.type !== column.type)
      throw new StatisticsError(`the samples do not have the column ${JSON.stringify(column.name)} alike`);
  }
  const sizes = { reference: rowsOf(reference), current: rowsOf(current) };
  for (const [sample, rows] of Object.entries(sizes))
    if (rows < fewestRows)
      throw new StatisticsError(`the ${sample} sample has ${rows} rows, and ${fewestRows} are needed`);
  return sizes;
}

export interface TableSizes {
  readonly reference: number;
  readonly current: number;
}

function rowsOf(columns: readonly TableColumn[]): number {
  const [first] = columns;
  const rows = first?.values.length ?? 0;
  if (columns.some(({ values }) => values.length !== rows))
    throw new StatisticsError('the columns of a table have different numbers of rows');
  return rows;
}
