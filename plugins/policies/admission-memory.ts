import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../libraries/durable-file/index.ts';

export interface Remembered {
  /** What was admitted last. */
  readonly commit: string;
  /** For which commit the operator vouched by then: that word has been heard. */
  readonly trusted: string | undefined;
}

/**
 * What was admitted last, in a file of the plugin's own: where the store is lost, it is known from here. Observation, not
 * wish: without the file, history itself is asked.
 */
export class AdmissionMemory {
  readonly #path: string;
  readonly #reference: string;
  #written: string | undefined;

  constructor(folder: string, reference: string) {
    this.#path = join(folder, 'admitted.json');
    this.#reference = reference;
  }

  /** Undefined where nothing is known, also where the file is damaged or of another branch. */
  async read(): Promise<Remembered | undefined> {
    try {
      const content = JSON.parse(await readFile(this.#path, 'utf8')) as Partial<Content>;
      const { reference, commit, trusted } = content;
      if (reference !== this.#reference || !isObjectId(commit)) return undefined;
      return { commit, trusted: isObjectId(trusted) ? trusted : undefined };
    } catch {
      return undefined;
    }
  }

  async write({ commit, trusted }: Remembered): Promise<void> {
    const content: Content = { reference: this.#reference, commit, ...(trusted ? { trusted } : {}) };
    const text = `${JSON.stringify(content)}\n`;
    if (this.#written === text) return;
    await writeDurably(this.#path, text);
    this.#written = text;
  }
}

interface Content {
  readonly reference: string;
  readonly commit: string;
  readonly trusted?: string;
}

export function isObjectId(text: unknown): text is string {
  return typeof text === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
