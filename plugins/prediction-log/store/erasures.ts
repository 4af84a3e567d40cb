/** Which subjects were erased: what of theirs was on its way then is let go of when it arrives. */
import { readFile } from 'node:fs/promises';
import type { Erasure } from '../../../core/capabilities/prediction-sink.ts';
import { writeDurably } from '../../../libraries/durable-file/index.ts';
import { pseudonymOf, subjectDomain } from '../../../libraries/prediction-batch/index.ts';

interface Begun {
  readonly pseudonym: string;
  /** Milliseconds since 1970: predictions until then are erased. */
  readonly at: number;
}

interface Kept {
  readonly begun: readonly Begun[];
  readonly done: readonly Erasure[];
}

const mostDone = 1_000;

export class Erased {
  readonly #path: string;
  readonly #keyFile: string;
  #begun: readonly Begun[];
  #done: readonly Erasure[];
  /** Predictions that were let go of since this process began: their labels may be on their way, too. */
  readonly #ids = new Set<string>();

  private constructor(path: string, keyFile: string, { begun, done }: Kept) {
    this.#path = path;
    this.#keyFile = keyFile;
    this.#begun = begun;
    this.#done = done;
  }

  static async open(path: string, keyFile: string): Promise<Erased> {
    let kept: Kept = { begun: [], done: [] };
    try {
      kept = JSON.parse(await readFile(path, 'utf8')) as Kept;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return new Erased(path, keyFile, kept);
  }

  /** As inference processes make it of a subject. */
  async pseudonymOf(subject: string): Promise<string> {
    const key = Buffer.from((await readFile(this.#keyFile, 'utf8')).trim(), 'hex');
    return pseudonymOf(key, subjectDomain, subject);
  }

  async begin(pseudonym: string, at: number): Promise<void> {
    this.#begun = [...this.#begun.filter((one) => one.pseudonym !== pseudonym), { pseudonym, at }];
    await this.#save();
  }

  async end(erasure: Erasure): Promise<void> {
    this.#done = [...this.#done, erasure].slice(-mostDone);
    await this.#save();
  }

  covers({
    subject,
    time,
    id,
  }: {
    readonly subject: string | null;
    readonly time: number;
    readonly id: string;
  }): boolean {
    if (subject === null) return false;
    const isCovered = this.#begun.some(({ pseudonym, at }) => pseudonym === subject && time <= at);
    if (isCovered) this.#ids.add(id);
    return isCovered;
  }

  coversId(id: string): boolean {
    return this.#ids.has(id);
  }

  async #save(): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify({ begun: this.#begun, done: this.#done })}\n`);
  }
}
