/**
 * The bucket in which the log's files are kept, and what of it is on this machine. A file whose content is in the bucket alone
 * has an empty file in its place: DuckDB sees that there is one, and says so where it would read it.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { logQueryTooLong, logUnavailable } from '../../../../core/capabilities/prediction-sink-errors.ts';
import {
  type Credentials,
  ObjectStorage,
  ObjectStorageError,
} from '../../../../libraries/object-storage/index.ts';
import type { BucketSettings } from '../../bucket-settings.ts';
import type { LogPaths } from '../../paths.ts';
import type { StoreLog } from '../core.ts';
import { Catalogue } from './catalogue.ts';

export interface BucketOptions {
  readonly settings: BucketSettings;
  readonly paths: LogPaths;
  readonly log: StoreLog;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface BucketCounts {
  uploaded: number;
  fetched: number;
  /** Requests that failed. */
  failed: number;
  /** Objects that should have been there. */
  missing: number;
}

/** An object that is no good: it is gone, or not what was put there. */
export class UnfitObject extends Error {
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Why the bucket is not even asked. */
export class BucketTrouble extends Error {}

/** Whether an error says that the bucket cannot be used now. */
export function isOfBucket(error: unknown): error is Error {
  return error instanceof BucketTrouble || (error instanceof ObjectStorageError && !error.isMissing);
}

const firstPauseMs = 1_000;
const longestPauseMs = 300_000;
/** Somebody who asks waits for a new attempt, so long after the last one. */
const patienceMs = 2_000;
const together = 4;
/** Bytes in a millisecond: a storage that gives or takes fewer cannot be used. */
const slowest = 64;

export class Bucket {
  readonly settings: BucketSettings;
  readonly catalogue: Catalogue;
  readonly storage: ObjectStorage;
  readonly counts: BucketCounts = { uploaded: 0, fetched: 0, failed: 0, missing: 0 };
  readonly #paths: LogPaths;
  readonly #log: StoreLog;
  readonly #now: () => number;
  /** Paths of files whose content is not here. */
  readonly #absent = new Set<string>();
  readonly #unfit = new Map<string, 'missing' | 'damaged'>();
  readonly #fetching = new Map<string, Promise<void>>();
  readonly #used = new Map<string, number>();
  #credentials: Credentials | { readonly problem: string } = { problem: 'its credentials are not read yet' };
  #trouble: string | undefined;
  #failures = 0;
  #failedAt = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor({ settings, paths, log, now }: BucketOptions, catalogue: Catalogue) {
    this.settings = settings;
    this.catalogue = catalogue;
    this.#paths = paths;
    this.#log = log;
    this.#now = now;
    this.storage = new ObjectStorage({
      place: settings,
      idleMs: settings.timeoutMs,
      credentials: () => {
        const known = this.#credentials;
        if ('problem' in known) throw new BucketTrouble(known.problem);
        return known;
      },
    });
  }

  static async open(options: BucketOptions): Promise<Bucket> {
    return new Bucket(options, await Catalogue.open(options.paths.objects));
  }

  /** With new ones it is tried again at once. */
  setCredentials(credentials: Credentials | { readonly problem: string }): void {
    if (JSON.stringify(credentials) === JSON.stringify(this.#credentials)) return;
    this.#credentials = credentials;
    this.#failures = 0;
  }

  /** Why nothing can be done with it now. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  get isResting(): boolean {
    if (this.#failures === 0) return false;
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#failures - 1, 20));
    const since = this.#now() - this.#failedAt;
    // A clock that was set back is no reason to wait for it.
    return since >= 0 && since < pause;
  }

  get hasAbsent(): boolean {
    return this.#absent.size > 0;
  }

  isAbsent(path: string): boolean {
    return this.#absent.has(path);
  }

  nameOf(path: string): string {
    return relative(this.#paths.store, path).replaceAll('\\', '/');
  }

  pathOf(name: string): string {
    return join(this.#paths.store, name);
  }

  keyOf(name: string): string {
    return `${this.settings.prefix}${name}`;
  }

  /** How many rows a file has that is in the bucket. */
  rowsOf(path: string): number | undefined {
    return this.catalogue.objects.get(this.nameOf(path))?.rows;
  }

  /** When a file was last read, as far as is known. */
  usedAt(path: string): number {
    return this.#used.get(path) ?? 0;
  }

  /** One thing at a time is changed in the bucket. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /**
   * Asks the storage for so many bytes, and gives up where they take so long that it only drips: whoever is never silent for
   * `timeoutMs` could hold everybody up for ever.
   */
  async within<Result>(bytes: number, ask: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const ms = Math.ceil(3 * this.settings.timeoutMs + bytes / slowest);
    const late = AbortSignal.timeout(ms);
    try {
      return await ask(late);
    } catch (error) {
      throw late.aborted ? new BucketTrouble(`it did not have done within ${ms} ms`) : error;
    }
  }

  /** Does something with the bucket, and remembers how that went. */
  async attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work();
      if (this.#trouble !== undefined)
        this.#log('info', 'the bucket of the prediction log answers again', {});
      this.#trouble = undefined;
      this.#failures = 0;
      return result;
    } catch (error) {
      if (isOfBucket(error)) this.#fail(error);
      throw error;
    }
  }

  /** Puts an empty file in the place of what is in the bucket. */
  async leaveToBucket(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await mkdir(this.#paths.drafts, { recursive: true, mode: 0o700 });
    const draft = join(this.#paths.drafts, `e-${process.pid}-${Math.random().toString(36).slice(2)}`);
    await writeFile(draft, '', { mode: 0o600 });
    await rename(draft, path);
    this.markAbsent(path);
  }

  markAbsent(path: string): void {
    this.#absent.add(path);
    this.#used.delete(path);
  }

  /** It is to be removed from the bucket, whether it is known to be there or not. */
  markGone(path: string): void {
    this.catalogue.markGone(this.nameOf(path));
    this.forget(path);
  }

  forget(path: string): void {
    this.#absent.delete(path);
    this.#used.delete(path);
    this.#unfit.delete(path);
  }

  /**
   * Brings files here, where they are not. Throws `LogQueryTooLong` where they find no room, `LogUnavailable` where the bucket gives
   * none, and `UnfitObject`.
   */
  async fetch(paths: readonly string[]): Promise<void> {
    const absent = paths.filter((path) => this.#absent.has(path));
    for (const path of paths) this.#used.set(path, this.#now());
    const bytes = absent.reduce((sum, path) => sum + this.#bytesOf(path), 0);
    if (bytes > this.settings.cacheSize) {
      const [needs, most] = [bytes, this.settings.cacheSize].map(
        (size) => `${Math.ceil(size / 1024 ** 2)} MiB`,
      );
      throw logQueryTooLong(
        `it needs ${needs} of what is in the bucket alone, and ${most} find room (cacheSize): ask for fewer days, by date`,
      );
    }
    const queue = [...absent];
    const fetchNext = async (): Promise<void> => {
      for (let path = queue.shift(); path !== undefined; path = queue.shift()) await this.#fetchOnce(path);
    };
    const done = await Promise.allSettled(Array.from({ length: together }, fetchNext));
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  }

  /** Objects that turned out to be no good, since this was asked last. */
  takeUnfit(): ReadonlyMap<string, 'missing' | 'damaged'> {
    const found = new Map(this.#unfit);
    this.#unfit.clear();
    return found;
  }

  #bytesOf(path: string): number {
    return this.catalogue.objects.get(this.nameOf(path))?.bytes ?? 0;
  }

  #fetchOnce(path: string): Promise<void> {
    const running = this.#fetching.get(path);
    if (running !== undefined) return running;
    const fetching = this.#fetch(path).finally(() => this.#fetching.delete(path));
    this.#fetching.set(path, fetching);
    return fetching;
  }

  async #fetch(path: string): Promise<void> {
    if (!this.#absent.has(path)) return;
    const since = this.#now() - this.#failedAt;
    if (this.#trouble !== undefined && since >= 0 && since < patienceMs) throw notHere(this.#trouble);
    const name = this.nameOf(path);
    const object = this.catalogue.objects.get(name);
    await mkdir(this.#paths.drafts, { recursive: true, mode: 0o700 });
    const draft = join(this.#paths.drafts, `f-${process.pid}-${Math.random().toString(36).slice(2)}.parquet`);
    try {
      const got = await this.attempt(() =>
        this.within(this.#bytesOf(path), (signal) => this.storage.get(this.keyOf(name), draft, signal)),
      );
      const isSame =
        object?.sha256 === undefined ? got.bytes === object?.bytes : got.sha256 === object.sha256;
      if (!isSame) throw this.#tellUnfit(path, 'damaged', 'is not what was put there');
      await rename(draft, path);
      this.#absent.delete(path);
      this.counts.fetched++;
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {});
      if (error instanceof ObjectStorageError && error.isMissing)
        throw this.#tellUnfit(path, 'missing', 'is not there any more');
      throw isOfBucket(error) ? notHere(error.message) : error;
    }
  }

  #tellUnfit(path: string, how: 'missing' | 'damaged', what: string): UnfitObject {
    this.#unfit.set(path, how);
    const key = this.keyOf(this.nameOf(path));
    this.#log('warn', 'an object of the prediction log is lost: questions go on without it', {
      key,
      reason: what,
    });
    return new UnfitObject(path, `${key} ${what}`);
  }

  #fail(error: Error): void {
    this.counts.failed++;
    this.#failures++;
    this.#failedAt = this.#now();
    if (this.#trouble !== error.message) {
      this.#log('warn', 'the bucket of the prediction log cannot be used now; files wait on this machine', {
        reason: error.message,
      });
    }
    this.#trouble = error.message;
  }
}

function notHere(reason: string): Error {
  return logUnavailable(`what is asked for is in the bucket, and that cannot be read now: ${reason}`);
}
