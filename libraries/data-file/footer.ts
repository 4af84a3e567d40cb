import type { FileMetaData, SchemaTree } from 'hyparquet';
import type { ReadBytes } from './column-of-group.ts';
import { CompactBytes } from './compact-bytes.ts';
import { DataFileError } from './error.ts';
import { mostColumns } from './rows.ts';

/** Of the schema, with those that lie in each other. */
const mostElements = 4 * mostColumns;
/** The length of what is before it, and a mark. */
const bytesOfEnd = 8;

/** What a Parquet file of so many bytes says of itself at its end, and its columns. Throws where that cannot be. */
export async function readFooter(
  read: ReadBytes,
  size: number,
): Promise<{ readonly metadata: FileMetaData; readonly columns: readonly SchemaTree[] }> {
  // Loaded only where there is such a file.
  const { parquetMetadata, parquetSchema } = await import('hyparquet');
  const end = await read(Math.max(0, size - bytesOfEnd), size);
  const length = end.length < bytesOfEnd ? 0 : new DataView(end.buffer).getUint32(0, true);
  const footer = await read(Math.max(0, size - bytesOfEnd - length), size);
  if (length > 0 && footer.length === length + bytesOfEnd) new CompactBytes(footer).structure();
  const metadata = parquetMetadata(footer);
  requireWhole(metadata, size);
  const columns = parquetSchema(metadata).children;
  requireNames(columns);
  return { metadata, columns };
}

function requireWhole({ schema, row_groups: groups }: FileMetaData, size: number): void {
  if (schema.length > mostElements)
    throw new DataFileError(`its schema has ${schema.length} elements: at most ${mostElements}`);
  let left = size;
  for (const { num_rows: rows, total_byte_size: bytes, columns } of groups) {
    for (const whole of [rows, bytes]) requireCount(whole);
    for (const { meta_data: about } of columns) {
      if (about === undefined) throw new Error('not supported: a column that is encrypted, or not described');
      for (const whole of [about.total_compressed_size, about.total_uncompressed_size]) requireCount(whole);
      left -= Number(about.total_compressed_size);
    }
  }
  if (left < 0) throw new Error('its columns have more bytes than the file');
}

function requireCount(value: unknown): void {
  if (typeof value !== 'bigint' || value < 0n || value > Number.MAX_SAFE_INTEGER)
    throw new Error(`it says ${typeof value === 'bigint' ? value : 'no number'} of how much there is`);
}

function requireNames(columns: readonly SchemaTree[]): void {
  if (columns.length > mostColumns)
    throw new DataFileError(`it has ${columns.length} columns: at most ${mostColumns}`);
  const names = new Set<string>();
  for (const { element } of columns) {
    if (names.has(element.name))
      throw new DataFileError(`two of its columns are called ${JSON.stringify(element.name)}`);
    names.add(element.name);
  }
}
