import { type Kysely, type Migration, Migrator } from 'kysely';
import { stateErrorFrom, stateFromNewerVersion } from './errors.ts';
import type { Tables } from './tables.ts';

/**
 * Brings a database to the newest schema. Forward only: what was released is never edited, a change is a new entry.
 * Throws `StateFromNewerVersion` where a newer version of Switchyard has been at the database, and changes nothing.
 */
export async function migrate(
  database: Kysely<Tables>,
  where: string,
  steps: Readonly<Record<string, Migration>> = migrations,
): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => ({ ...steps }) } });
  const done = await executed(database);
  const unknown = done.filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0) throw stateFromNewerVersion(where, unknown);
  if (done.length === Object.keys(steps).length) return;
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw stateErrorFrom(error, where);
}

/** The names of the migrations that a database has had. */
async function executed(database: Kysely<Tables>): Promise<readonly string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const plain = database.withTables<{ kysely_migration: { name: string } }>();
  const rows = await plain.selectFrom('kysely_migration').select('name').orderBy('name').execute();
  return rows.map((row) => row.name);
}

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-observations': {
    async up(database: Kysely<unknown>): Promise<void> {
      const { schema } = database;
      for (const table of ['inventory', 'statuses', 'cells', 'notes']) {
        await schema
          .createTable(table)
          .addColumn('key', 'text', (column) => column.primaryKey().notNull())
          .addColumn('value', 'text', (column) => column.notNull())
          .execute();
      }

      await schema
        .createTable('journal')
        .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('time', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('ref', 'text')
        .addColumn('commit_id', 'text')
        .addColumn('message', 'text', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      for (const column of ['type', 'ref', 'commit_id']) {
        await schema
          .createIndex(`journal_by_${column}`)
          .on('journal')
          .columns([column, 'sequence'])
          .execute();
      }

      await schema
        .createTable('snapshots')
        .addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('commit_id', 'text', (column) => column.notNull().unique())
        .addColumn('time', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('message', 'text', (column) => column.notNull())
        .addColumn('resources', 'integer', (column) => column.notNull())
        .addColumn('issues', 'text', (column) => column.notNull())
        .execute();

      await schema
        .createTable('plans')
        .addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
        .addColumn('from_commit', 'text')
        .addColumn('to_commit', 'text', (column) => column.notNull().unique())
        .addColumn('time', 'text', (column) => column.notNull())
        .addColumn('plan', 'text', (column) => column.notNull())
        .execute();

      await schema
        .createTable('parsed')
        .addColumn('parser_version', 'text', (column) => column.notNull())
        .addColumn('blob', 'text', (column) => column.notNull())
        .addColumn('document', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('parsed_by_blob', ['parser_version', 'blob'])
        .execute();
    },
  },
};
