import { open } from 'node:fs/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { DataFileError } from './error.ts';
import { type Cell, mostColumns, type ReadOptions, type RowBatch } from './rows.ts';

/** A row group at a time. Compressed by Snappy, gzip or Brotli, or not at all; others are refused by name. */
export async function* parquetRows(path: string, { signal, onBytes }: ReadOptions): AsyncGenerator<RowBatch> {
  // Loaded only where there is such a file.
  const { parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const file: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        signal?.throwIfAborted();
        const bytes = Buffer.alloc(Math.max(0, Math.min(end, size) - start));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
        onBytes?.(bytesRead);
        // A copy: what lies behind a Buffer may be shared.
        return new Uint8Array(bytes.subarray(0, bytesRead)).buffer;
      },
    };
    const metadata = await attempt(() => parquetMetadataAsync(file));
    const columns = columnsOf(metadata);
    yield { columns, rows: [] };
    let start = 0;
    for (const group of metadata.row_groups) {
      const end = start + Number(group.num_rows);
      let rows: unknown[][] = [];
      await attempt(() =>
        parquetRead({
          file,
          metadata,
          rowStart: start,
          rowEnd: end,
          compressors: {
            GZIP: (input) => gunzipSync(input),
            BROTLI: (input) => brotliDecompressSync(input),
          },
          onComplete: (found) => {
            rows = found;
          },
        }),
      );
      yield { columns, rows: rows.map((row) => row.map(cellOf)) };
      start = end;
    }
  } finally {
    await handle.close();
  }
}

async function attempt<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'AbortError') throw cause;
    throw new DataFileError(
      `it cannot be read as Parquet: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

function columnsOf({ schema }: FileMetaData): readonly string[] {
  const columns: string[] = [];
  // The schema is a tree in one list: each node is followed by its children.
  let at = 1;
  const skip = (): void => {
    const children = schema[at++]?.num_children ?? 0;
    for (let child = 0; child < children; child++) skip();
  };
  for (let child = 0; child < (schema[0]?.num_children ?? 0); child++) {
    columns.push(schema[at]?.name ?? '');
    skip();
  }
  if (columns.length > mostColumns)
    throw new DataFileError(`it has ${columns.length} columns: at most ${mostColumns}`);
  return columns;
}

function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value;
  if (value instanceof Date) return value.toISOString();
  return (
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? null
  );
}
