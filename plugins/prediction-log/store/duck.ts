/** DuckDB, as this program uses it: in memory, within limits, and with no way to any file but those of the store. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export interface DuckOptions {
  /** The only folder that can be read or written. */
  readonly folder: string;
  /** Where it may put aside what does not fit into memory; below `folder`. */
  readonly aside: string;
  /** Bytes. */
  readonly memory: number;
  readonly threads: number;
}

export async function openDuck({ folder, aside, memory, threads }: DuckOptions): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: `${Math.floor(memory / 1024)}KiB`,
    temp_directory: aside,
    max_temp_directory_size: `${Math.floor((4 * memory) / 1024)}KiB`,
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  for (const setting of [
    // It knows a file by name, size and second: one that was mended within that second would be read as it was. The system caches files.
    'enable_external_file_cache = false',
    'autoinstall_known_extensions = false',
    'autoload_known_extensions = false',
    `allowed_directories = [${text(folder)}]`,
    'enable_external_access = false',
    "TimeZone = 'UTC'",
    'lock_configuration = true',
  ]) {
    await connection.run(`SET GLOBAL ${setting}`);
  }
  connection.disconnectSync();
  return instance;
}

/** A text as SQL writes it. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A list of texts as SQL writes it. */
export function texts(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`;
}

/** The rows of an answer, as JSON values. */
export async function rowsOf<Row>(
  connection: DuckDBConnection,
  sql: string,
  values: Readonly<Record<string, string | number>> = {},
): Promise<readonly Row[]> {
  const reader = await connection.runAndReadAll(sql, values);
  return reader.getRowObjectsJson() as unknown as readonly Row[];
}
