import {
  type Cell,
  isMissing,
  numberOf,
  type ReadOptions,
  readRows,
} from '../../libraries/data-file/index.ts';
import type { Random } from '../../libraries/statistics/index.ts';
import type { TableColumn } from '../../libraries/statistics/multivariate/index.ts';

export interface RowSample {
  /** In the file. */
  readonly rows: number;
  readonly columns: readonly TableColumn[];
}

/** Rows of a file, whole, and at most so many: each is as likely to be among them (Vitter's algorithm R, ACM TOMS 11, 1985). */
export async function sampleRows(
  path: string,
  columns: readonly Pick<TableColumn, 'name' | 'type'>[],
  { most, random, ...reading }: ReadOptions & { readonly most: number; readonly random: Random },
): Promise<RowSample> {
  const kept: (readonly (Cell | undefined)[])[] = [];
  let rows = 0;
  for await (const batch of readRows(path, reading)) {
    const places = columns.map(({ name }) => batch.columns.indexOf(name));
    for (const row of batch.rows) {
      rows++;
      const at = kept.length < most ? kept.length : random.below(rows);
      if (at < most) kept[at] = places.map((place) => row[place]);
    }
  }
  return { rows, columns: columns.map(({ name, type }, at) => columnOf(name, type, kept, at)) };
}

function columnOf(
  name: string,
  type: TableColumn['type'],
  rows: readonly (readonly (Cell | undefined)[])[],
  at: number,
): TableColumn {
  if (type === 'number') return { name, type, values: Float64Array.from(rows, (row) => finiteOf(row[at])) };
  return { name, type, values: rows.map((row) => (isMissing(row[at]) ? null : String(row[at]))) };
}

function finiteOf(cell: Cell | undefined): number {
  const value = cell === undefined || isMissing(cell) ? undefined : numberOf(cell);
  return value !== undefined && Number.isFinite(value) ? value : Number.NaN;
}
