/** What errors of DuckDB and of the system say about files. */
import { messageOf } from '../../../core/plugin.ts';

/**
 * Whether an error may come from a file that is damaged or gone. What DuckDB says of the SQL that it was given (a table that there
 * is not, a word that is none) repeats that SQL, whatever words are in it.
 */
export function isAboutFiles(error: unknown): boolean {
  if (isLack(error)) return false;
  const message = firstOf(error);
  const [, kind] = /^([A-Za-z][A-Za-z ]*) Error:/.exec(message) ?? [];
  if (kind === undefined) return /parquet|TProtocol|snappy|zstd|corrupt/i.test(message);
  if (kind === 'Invalid Input') return /parquet file|read file|magic bytes/i.test(message);
  return /^(IO|Invalid|INTERNAL|Serialization)$/.test(kind);
}

/** Of these files those that an error names; undefined where it names no file at all. */
export function namedIn<File extends { readonly path: string }>(
  error: unknown,
  files: readonly File[],
): readonly File[] | undefined {
  const message = firstOf(error);
  const named = files.filter(({ path }) => message.includes(path));
  return named.length > 0 || /\.parquet["']/.test(message) ? named : undefined;
}

/** Without the SQL, which follows after an empty line. */
function firstOf(error: unknown): string {
  return messageOf(error).split('\n\n', 1)[0] ?? '';
}

/** Whether it is this machine that has too little of something: the file that is read then is as good as it was. */
export function isLack(error: unknown): boolean {
  const message = messageOf(error);
  return /out of memory|no space left|ENOSPC|too many open files|EMFILE|ENFILE/i.test(message);
}
