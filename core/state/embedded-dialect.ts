import {
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
} from 'kysely';
import Database from 'libsql';

/** How long one statement blocks the event loop for a lock, in milliseconds; `busy.ts` waits the rest. */
export const busyTimeoutMs = 20;

/** Kysely's SQLite dialect over libsql, with statements that stay prepared. Opens the file (and makes it) when called. */
export function embeddedDialect(file: string): SqliteDialect {
  const database = new Database(file, { timeout: busyTimeoutMs });
  try {
    // WAL lets readers and one writer work at once. NORMAL survives the death of the process; a power cut may cost
    // the last moments, which are observations and are observed again.
    database.exec('pragma journal_mode = wal; pragma synchronous = normal');
  } catch (error) {
    database.close();
    throw error;
  }
  return new EmbeddedDialect(database);
}

class EmbeddedDialect extends SqliteDialect {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new EmbeddedDriver(this.#database);
  }

  override createAdapter(): DialectAdapter {
    return new EmbeddedAdapter();
  }
}

class EmbeddedDriver extends SqliteDriver {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database: prepared(database) });
    this.#database = database;
  }

  /** SQLite rolls back by itself on a full disk: then there is nothing left to do, and no error to hide the first. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** SQLite's schema changes belong to the transaction: a migration happens whole or not at all. */
class EmbeddedAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

const statementsKept = 256;

/** Keeps statements by their text: preparing one costs as much as running it. */
function prepared(database: Database.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare(text) {
      const known = statements.get(text);
      if (known !== undefined) return known;
      const statement = database.prepare(text);
      if (statements.size >= statementsKept) statements.delete(statements.keys().next().value ?? '');
      statements.set(text, statement);
      return statement;
    },
    close() {
      statements.clear();
      leaveWal(database);
      database.close();
    },
  };
}

/**
 * The connection lives on until its statements are collected, and a connection in WAL mode removes the `-wal` file by
 * its path when it ends: by then that may be the file of a new database. So it leaves WAL first. Where another process
 * has the database open this fails, and needs not succeed: that process goes on with the same file.
 */
function leaveWal(database: Database.Database): void {
  try {
    database.exec('pragma busy_timeout = 0; pragma journal_mode = delete');
  } catch {
    // Somebody else has it open: see above.
  }
}
