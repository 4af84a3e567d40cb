import { ColumnCollector, type ColumnReadOptions, type ColumnValues } from './columns.ts';
import { DataFileError } from './error.ts';
import { isMissing } from './number-text.ts';
import { readRows } from './read-rows.ts';

export interface SliceReadOptions extends ColumnReadOptions {
  /** Rows with the same text in this column are one slice; those without any are in none. */
  readonly by: string;
  /** Only these texts; all where it is absent. */
  readonly values?: ReadonlySet<string>;
}

/** More different texts are no slices but names. */
const mostSlices = 200;

/** A file's columns, slice by slice. Throws `DataFileError`, also where there is no such column or it has too many texts. */
export async function readSlices(
  path: string,
  { by, values, columns: wanted, types, ...options }: SliceReadOptions,
): Promise<ReadonlyMap<string, ReadonlyMap<string, ColumnValues>>> {
  const slices = new Map<string, Map<string, ColumnCollector>>();
  for await (const { columns, rows } of readRows(path, options)) {
    const place = columns.indexOf(by);
    if (place < 0) throw new DataFileError(`it has no column ${JSON.stringify(by)} to slice by`);
    for (const row of rows) {
      const cell = row[place];
      if (cell === undefined || isMissing(cell)) continue;
      const value = String(cell);
      if (values?.has(value) === false) continue;
      let slice = slices.get(value);
      if (slice === undefined) {
        slice = new Map();
        slices.set(value, slice);
        if (slices.size > mostSlices)
          throw new DataFileError(`${JSON.stringify(by)} has more than ${mostSlices} values: name one`);
      }
      for (const [at, name] of columns.entries()) {
        if (name === by || wanted?.includes(name) === false) continue;
        let collector = slice.get(name);
        if (collector === undefined) {
          collector = new ColumnCollector(types?.get(name), 0);
          slice.set(name, collector);
        }
        collector.add(row[at] ?? null);
      }
    }
  }
  return new Map(
    [...slices].map(([value, slice]) => [
      value,
      new Map([...slice].map(([name, collector]) => [name, collector.result()])),
    ]),
  );
}
