import {
  type Cell,
  DataFileError,
  isMissing,
  numberOf,
  readRows,
} from '../../../libraries/data-file/index.ts';
import { Profiler, writeProfile } from '../../../libraries/profile/index.ts';
import { referenceUnusable } from '../errors.ts';

export interface ProfileGiven {
  readonly path: string;
  /** What people know the file as. */
  readonly place: string;
  /** What the profile calls it, and the column of the file. Those that the file has not are left out. */
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

/** Throws `ReferenceUnusable`. */
export async function profileDataset(given: ProfileGiven): Promise<string> {
  try {
    return await profileOf(given);
  } catch (error) {
    if (error instanceof DataFileError) throw referenceUnusable(given.place, error.message, error);
    throw error;
  }
}

async function profileOf({ path, columns, where }: ProfileGiven): Promise<string> {
  const profiler = new Profiler<Cell>({ isMissing, numberOf });
  for await (const batch of readRows(path)) {
    const places = new Map(batch.columns.map((name, place) => [name, place]));
    const wanted = columns.filter(({ column }) => places.has(column));
    const tests = where.map((test) => ({ test, place: places.get(test.column) }));
    const rows = batch.rows.filter((row) =>
      tests.every(({ test, place }) => meets(test, place === undefined ? null : (row[place] ?? null))),
    );
    profiler.add(
      wanted.map(({ name }) => name),
      rows.map((row) => wanted.map(({ column }) => row[places.get(column)!] ?? null)),
    );
  }
  return writeProfile(profiler.profile());
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
