/** Which subjects were erased: what of theirs was on its way then is let go of when it arrives. */
import { readFile } from 'node:fs/promises';
import type { ErasedFile, Erasure } from '../../../core/capabilities/prediction-sink.ts';
import { writeDurably } from '../../../libraries/durable-file/index.ts';
import { pseudonymOf, subjectDomain } from '../../../libraries/prediction-batch/index.ts';

interface Begun {
  readonly pseudonym: string;
  /** Milliseconds since 1970: predictions until then are erased. */
  readonly at: number;
  /** What was written anew by attempts that did not come to their end: the one that does tells of it, too. */
  readonly files?: readonly ErasedFile[];
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
    this.#set({ pseudonym, at, files: this.filesOf(pseudonym) });
    await this.#save();
  }

  /** What was written anew of the subject, and is in no erasure that is done. */
  filesOf(pseudonym: string): readonly ErasedFile[] {
    return this.#of(pseudonym)?.files ?? [];
  }

  /** Before a file is let go of. It may be said again. */
  async note(pseudonym: string, erased: ErasedFile): Promise<void> {
    const others = this.filesOf(pseudonym).filter(({ file }) => file !== erased.file);
    this.#set({ pseudonym, at: this.#of(pseudonym)?.at ?? 0, files: [...others, erased] });
    await this.#save();
  }

  async end(erasure: Erasure): Promise<void> {
    const { pseudonym } = erasure;
    this.#set({ pseudonym, at: this.#of(pseudonym)?.at ?? 0 });
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

  #of(pseudonym: string): Begun | undefined {
    return this.#begun.find((one) => one.pseudonym === pseudonym);
  }

  #set(begun: Begun): void {
    this.#begun = [...this.#begun.filter(({ pseudonym }) => pseudonym !== begun.pseudonym), begun];
  }

  async #save(): Promise<void> {
    await writeDurably(this.#path, `${JSON.stringify({ begun: this.#begun, done: this.#done })}\n`);
  }
}
