import { pseudonymOf } from '../../../../libraries/prediction-batch/index.ts';

/** The same few values come again and again: what was made of them is kept. */
const mostKept = 10_000;

/**
 * Stands for a value without telling it: the same value gives the same pseudonym, and nobody without the key can find the
 * value by trying.
 */
export class Pseudonyms {
  readonly #key: Buffer;
  #kept = new Map<string, string>();

  constructor(key: Buffer) {
    this.#key = key;
  }

  of(domain: string, value: string): string {
    const text = `${domain}\0${value}`;
    const known = this.#kept.get(text);
    if (known !== undefined) return known;
    const made = pseudonymOf(this.#key, domain, value);
    if (this.#kept.size === mostKept) this.#kept = new Map();
    this.#kept.set(text, made);
    return made;
  }
}
