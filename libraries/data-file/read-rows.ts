import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { csvRows } from './csv.ts';
import { DataFileError } from './error.ts';
import { jsonlRows } from './jsonl.ts';
import { parquetRows } from './parquet.ts';
import type { ReadOptions, RowBatch } from './rows.ts';

export type DataFormat = 'csv' | 'jsonl' | 'parquet';

/** By the file's ending. */
export function formatOf(path: string): DataFormat {
  const ending = extname(path).toLowerCase();
  if (ending === '.csv' || ending === '.tsv') return 'csv';
  if (ending === '.jsonl' || ending === '.ndjson') return 'jsonl';
  if (ending === '.parquet') return 'parquet';
  throw new DataFileError(
    `its ending ${JSON.stringify(ending)} names no format: .csv, .tsv, .jsonl, .ndjson or .parquet`,
  );
}

/** Throws `DataFileError` for what is no such file, and what the file system throws. */
export async function* readRows(path: string, options: ReadOptions = {}): AsyncGenerator<RowBatch> {
  const format = formatOf(path);
  if (format === 'parquet') {
    yield* parquetRows(path, options);
    return;
  }
  const stream = createReadStream(path, {
    highWaterMark: 256 * 1024,
    ...(options.signal && { signal: options.signal }),
  });
  stream.on('data', (chunk) => options.onBytes?.(chunk.length));
  try {
    yield* format === 'csv'
      ? csvRows(stream, path.toLowerCase().endsWith('.tsv') ? '\t' : ',')
      : jsonlRows(stream, options.json);
  } finally {
    stream.destroy();
  }
}
