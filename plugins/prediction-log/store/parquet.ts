/** Reads and writes Parquet files of the store. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type TableName, tables } from './columns.ts';
import { rowsOf, text, texts } from './duck.ts';
import { fileAt, newPath, type Partition, type StoreFile, settleDraft } from './files.ts';

export interface NewFile {
  readonly table: TableName;
  readonly where: Partition;
  /** The rows, without an order: `SELECT … FROM …`. */
  readonly rows: string;
  readonly from: Origin;
}

/** What a file was made of. */
export interface Origin {
  /** Names of files of the inbox, as far as they may be there still. */
  readonly sources: readonly string[];
  /** Paths of files of the store that it was written in the place of. */
  readonly replaces: readonly string[];
}

/** Writes a file whole or not at all: when this resolves, it is in its place and survives a power cut. */
export async function writeParquet(
  connection: DuckDBConnection,
  folders: { readonly store: string; readonly drafts: string },
  { table, where, rows, from }: NewFile,
): Promise<StoreFile> {
  const kind = from.replaces.length > 0 ? 'r' : 'c';
  const path = newPath(folders.store, table, where, kind);
  await mkdir(folders.drafts, { recursive: true, mode: 0o700 });
  const draft = join(
    folders.drafts,
    `${kind}-${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}.parquet`,
  );
  const said = (['sources', 'replaces'] as const)
    .filter((key) => from[key].length > 0)
    .map((key) => `${key}: ${text(from[key].join('\n'))}`);
  const order = table === 'predictions' ? 'time' : 'received';
  try {
    await connection.run(
      `COPY (${rows} ORDER BY ${order}) TO ${text(draft)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {${said.join(', ')}})`,
    );
    await settleDraft(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
  const file = await fileAt(path);
  if (file === undefined) throw new Error(`${path} is not where a file of the store can be`);
  return file;
}

/** The columns of a table's files, as a SELECT writes them; of older ones, which lack some. */
export function ownColumns(table: TableName, isOlder = false): string {
  return Object.keys(tables[table])
    .filter((name) => !isOlder || name !== 'outlier')
    .join(', ');
}

/** All rows of files of one table in the order of its columns, as a SELECT. */
export function storedRows(files: readonly StoreFile[]): string {
  const parts = [files.filter(isWhole), files.filter((file) => !isWhole(file))]
    .filter((some) => some.length > 0)
    .map((some) => {
      const columns = Object.keys(tables[some[0]!.table]).map((name) =>
        name === 'outlier' && !isWhole(some[0]!) ? 'NULL::DOUBLE AS outlier' : name,
      );
      return `SELECT ${columns.join(', ')} FROM read_parquet(${listOf(some)}, hive_partitioning = false)`;
    });
  return parts.join(' UNION ALL ');
}

/** Whether it has all columns of its table. */
export function isWhole({ table, hasOutliers }: StoreFile): boolean {
  return table !== 'predictions' || hasOutliers;
}

/** What a file says that it was made of. */
export async function madeOf(connection: DuckDBConnection, path: string): Promise<Origin> {
  const found = await rowsOf<{ readonly key: string; readonly value: string }>(
    connection,
    `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${text(path)})`,
  );
  const named = (key: string) =>
    found
      .filter((one) => one.key === key)
      .flatMap(({ value }) => value.split('\n'))
      .filter((name) => name !== '');
  return { sources: named('sources'), replaces: named('replaces') };
}

/** Reads a file through. Throws where any of it is damaged. */
export async function readThrough(connection: DuckDBConnection, file: StoreFile): Promise<void> {
  const columns = Object.keys(tables[file.table]).filter((name) => name !== 'outlier' || isWhole(file));
  const sums = columns.map((name) => `bit_xor(hash(${name}))`);
  await connection.run(
    `SELECT ${sums.join(', ')} FROM read_parquet(${text(file.path)}, hive_partitioning = false)`,
  );
}

export function listOf(files: readonly StoreFile[]): string | undefined {
  return files.length === 0 ? undefined : texts(files.map(({ path }) => path));
}
