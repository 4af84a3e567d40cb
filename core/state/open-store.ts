import { accessSync, constants, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import Database from 'libsql';
import { messageOf } from '../errors.ts';
import type { Logger } from '../plugin.ts';
import { retryWhileBusy } from './busy.ts';
import { busyTimeoutMs, embeddedDialect } from './embedded-dialect.ts';
import { isDamage, stateErrorFrom, stateNotWritable } from './errors.ts';
import { migrate } from './migrations.ts';
import { SqlStore } from './sql-store.ts';
import type { Store } from './store.ts';
import type { Tables } from './tables.ts';

/**
 * Opens the embedded store in a folder, and makes both where they are not there.
 *
 * A damaged file is set aside as `state.db.corrupt-<time>`, with a warning and a journal entry, and a new one begun:
 * the state is only observations. Throws `StateNotWritable`, `StateDiskFull`, `StateBusy`, `StateFromNewerVersion`.
 */
export async function openStore(place: { readonly folder: string; readonly log: Logger }): Promise<Store> {
  const { folder, log } = place;
  const file = join(folder, 'state.db');
  makeWritable(folder, file);

  const damage = await retryWhileBusy(async () => findDamage(file, folder));
  if (damage === undefined) return retryWhileBusy(() => openFile(file, folder));

  const aside = setAside(file, new Date());
  log.warn({ file, aside, damage }, 'the state was damaged: it is set aside and a new one begun');
  const store = await retryWhileBusy(() => openFile(file, folder));
  await store.append({
    time: new Date().toISOString(),
    type: 'state.set-aside',
    ref: null,
    commit: null,
    message: `the state was damaged (${damage}): it is kept as ${aside} and a new one begun`,
    data: { aside, damage },
  });
  return store;
}

function makeWritable(folder: string, file: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw stateNotWritable(folder, error);
  }
}

/**
 * What is wrong with a file, or undefined. The check is one script without prepared statements, because a connection
 * ends only with its last statement, and a file must not be renamed while a connection is on it.
 */
function findDamage(file: string, folder: string): string | undefined {
  if (!existsSync(file)) return undefined;
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: busyTimeoutMs });
    database.exec(`
      pragma temp_store = memory;
      create temp table verdict (line text check (line = 'ok'));
      insert into verdict select quick_check from pragma_quick_check(1);`);
    return undefined;
  } catch (error) {
    if (isDamage(error)) return messageOf(error);
    if (isFailedCheck(error)) return 'the integrity check failed';
    throw stateErrorFrom(error, folder);
  } finally {
    database?.close();
  }
}

function isFailedCheck(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'SQLITE_CONSTRAINT_CHECK';
}

/** SQLite finds a write-ahead log by its database's name: they move together, the database first. */
function setAside(file: string, now: Date): string {
  const aside = `${file}.corrupt-${now.toISOString().replaceAll(':', '')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

async function openFile(file: string, folder: string): Promise<Store> {
  let database: Kysely<Tables> | undefined;
  try {
    database = new Kysely<Tables>({ dialect: embeddedDialect(file) });
    await migrate(database, file);
    return new SqlStore(database, folder);
  } catch (error) {
    await database?.destroy();
    throw stateErrorFrom(error, folder);
  }
}
