import { open } from 'node:fs/promises';
import type { AsyncBuffer, DecodedArray, FileMetaData, RowGroup } from 'hyparquet';
import { DataFileError } from './error.ts';
import { pageCompressors } from './pages.ts';
import { type Cell, mostColumns, type ReadOptions, type RowBatch } from './rows.ts';

/** What the columns of a row group may hold before it is read in slices: a file of some kilobytes may have millions of rows in one. */
const mostBytesHeld = 512 * 1024 * 1024;
/** What a cell takes beside the bytes of its value: a place, and a number of its own. */
const bytesOfCell = 16;
const rowsOfBatch = 4096;

/** The columns of a row group at a time, or of a slice of a large one; rows are made of them as they are asked for. */
export async function* parquetRows(
  path: string,
  { signal, onBytes }: ReadOptions,
  most = mostBytesHeld,
): AsyncGenerator<RowBatch> {
  // Loaded only where there is such a file.
  const { parquetMetadataAsync, parquetScan } = await import('hyparquet');
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const file: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        signal?.throwIfAborted();
        const bytes = Buffer.alloc(Math.max(0, Math.min(end, size) - start));
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
        // A copy: what lies behind a Buffer may be shared.
        return new Uint8Array(bytes.subarray(0, bytesRead)).buffer;
      },
    };
    const metadata = await attempt(() => parquetMetadataAsync(file));
    const columns = columnsOf(metadata);
    yield { columns, rows: [] };
    const compressors = await attempt(() => pageCompressors(metadata));
    const scan = await attempt(() => parquetScan({ file, metadata, compressors }));
    const all = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    let told = 0;
    // Slices of one group read the same bytes: how far it is is told by the rows.
    const tell = (rows: number): void => {
      const bytes = all === 0 ? size : Math.floor((size * rows) / all);
      onBytes?.(bytes - told);
      told = bytes;
    };
    if (all === 0) tell(0);
    for (const [rowStart, rowEnd] of slicesOf(metadata, columns.length, most)) {
      const held: DecodedArray[] = [];
      for (const column of columns)
        held.push(await attempt(() => scan.readColumn({ column, rowStart, rowEnd })));
      for (let from = 0; from < rowEnd - rowStart; from += rowsOfBatch) {
        const to = Math.min(rowEnd - rowStart, from + rowsOfBatch);
        const rows = await attempt(async () => rowsFrom(held, from, to));
        tell(rowStart + to);
        yield { columns, rows };
      }
    }
  } finally {
    await handle.close();
  }
}

/** From which row to which, by the row groups. */
function* slicesOf(
  { row_groups }: FileMetaData,
  columns: number,
  mostBytes: number,
): Generator<readonly [number, number]> {
  let start = 0;
  for (const group of row_groups) {
    const rows = Number(group.num_rows);
    const slices = Math.ceil(bytesHeld(group, columns) / mostBytes);
    const most = Math.max(1, Math.ceil(rows / slices));
    const end = start + rows;
    for (; start < end; start = Math.min(end, start + most)) yield [start, Math.min(end, start + most)];
  }
}

function bytesHeld({ num_rows, total_byte_size }: RowGroup, columns: number): number {
  return Math.max(1, Number(num_rows) * columns * bytesOfCell + Number(total_byte_size));
}

function rowsFrom(columns: readonly DecodedArray[], from: number, to: number): Cell[][] {
  const rows: Cell[][] = [];
  for (let row = from; row < to; row++) rows.push(columns.map((cells) => cellOf(cells[row])));
  return rows;
}

async function attempt<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    // What the file system says, and whoever stops the reading, is told as it is.
    if (cause instanceof Error && (cause.name === 'AbortError' || 'syscall' in cause)) throw cause;
    if (cause instanceof DataFileError) throw cause;
    throw new DataFileError(problemIn(cause), { cause });
  }
}

/** Damage shows as anything: an offset beyond the file, a type that there is none of. What Parquet may have and is not read is named. */
function problemIn(cause: unknown): string {
  const said = cause instanceof Error ? cause.message : String(cause);
  return /(unsupported|not supported)(?!.*undefined)/.test(said)
    ? `it cannot be read as Parquet: ${said}`
    : `it is no Parquet, or it is damaged or cut short (${said})`;
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
  const twice = columns.find((name, place) => columns.indexOf(name) !== place);
  if (twice !== undefined) throw new DataFileError(`two of its columns are called ${JSON.stringify(twice)}`);
  return columns;
}

function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value;
  if (value instanceof Date) return textOf(value);
  return (
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? null
  );
}

function textOf(time: Date): string {
  if (Number.isNaN(time.getTime()))
    throw new DataFileError('it has a time that is infinite, or further from 1970 than 275,000 years');
  return time.toISOString();
}
