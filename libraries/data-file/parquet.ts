import { open } from 'node:fs/promises';
import type { DecodedArray, RowGroup } from 'hyparquet';
import { type ReadBytes, readGroupColumn } from './column-of-group.ts';
import { DataFileError } from './error.ts';
import { readFooter } from './footer.ts';
import { pageCompressors } from './pages.ts';
import type { Cell, ReadOptions, RowBatch } from './rows.ts';

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
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const read: ReadBytes = async (start, end) => {
      signal?.throwIfAborted();
      if (!(start >= 0 && start <= end && end <= size)) throw new Error('a part of it is beyond its end');
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytesRead === bytes.length ? bytes : bytes.slice(0, bytesRead);
    };
    const { metadata, columns } = await attempt(() => readFooter(read, size));
    const names = columns.map(({ element }) => element.name);
    yield { columns: names, rows: [] };
    const all =
      columns.length === 0 ? 0 : metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    let [before, told] = [0, 0];
    // Slices of one group read the same bytes: how far it is is told by the rows.
    const tell = (rows: number): void => {
      const bytes = all === 0 ? size : Math.floor((size * rows) / all);
      onBytes?.(bytes - told);
      told = bytes;
    };
    if (all === 0) return tell(0);
    const compressors = await attempt(() => pageCompressors(metadata));
    for (const group of metadata.row_groups) {
      for (const [start, end] of slicesOf(group, columns.length, most)) {
        const held: DecodedArray[] = [];
        for (const column of columns) {
          const given = { read, metadata, group, column, compressors };
          held.push(await attempt(() => readGroupColumn(given, start, end)));
        }
        for (let from = 0; from < end - start; from += rowsOfBatch) {
          const to = Math.min(end - start, from + rowsOfBatch);
          const rows = await attempt(() => rowsFrom(held, from, to));
          tell(before + start + to);
          yield { columns: names, rows };
        }
      }
      before += Number(group.num_rows);
    }
  } finally {
    await handle.close();
  }
}

/** From which row of a group to which. */
function* slicesOf(
  group: RowGroup,
  columns: number,
  mostBytes: number,
): Generator<readonly [number, number]> {
  const rows = Number(group.num_rows);
  const slices = Math.ceil(bytesHeld(group, columns) / mostBytes);
  const most = Math.max(1, Math.ceil(rows / slices));
  for (let start = 0; start < rows; start += most) yield [start, Math.min(rows, start + most)];
}

/** By the lesser of what the group and its columns say: a wrong one would make slices of single rows. */
function bytesHeld({ num_rows, total_byte_size, columns: chunks }: RowGroup, columns: number): number {
  const unfolded = chunks.reduce(
    (sum, { meta_data: about }) => sum + Number(about!.total_uncompressed_size),
    0,
  );
  return Math.max(1, Number(num_rows) * columns * bytesOfCell + Math.min(Number(total_byte_size), unfolded));
}

function rowsFrom(columns: readonly DecodedArray[], from: number, to: number): Cell[][] {
  const rows: Cell[][] = [];
  for (let row = from; row < to; row++) rows.push(columns.map((cells) => cellOf(cells[row])));
  return rows;
}

async function attempt<Result>(read: () => Result | Promise<Result>): Promise<Result> {
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
