/** What errors of DuckDB and of the system say about files. */

/** Whether an error may come from a file that is damaged or gone. */
export function isAboutFiles(error: unknown): boolean {
  if (isLack(error)) return false;
  const message = error instanceof Error ? error.message : String(error);
  return /^(Invalid|IO|INTERNAL|Serialization) Error|parquet|TProtocol|snappy|zstd|corrupt/i.test(message);
}

/** Whether it is this machine that has too little of something: the file that is read then is as good as it was. */
export function isLack(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /out of memory|no space left|ENOSPC|too many open files|EMFILE|ENFILE/i.test(message);
}
