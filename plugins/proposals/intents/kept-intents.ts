/** The intents on disk: what was asked for and is not proposed yet, in the order in which it was asked. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Intent } from '../../../core/capabilities/proposer.ts';
import { type Logger, messageOf } from '../../../core/plugin.ts';
import { removeDurably, writeDurably } from '../../../libraries/durable-file/index.ts';
import { intentNotKept } from '../errors.ts';

export interface KeptIntent {
  /** Sorts by the time at which it was asked. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly digest: string;
  readonly intent: Intent;
  readonly byHand: boolean;
  /** It is not opened without a signature, which only the one who asked can make. */
  readonly needsSignature: boolean;
  /** Present once it was refused: it is kept for a while, to be looked at. */
  readonly refused?: { readonly code: string; readonly message: string; readonly at: string };
}

export class KeptIntents {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #intents = new Map<string, KeptIntent>();
  #counter = 0;

  private constructor(folder: string, log: Logger, now: () => number) {
    this.#folder = folder;
    this.#log = log;
    this.#now = now;
  }

  /** Reads what an earlier process left. A file that cannot be read is put aside and said, never dropped in silence. */
  static async open(folder: string, log: Logger, now: () => number): Promise<KeptIntents> {
    await mkdir(folder, { recursive: true });
    const kept = new KeptIntents(folder, log, now);
    for (const name of (await readdir(folder)).sort()) await kept.#read(name);
    return kept;
  }

  /** In the order in which they were asked. */
  all(): readonly KeptIntent[] {
    return [...this.#intents.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  get(id: string): KeptIntent | undefined {
    return this.#intents.get(id);
  }

  /**
   * Resolves once it survives a crash. Earlier intents with the same key then give way; they are answered too. Throws
   * `IntentNotKept`.
   */
  async add(
    asked: Omit<KeptIntent, 'id' | 'at' | 'refused'>,
  ): Promise<{ readonly kept: KeptIntent; readonly replaced: readonly string[] }> {
    this.#counter += 1;
    const time = String(this.#now()).padStart(15, '0');
    const id = `${time}-${String(this.#counter).padStart(6, '0')}-${randomBytes(4).toString('hex')}`;
    const kept: KeptIntent = { ...asked, id, at: new Date(this.#now()).toISOString() };
    try {
      await writeDurably(this.#pathOf(id), JSON.stringify(kept));
    } catch (error) {
      throw intentNotKept(this.#folder, messageOf(error), error);
    }
    const earlier = this.all().filter(({ intent }) => intent.key === asked.intent.key);
    this.#intents.set(id, kept);
    for (const one of earlier) await this.remove(one.id);
    return { kept, replaced: earlier.map((one) => one.id) };
  }

  /** Keeps why it is not proposed, where people can see it. A disk that is full does not hold the queue up. */
  async refuse(id: string, refused: NonNullable<KeptIntent['refused']>): Promise<void> {
    const kept = this.#intents.get(id);
    if (kept === undefined) return;
    const next = { ...kept, refused };
    this.#intents.set(id, next);
    await writeDurably(this.#pathOf(id), JSON.stringify(next)).catch((error: unknown) =>
      this.#log.warn({ id, error: messageOf(error) }, 'a refused change cannot be written down'),
    );
  }

  async remove(id: string): Promise<void> {
    await removeDurably(this.#pathOf(id));
    this.#intents.delete(id);
  }

  /** Forgets refused ones that are older than so many milliseconds. */
  async forget(olderThanMs: number): Promise<void> {
    for (const { id, refused } of this.all()) {
      if (refused !== undefined && this.#now() - Date.parse(refused.at) > olderThanMs) await this.remove(id);
    }
  }

  async #read(name: string): Promise<void> {
    const path = join(this.#folder, name);
    if (name.endsWith('.draft')) {
      await rm(path, { force: true });
      return;
    }
    if (!name.endsWith('.json')) return;
    try {
      const kept = JSON.parse(await readFile(path, 'utf8')) as KeptIntent;
      if (`${kept.id}.json` !== name || !Array.isArray(kept.intent.files)) throw new Error('it is no intent');
      const later = this.all().find(({ intent }) => intent.key === kept.intent.key);
      // Killed between writing the newer and removing the older: ids sort by time, so this one is the newer.
      if (later !== undefined) await this.remove(later.id);
      this.#intents.set(kept.id, kept);
    } catch (error) {
      const aside = `${path}.broken`;
      await rename(path, aside);
      this.#log.error({ aside, error: messageOf(error) }, 'a change that was asked for cannot be read');
    }
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}
