/** Rows of a dataset's file that meet conditions. */
import { type Cell, DataFileError, readRows } from '../../../libraries/data-file/index.ts';
import { referenceUnusable } from '../errors.ts';

export interface RowsGiven {
  readonly path: string;
  /** What people know the file as. */
  readonly place: string;
  /** What a column is called here, and in the file. Those that the file has not are left out. */
  readonly columns: readonly { readonly name: string; readonly column: string }[];
  /** Rows count that meet all of these. */
  readonly where: readonly RowTest[];
}

export interface RowTest {
  readonly column: string;
  readonly in?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly isNumeric: boolean;
}

export interface MetRows {
  readonly names: readonly string[];
  /** Each as long as `names`. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Throws `ReferenceUnusable`. */
export async function* metRows({ path, place, columns, where }: RowsGiven): AsyncGenerator<MetRows> {
  try {
    for await (const batch of readRows(path)) {
      const places = new Map(batch.columns.map((name, at) => [name, at]));
      const wanted = columns.filter(({ column }) => places.has(column));
      const tests = where.map((test) => ({ test, at: places.get(test.column) }));
      const rows = batch.rows.filter((row) =>
        tests.every(({ test, at }) => meets(test, at === undefined ? null : (row[at] ?? null))),
      );
      yield {
        names: wanted.map(({ name }) => name),
        rows: rows.map((row) => wanted.map(({ column }) => row[places.get(column)!] ?? null)),
      };
    }
  } catch (error) {
    if (error instanceof DataFileError) throw referenceUnusable(place, error.message, error);
    throw error;
  }
}

function meets({ in: values, from, to, isNumeric }: RowTest, cell: Cell): boolean {
  const text = cell === null ? '' : String(cell);
  if (values !== undefined && !values.includes(text)) return false;
  if (from === undefined && to === undefined) return true;
  if (text === '') return false;
  if (isNumeric) {
    const value = Number(text);
    return value >= Number(from ?? '-Infinity') && value <= Number(to ?? 'Infinity');
  }
  return !(from !== undefined && text < from) && !(to !== undefined && text > to);
}
