import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableName } from './columns.ts';
import type { StoreCore } from './core.ts';
import { rowsOf } from './duck.ts';
import type { StoreFile } from './files.ts';
import { listOf } from './parquet.ts';

export type RowCounts = Readonly<Record<TableName, number>>;

/** How many rows are kept. A file never changes, so that each is asked once. */
export class RowCounter {
  readonly #core: StoreCore;
  #known: ReadonlyMap<string, number> = new Map();

  constructor(core: StoreCore) {
    this.#core = core;
  }

  count(): Promise<RowCounts> {
    return this.#core.reading(async (connection) => {
      for (;;) {
        const { files } = this.#core;
        const known = await this.#ask(connection, files);
        const inMemory = await rowsInMemory(connection);
        // What was written meanwhile would be counted twice, or not at all.
        if (files === this.#core.files) return sum(files, known, inMemory);
      }
    });
  }

  async #ask(
    connection: DuckDBConnection,
    files: readonly StoreFile[],
  ): Promise<ReadonlyMap<string, number>> {
    const known = new Map<string, number>();
    const unknown: StoreFile[] = [];
    for (const file of files) {
      const rows = this.#known.get(file.path) ?? this.#core.bucket?.rowsOf(file.path);
      if (rows === undefined) unknown.push(file);
      else known.set(file.path, rows);
    }
    const list = listOf(unknown);
    if (list !== undefined) {
      const sql = `SELECT file_name AS path, num_rows::DOUBLE AS rows FROM parquet_file_metadata(${list})`;
      for (const { path, rows } of await rowsOf<{ path: string; rows: number }>(connection, sql)) {
        known.set(path, rows);
      }
    }
    this.#known = known;
    return known;
  }
}

function sum(
  files: readonly StoreFile[],
  known: ReadonlyMap<string, number>,
  inMemory: RowCounts,
): RowCounts {
  const sums = { ...inMemory };
  for (const { table, path } of files) sums[table] += known.get(path) ?? 0;
  return sums;
}

async function rowsInMemory(connection: DuckDBConnection): Promise<RowCounts> {
  const of = (table: TableName) => `(SELECT count(*) FROM recent_${table})::DOUBLE AS ${table}`;
  const [counted] = await rowsOf<RowCounts>(connection, `SELECT ${of('predictions')}, ${of('labels')}`);
  return counted ?? { predictions: 0, labels: 0 };
}
