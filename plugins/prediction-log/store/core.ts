/** What all of the store stands on: the database, the files, and the views that bring both together. */
import { mkdir, rm } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { messageOf } from '../../../core/plugin.ts';
import type { LogPaths } from '../paths.ts';
import type { LogSettings } from '../settings.ts';
import { Bucket, UnfitObject } from './bucket/bucket.ts';
import { dropUnfit, makeRoom } from './bucket/keeping.ts';
import { filesOfPlan } from './bucket/plan.ts';
import { createRecent } from './columns.ts';
import { openDuck } from './duck.ts';
import { isAboutFiles, isLack, namedIn } from './file-errors.ts';
import {
  changedAtOf,
  fileNamed,
  listFiles,
  looksWhole,
  putAside,
  removeFile,
  type StoreFile,
} from './files.ts';
import { madeOf, readThrough } from './parquet.ts';
import { RunningQueries } from './running-queries.ts';
import { LogState } from './state.ts';
import { bothTables, viewsOf, writeSchemas } from './views.ts';

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

/** So often one question may find files that are no good. */
const mostRepairs = 10;
/**
 * A file that was read through, and that nobody wrote to since, is not read again for so long because of an error that names none:
 * not each of a question is of a file.
 */
const trustedMs = 600_000;

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
  /** Where files are kept beside this machine; undefined where the operator names none. */
  readonly bucket: Bucket | undefined;
  #files: readonly StoreFile[] = [];
  /** When files were read through and found good, and when they had been written to. */
  readonly #whole = new Map<string, { readonly at: number; readonly changedAt: number | undefined }>();
  #last: Promise<unknown> = Promise.resolve();
  /** When the next label comes at the earliest. */
  #received = 0;

  private constructor(
    options: StoreOptions,
    state: LogState,
    instance: DuckDBInstance,
    writer: DuckDBConnection,
    bucket: Bucket | undefined,
  ) {
    this.paths = options.paths;
    this.settings = options.settings;
    this.log = options.log;
    this.now = options.now;
    this.state = state;
    this.instance = instance;
    this.writer = writer;
    this.bucket = bucket;
  }

  static async open(options: StoreOptions): Promise<StoreCore> {
    const { paths, settings } = options;
    for (const folder of [paths.inbox, paths.store]) await mkdir(folder, { recursive: true, mode: 0o700 });
    // Halves that a killed process left: nobody else writes here.
    await rm(paths.drafts, { recursive: true, force: true });
    const state = await LogState.open(paths.counts);
    const instance = await openDuck({
      folder: paths.store,
      aside: paths.drafts,
      memory: settings.memory,
      threads: settings.threads,
    });
    const bucket =
      settings.bucket === undefined
        ? undefined
        : await Bucket.open({ ...options, settings: settings.bucket });
    const core = new StoreCore(options, state, instance, await instance.connect(), bucket);
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

  /** When the first of so many labels comes, in milliseconds: after all that came before it, also within one millisecond. */
  receive(labels: number): number {
    const now = this.now();
    const ahead = this.#received - now;
    // A clock that was set back further than that is believed.
    const first = ahead >= 0 && ahead < 1_000 ? this.#received : now;
    this.#received = first + labels / 1_000;
    return first;
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
    await this.#swap(files, also, new Set());
  }

  /**
   * Lets go of files for good, and puts what was written of them in their place. They are to leave the bucket, too, whether it is
   * known to have them or not: it may have one whose putting was never answered.
   */
  async exchange(old: readonly StoreFile[], written: readonly StoreFile[] = []): Promise<void> {
    const isOld = new Set(old);
    try {
      await this.#swap([...this.#files.filter((file) => !isOld.has(file)), ...written], [], isOld);
    } catch (error) {
      // Where they took nobody's place, their rows are in the old ones still, and would be there twice.
      for (const file of written)
        if (!this.#files.includes(file)) await removeFile(file.path).catch(() => {});
      throw error;
    }
  }

  async #swap(
    files: readonly StoreFile[],
    also: readonly string[],
    old: ReadonlySet<StoreFile>,
  ): Promise<void> {
    const { writer, bucket } = this;
    const before = this.#files;
    await writer.run('BEGIN');
    try {
      for (const statement of [...also, ...viewsOf(files, this.bucket && this.paths.store)])
        await writer.run(statement);
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
    if (bucket !== undefined) {
      for (const { path } of old) bucket.markGone(path);
      // While it cannot be written it is tried again every second.
      await bucket.catalogue.save().catch(() => {});
    }
    for (const { path } of gone) {
      this.#whole.delete(path);
      await removeFile(path);
    }
  }

  /**
   * Reads what may be damaged; what is gets put aside, and the rest is read again. With the SQL that is read, files that are in the
   * bucket alone are brought here together; without, one after the other.
   */
  async repairing<Answer>(read: () => Promise<Answer>, sql?: string): Promise<Answer> {
    for (let turn = 0; ; turn++) {
      try {
        return await this.fetching(read, sql);
      } catch (error) {
        if (turn >= mostRepairs) throw error;
        if (error instanceof UnfitObject) await this.inTurn(() => this.#dropUnfit());
        else if (!isAboutFiles(error) || (await this.inTurn(() => this.putDamagedAside(error))) === 0)
          throw error;
      }
    }
  }

  /** Reads, and brings files here that are in the bucket alone and are read. Throws as `Bucket.fetch` does. */
  async fetching<Answer>(read: () => Promise<Answer>, sql?: string): Promise<Answer> {
    const { bucket } = this;
    if (bucket === undefined) return read();
    if (sql !== undefined && bucket.hasAbsent) {
      await bucket.fetch(await this.reading((connection) => filesOfPlan(connection, sql)));
    }
    const again = new Set<string>();
    for (;;) {
      try {
        return await read();
      } catch (error) {
        const path = isAboutFiles(error) ? this.#blamed(error) : undefined;
        if (path === undefined || (again.has(path) && !bucket.isAbsent(path))) throw error;
        again.add(path);
        await bucket.fetch([path]);
      }
    }
  }

  /** Brings a file here where it is in the bucket alone. Gives whether it is there at all. Call it in turn. */
  async isHere(file: StoreFile): Promise<boolean> {
    try {
      await this.bucket?.fetch([file.path]);
      return true;
    } catch (error) {
      if (!(error instanceof UnfitObject)) throw error;
      await this.#dropUnfit();
      return false;
    }
  }

  /** Leaves to the bucket what was brought here, as far as there is more of it than there should be. Call it in turn. */
  async makeRoom(): Promise<void> {
    if (this.bucket !== undefined) await makeRoom(this, this.bucket, 0);
  }

  /**
   * Reads files through: those that an error names; where it names none, those that nobody has read through lately; where there is
   * no error, every one. Gives how many were no good. Call it in turn.
   */
  async putDamagedAside(why?: unknown): Promise<number> {
    const { bucket } = this;
    const damaged: StoreFile[] = [];
    let mended = 0;
    for (const file of await this.#suspects(why)) {
      if (bucket?.isAbsent(file.path) === true) continue;
      try {
        const changedAt = await changedAtOf(file.path);
        await readThrough(this.writer, file);
        this.#whole.set(file.path, { at: this.now(), changedAt });
      } catch (error) {
        if (isLack(error)) throw error;
        if (await this.#isLeftToBucket(file.path, error)) {
          mended++;
          continue;
        }
        damaged.push(file);
        this.#tellDamaged(file.path, error);
      }
    }
    if (damaged.length === 0) return mended;
    const aside = new Set(damaged);
    const rest = this.#files.filter((file) => !aside.has(file));
    // Moved before the views forget it, so that it is not removed.
    for (const { path } of damaged) await putAside(path, this.paths.broken).catch(() => {});
    await this.swap(rest);
    return damaged.length + mended;
  }

  close(): void {
    this.writer.disconnectSync();
    this.instance.closeSync();
  }

  async #suspects(why: unknown): Promise<readonly StoreFile[]> {
    const named = why === undefined ? this.#files : namedIn(why, this.#files);
    if (named !== undefined) return named;
    const unsure: StoreFile[] = [];
    for (const file of this.#files) {
      const { at, changedAt } = this.#whole.get(file.path) ?? {};
      const isTrusted = at !== undefined && Math.abs(this.now() - at) < trustedMs;
      if (!isTrusted || (await changedAtOf(file.path)) !== changedAt) unsure.push(file);
    }
    return unsure;
  }

  async #begin(): Promise<void> {
    for (const table of bothTables) await this.writer.run(createRecent(table));
    if (this.bucket !== undefined) await writeSchemas(this.writer, this.paths.store);
    const whole: StoreFile[] = [];
    const replaced = new Set<string>();
    for (const file of await this.#filesToBegin()) {
      try {
        if (this.bucket?.isAbsent(file.path) === true) {
          whole.push(file);
          continue;
        }
        if (!(await looksWhole(file.path))) throw new Error('it is cut off, or no Parquet file');
        if (file.kind === 'r')
          for (const name of (await madeOf(this.writer, file.path)).replaces) replaced.add(name);
        whole.push(file);
      } catch (error) {
        if (isLack(error)) throw error;
        if (await this.#isLeftToBucket(file.path, error)) whole.push(file);
        else {
          this.#tellDamaged(file.path, error);
          await putAside(file.path, this.paths.broken).catch(() => {});
        }
      }
    }
    // Of those that were written anew just before the end, the old ones are still there.
    for (const { path } of whole) {
      if (!replaced.has(path)) continue;
      this.bucket?.markGone(path);
      await removeFile(path);
    }
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

  /** What is on this machine, and what the catalogue of the bucket names beside it. */
  async #filesToBegin(): Promise<readonly StoreFile[]> {
    const { bucket, paths } = this;
    const here = await listFiles(paths.store);
    const full = here.filter(({ bytes }) => bytes > 0);
    if (bucket === undefined) {
      const elsewhere = here.length - full.length;
      if (elsewhere > 0)
        this.log('warn', 'files of the prediction log are in a bucket that the settings no longer name', {
          files: elsewhere,
        });
      return full;
    }
    const { objects, gone } = bucket.catalogue;
    for (const { path } of here) if (gone.has(bucket.nameOf(path))) await removeFile(path);
    const files = full.filter(({ path }) => !gone.has(bucket.nameOf(path)));
    const names = new Set(files.map(({ path }) => bucket.nameOf(path)));
    for (const [name, { bytes }] of objects) {
      const file = names.has(name) ? undefined : fileNamed(paths.store, name, bytes);
      if (file === undefined) continue;
      await bucket.leaveToBucket(file.path);
      files.push(file);
    }
    // Empty ones that nothing is known of are found again in the bucket.
    for (const { path, bytes } of here) {
      if (bytes === 0 && !bucket.isAbsent(path)) await removeFile(path);
    }
    return files;
  }

  /** Whether a copy on this machine that is no good is let go of, since the bucket has it. */
  async #isLeftToBucket(path: string, error: unknown): Promise<boolean> {
    const { bucket } = this;
    if (bucket === undefined || !bucket.catalogue.objects.has(bucket.nameOf(path))) return false;
    const reason = messageOf(error);
    this.log('warn', 'a file of the prediction log cannot be read and is fetched anew from the bucket', {
      path,
      reason,
    });
    await bucket.leaveToBucket(path);
    return true;
  }

  /** The file that an error names, where the bucket has it. */
  #blamed(error: unknown): string | undefined {
    const { bucket } = this;
    const message = messageOf(error);
    const file = this.#files.find(
      ({ path }) => message.includes(path) && bucket?.catalogue.objects.has(bucket.nameOf(path)) === true,
    );
    return file?.path;
  }

  async #dropUnfit(): Promise<void> {
    if (this.bucket !== undefined) await dropUnfit(this, this.bucket);
  }

  #tellDamaged(path: string, error: unknown): void {
    this.state.count('unreadable', 1);
    const reason = messageOf(error);
    this.log('warn', 'a file of the prediction log cannot be read and is put aside', { path, reason });
  }
}
