import type { Dirent, Stats } from 'node:fs';
import { chmod, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { holdDraft } from './draft-lock.ts';
import { draftOf, makeFolder, sweepDrafts } from './drafts.ts';
import { diskError } from './error.ts';
import { type ContentId, contentKey, receive, type Source } from './receive.ts';

/** How long what came of a download is kept for the rest of it, in milliseconds. */
const draftsKeptMs = 24 * 60 * 60 * 1000;

export interface CachedContent extends ContentId {
  readonly path: string;
  /** When it was asked for last, in milliseconds since 1970. */
  readonly usedAt: number;
}

/**
 * Opens the cache in a folder, making it where it can, and sweeps away what an earlier process left half-written and nobody
 * can finish. Several processes may fetch into one cache: the same content is fetched by one of them. A folder that cannot
 * be written can still be read from.
 */
export async function openContentCache(folder: string): Promise<ContentCache> {
  try {
    await sweepDrafts(folder, draftsKeptMs);
    await makeFolder(join(folder, 'sha256'));
  } catch {
    // Told by the first fetch, with its reason: what is here already can be used without writing.
  }
  return new ContentCache(folder);
}

/** Made by `openContentCache`. */
export class ContentCache {
  readonly folder: string;
  /** By `contentKey`. */
  readonly #flights = new Map<string, Flight>();
  /** How often a digest was evicted: its next file gets another name, so that nobody takes the new one for the old. */
  readonly #evictions = new Map<string, number>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * The file, if it is here with its full size; it then counts as just used. Its content is not read: whoever loads it
   * checks the digest.
   */
  async find({ digest, size }: ContentId): Promise<string | undefined> {
    const found = (await this.#filesOf(digest)).find((file) => file.size === size);
    if (found === undefined) return undefined;
    await touch(found.path);
    return found.path;
  }

  /**
   * The file, from the cache or else from the source; the same content asked for twice at once is fetched once, also by two
   * processes. The file appears whole, checked and read-only, or not at all. Of what broke off, what a source can go on with
   * is kept for the next time. Throws a `ContentCacheError`, or what the source throws, or the signal's reason.
   */
  async fetch(content: ContentId, source: Source, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const found = await this.find(content);
    if (found !== undefined) return found;
    signal.throwIfAborted();
    let flight = this.#flights.get(contentKey(content));
    if (flight === undefined || flight.controller.signal.aborted) {
      flight = this.#begin(content, source);
    }
    return awaitFlight(flight, signal);
  }

  /** Forgets a file, whether its content is right or not: the next fetch goes to the source. Idempotent. */
  async evict(digest: string): Promise<void> {
    const files = await this.#filesOf(digest);
    this.#evictions.set(digest, (this.#evictions.get(digest) ?? 0) + 1);
    for (const file of files) await this.#remove(file.path);
  }

  /** All that is here, least recently asked for first. */
  async list(): Promise<readonly CachedContent[]> {
    const all: CachedContent[] = [];
    for (const shard of await entriesOf(join(this.folder, 'sha256'))) {
      all.push(...(await this.#filesIn(join(this.folder, 'sha256', shard.name))));
    }
    return all.sort((one, other) => one.usedAt - other.usedAt);
  }

  /** Removes what was not asked for the longest, and is not to be kept, until the rest is at most `limit` bytes. */
  async trim(limit: number, keep: ReadonlySet<string>): Promise<readonly CachedContent[]> {
    const all = await this.list();
    let total = all.reduce((sum, file) => sum + file.size, 0);
    const removed: CachedContent[] = [];
    for (const file of all) {
      if (total <= limit) break;
      if (keep.has(file.digest)) continue;
      if (!(await this.#remove(file.path))) continue;
      total -= file.size;
      removed.push(file);
    }
    return removed;
  }

  /** Removes what came of downloads that nobody goes on with. */
  async sweep(): Promise<void> {
    await sweepDrafts(this.folder, 0);
  }

  #begin(content: ContentId, source: Source): Flight {
    const key = contentKey(content);
    const controller = new AbortController();
    const result = this.#bring(content, source, controller.signal).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    const flight: Flight = { result, controller, passengers: 0 };
    this.#flights.set(key, flight);
    return flight;
  }

  async #bring(content: ContentId, source: Source, signal: AbortSignal): Promise<string> {
    const draft = draftOf(this.folder, hexOf(content.digest));
    const target = this.#pathFor(content.digest);
    const lock = await this.#onDisk(content, async () => {
      await makeFolder(join(this.folder, 'incoming'));
      await makeFolder(dirname(target));
      return holdDraft(draft.lock, async () => (await this.find(content)) !== undefined, signal);
    });
    if (lock === undefined) return (await this.find(content)) ?? this.#bring(content, source, signal);
    try {
      const either = AbortSignal.any([signal, lock.lost]);
      // Another process may have brought it between the look and the lock.
      const found = await this.find(content);
      if (found !== undefined) return found;
      await receive(content, source, draft, this.folder, either);
      either.throwIfAborted();
      await this.#onDisk(content, async () => {
        await chmod(draft.bytes, 0o444);
        await clearFolder(target);
        await rename(draft.bytes, target);
        await rm(draft.state, { force: true });
        await syncFolder(dirname(target));
      });
      return target;
    } finally {
      await lock.release();
    }
  }

  async #onDisk<T>(content: ContentId, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error as NodeJS.ErrnoException).syscall) throw error;
      throw diskError(error, this.folder, content.size);
    }
  }

  #pathFor(digest: string): string {
    const hex = hexOf(digest);
    const evictions = this.#evictions.get(digest) ?? 0;
    const name = evictions === 0 ? hex : `${hex}.${evictions}`;
    return join(this.folder, 'sha256', hex.slice(0, 2), name);
  }

  async #filesOf(digest: string): Promise<readonly CachedContent[]> {
    const hex = hexOf(digest);
    const files = await this.#filesIn(join(this.folder, 'sha256', hex.slice(0, 2)));
    return files.filter((file) => file.digest === digest);
  }

  async #filesIn(folder: string): Promise<CachedContent[]> {
    const files: CachedContent[] = [];
    for (const entry of await entriesOf(folder)) {
      const hex = /^([0-9a-f]{64})(\.\d+)?$/.exec(entry.name)?.[1];
      if (hex === undefined) continue;
      const path = join(folder, entry.name);
      const facts = await statOf(path);
      if (facts?.isFile() !== true) continue;
      files.push({ digest: `sha256:${hex}`, size: facts.size, path, usedAt: facts.mtimeMs });
    }
    return files;
  }

  async #remove(path: string): Promise<boolean> {
    try {
      await rm(path, { force: true });
      return true;
    } catch {
      // A folder that cannot be written, or (on Windows) a file that is being read: it stays.
      return false;
    }
  }
}

interface Flight {
  readonly result: Promise<string>;
  readonly controller: AbortController;
  passengers: number;
}

/** Waits for a fetch that others may wait for too. When the last one gives up, so does the fetch. */
async function awaitFlight(flight: Flight, signal: AbortSignal): Promise<string> {
  flight.passengers++;
  let leave: (() => void) | undefined;
  const left = new Promise<never>((_settle, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([flight.result, left]);
  } finally {
    if (leave !== undefined) signal.removeEventListener('abort', leave);
    flight.passengers--;
    if (flight.passengers === 0) flight.controller.abort(new Error('nobody waits for it any more'));
  }
}

function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new TypeError(`${digest} is not sha256: and 64 hexadecimal digits`);
  return hex;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

/** The modification time says when content was asked for last: its own never changes. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

/** A file can take a file's place, but not a folder's. */
async function clearFolder(target: string): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory()) await rm(target, { recursive: true });
}

/** A rename survives a power cut once its folder is synced. Windows cannot open folders, and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
