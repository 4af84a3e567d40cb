import { DataFileError } from '../libraries/data-file/index.ts';
import { dataFileUnusable, fileUnreadable } from './errors.ts';

/** What the reading of a data file throws, as `DataFileUnusable` or `FileUnreadable`; anything else as it is. */
export function dataFileProblem(path: string, thrown: unknown): unknown {
  if (thrown instanceof DataFileError) return dataFileUnusable(path, thrown);
  return thrown instanceof Error && 'syscall' in thrown ? fileUnreadable(path, thrown) : thrown;
}
