/** What all of the store stands on: the database, the files, and the views that bring both together. */
import { mkdir } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { LogPaths } from '../paths.ts';
import type { LogSettings } from '../settings.ts';
import { createLabelled, createRecent, createView, type TableName } from './columns.ts';
import { openDuck } from './duck.ts';
import { listFiles, looksWhole, putAside, removeFile, type StoreFile } from './files.ts';
import { isWhole, listOf, madeOf, readThrough } from './parquet.ts';
import { RunningQueries } from './running-queries.ts';
import { LogState } from './state.ts';

export type StoreLog = (
  level: 'info' | 'warn',
  message: string,
  facts: Readonly<Record<string, unknown>>,
) => void;

export interface StoreOptions {
  readonly paths: LogPaths;
  readonly settings: LogSettings;
  readonly log: StoreLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class StoreCore {
  readonly paths: LogPaths;
  readonly settings: LogSettings;
  readonly log: StoreLog;
  readonly now: () => number;
  readonly state: LogState;
  readonly queries = new RunningQueries();
  readonly instance: DuckDBInstance;
  /** Writes, one thing at a time: see `inTurn`. */
  readonly writer: DuckDBConnection;
  #files: readonly StoreFile[] = [];
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    options: StoreOptions,
    state: LogState,
    instance: DuckDBInstance,
    writer: DuckDBConnection,
  ) {
    this.paths = options.paths;
    this.settings = options.settings;
    this.log = options.log;
    this.now = options.now;
    this.state = state;
    this.instance = instance;
    this.writer = writer;
  }

  static async open(options: StoreOptions): Promise<StoreCore> {
    const { paths, settings } = options;
    for (const folder of [paths.inbox, paths.store]) await mkdir(folder, { recursive: true, mode: 0o700 });
    const state = await LogState.open(paths.counts);
    const instance = await openDuck({
      folder: paths.store,
      aside: paths.drafts,
      memory: settings.memory,
      threads: settings.threads,
    });
    const core = new StoreCore(options, state, instance, await instance.connect());
    await core.#begin();
    return core;
  }

  get files(): readonly StoreFile[] {
    return this.#files;
  }

  /** What changes the store is done one after the other. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** A connection of its own for one reader: it sees one state of the store from its begin to its end. */
  async reading<Answer>(read: (connection: DuckDBConnection) => Promise<Answer>): Promise<Answer> {
    return this.queries.run(async () => {
      const connection = await this.instance.connect();
      try {
        return await read(connection);
      } finally {
        connection.disconnectSync();
      }
    });
  }

  /** Puts other files into the views, in one step with what else changes; then files that are no longer among them are removed. */
  async swap(files: readonly StoreFile[], also: readonly string[] = []): Promise<void> {
    const { writer } = this;
    const before = this.#files;
    await writer.run('BEGIN');
    try {
      for (const statement of [...also, ...viewsOf(files)]) await writer.run(statement);
      await writer.run('COMMIT');
    } catch (error) {
      await writer.run('ROLLBACK').catch(() => {});
      throw error;
    }
    this.#files = files;
    const kept = new Set(files.map(({ path }) => path));
    const gone = before.filter(({ path }) => !kept.has(path));
    if (gone.length === 0) return;
    await this.queries.ended();
    for (const { path } of gone) await removeFile(path);
  }

  /** Reads what may be damaged; what is gets put aside, and the rest is read again. */
  async repairing<Answer>(read: () => Promise<Answer>): Promise<Answer> {
    try {
      return await read();
    } catch (error) {
      if (!isAboutFiles(error)) throw error;
      if ((await this.inTurn(() => this.putDamagedAside())) === 0) throw error;
      return read();
    }
  }

  /** Reads every file through. Gives how many were put aside. Call it in turn. */
  async putDamagedAside(): Promise<number> {
    const damaged: StoreFile[] = [];
    for (const file of this.#files) {
      try {
        await readThrough(this.writer, file);
      } catch (error) {
        if (isLack(error)) throw error;
        damaged.push(file);
        await this.#tellDamaged(file.path, error);
      }
    }
    if (damaged.length === 0) return 0;
    const aside = new Set(damaged);
    const rest = this.#files.filter((file) => !aside.has(file));
    // Moved before the views forget it, so that it is not removed.
    for (const { path } of damaged) await putAside(path, this.paths.broken).catch(() => {});
    await this.swap(rest);
    return damaged.length;
  }

  close(): void {
    this.writer.disconnectSync();
    this.instance.closeSync();
  }

  async #begin(): Promise<void> {
    for (const table of ['predictions', 'labels'] as const) await this.writer.run(createRecent(table));
    const whole: StoreFile[] = [];
    const replaced = new Set<string>();
    for (const file of await listFiles(this.paths.store)) {
      try {
        if (!(await looksWhole(file.path))) throw new Error('it is cut off, or no Parquet file');
        if (file.kind === 'r')
          for (const name of (await madeOf(this.writer, file.path)).replaces) replaced.add(name);
        whole.push(file);
      } catch (error) {
        if (isLack(error)) throw error;
        await this.#tellDamaged(file.path, error);
        await putAside(file.path, this.paths.broken).catch(() => {});
      }
    }
    // Of those that were written anew just before the end, the old ones are still there.
    for (const { path } of whole) if (replaced.has(path)) await removeFile(path);
    const kept = whole.filter(({ path }) => !replaced.has(path));
    try {
      await this.swap(kept);
    } catch (error) {
      if (!isAboutFiles(error)) throw error;
      await this.swap([]);
      this.#files = kept;
      await this.putDamagedAside();
    }
  }

  async #tellDamaged(path: string, error: unknown): Promise<void> {
    this.state.count('unreadable', 1);
    const reason = error instanceof Error ? error.message : String(error);
    this.log('warn', 'a file of the prediction log cannot be read and is put aside', { path, reason });
  }
}

function viewsOf(files: readonly StoreFile[]): readonly string[] {
  const of = (table: TableName) => {
    const own = files.filter((file) => file.table === table);
    return { whole: listOf(own.filter(isWhole)), older: listOf(own.filter((file) => !isWhole(file))) };
  };
  return [createView('predictions', of('predictions')), createView('labels', of('labels')), createLabelled];
}

/** Whether an error may come from a file that is damaged or gone. */
export function isAboutFiles(error: unknown): boolean {
  if (isLack(error)) return false;
  const message = error instanceof Error ? error.message : String(error);
  return /^(Invalid|IO|INTERNAL|Serialization) Error|parquet|TProtocol|snappy|zstd|corrupt/i.test(message);
}

/** Whether it is this machine that has too little of something: the file that is read then is as good as it was. */
function isLack(error: unknown): boolean {
  const message = error instanceof Error ? error.message : String(error);
  return /out of memory|no space left|ENOSPC|too many open files|EMFILE|ENFILE/i.test(message);
}
