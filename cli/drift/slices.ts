import { resolve } from 'node:path';
import { type ColumnValues, readSlices } from '../../libraries/data-file/index.ts';
import {
  type CompareOptions,
  compareSlices,
  type Sample,
  type Slice,
  type SliceDrift,
} from '../../libraries/statistics/drift/index.ts';
import { dataFileProblem } from '../data-file-problem.ts';
import { usageError } from '../errors.ts';
import { withProgress } from '../output/progress.ts';
import { isProfileFile } from '../profile/profile-file.ts';
import type { Terminal } from '../terminal.ts';

/** Of a column that is sliced by all its values, so many are: the most frequent ones of the reference. */
const mostOfAColumn = 20;

/** Compares two files slice by slice: `COLUMN` for each of its values, `COLUMN=VALUE` for one. */
export async function compareFileSlices(
  words: readonly string[],
  files: { readonly reference: string; readonly current: string },
  whole: { readonly reference: Sample; readonly columns?: readonly string[] | undefined },
  options: CompareOptions,
  terminal: Terminal,
): Promise<readonly SliceDrift[]> {
  if (isProfileFile(files.reference) || isProfileFile(files.current))
    throw usageError('--slice needs the rows, and a profile has none', 'Name both files of data.');
  // As in the whole file: of few rows, texts may look like numbers.
  const types = new Map(
    [...whole.reference].map(([name, { type }]) => [name, type === 'category' ? type : ('number' as const)]),
  );
  const slices: Slice[] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    const by = at < 0 ? word : word.slice(0, at);
    const one = at < 0 ? undefined : word.slice(at + 1);
    const read = (file: string, values: ReadonlySet<string> | undefined) => {
      const reading = readSlices(resolve(terminal.folder, file), {
        by,
        types,
        signal: terminal.signal,
        ...(values === undefined ? {} : { values }),
        ...(whole.columns === undefined ? {} : { columns: whole.columns }),
      });
      return withProgress(terminal, `reading ${file} by ${by}`, reading).catch((thrown: unknown) => {
        throw dataFileProblem(file, thrown);
      });
    };
    const reference = await read(files.reference, one === undefined ? undefined : new Set([one]));
    if (reference.size === 0)
      throw usageError(
        `no row of ${files.reference} has ${word}`,
        'Name a value that the reference has, or the column alone for each of its values.',
      );
    const values = [...reference]
      .sort(([, first], [, second]) => rowsOf(second) - rowsOf(first))
      .slice(0, mostOfAColumn)
      .map(([value]) => value);
    const current = await read(files.current, new Set(values));
    for (const value of values)
      slices.push({
        column: by,
        value,
        reference: reference.get(value) ?? new Map(),
        current: current.get(value) ?? new Map(),
      });
  }
  return compareSlices(slices, options);
}

function rowsOf(slice: ReadonlyMap<string, ColumnValues>): number {
  return Math.max(0, ...[...slice.values()].map(({ rows }) => rows));
}
