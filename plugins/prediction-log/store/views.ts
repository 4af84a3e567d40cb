/** The views that questions are asked of: rows in memory, and files of each form that was ever written. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { createLabelled, createView, type TableName } from './columns.ts';
import { text, texts } from './duck.ts';
import type { StoreFile } from './files.ts';
import { isWhole, ownColumns } from './parquet.ts';

export const bothTables = ['predictions', 'labels'] as const;

/** SQL that makes them of these files; with the store where `writeSchemas` has written schemas, since some files may not be here. */
export function viewsOf(files: readonly StoreFile[], store: string | undefined): readonly string[] {
  const listOf = (table: TableName, isOlder: boolean) => {
    const own = files.filter((file) => file.table === table && isWhole(file) !== isOlder);
    const first = store === undefined ? [] : [schemaPath(store, table, isOlder)];
    return own.length === 0 ? undefined : texts([...first, ...own.map(({ path }) => path)]);
  };
  const of = (table: TableName) => ({ whole: listOf(table, false), older: listOf(table, true) });
  return [createView('predictions', of('predictions')), createView('labels', of('labels')), createLabelled];
}

/** Files without rows: DuckDB takes the columns from the first one of a list, and that may not be here. */
export async function writeSchemas(writer: DuckDBConnection, store: string): Promise<void> {
  for (const table of bothTables) {
    for (const isOlder of [false, true]) {
      const path = schemaPath(store, table, isOlder);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writer.run(
        `COPY (SELECT ${ownColumns(table, isOlder)} FROM recent_${table} WHERE false) TO ${text(path)} (FORMAT parquet)`,
      );
    }
  }
}

/** Named as no file of the store is. */
function schemaPath(store: string, table: TableName, isOlder: boolean): string {
  const folders = ['date=0001-01-01', 'environment=none', 'deployment=none'];
  return join(store, 'schema', table, ...folders, isOlder ? 'older.parquet' : 'schema.parquet');
}
