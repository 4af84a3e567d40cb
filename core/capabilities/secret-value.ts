import { timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const hidden = '[secret]';

/**
 * A text that must not be seen. Whatever prints, logs, joins or serialises it gets `[secret]`; only `reveal` gives the
 * text, at the one place where it is sent.
 *
 * @example
 * headers.set('authorization', `Bearer ${token.reveal()}`);
 */
export class SecretValue {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Hand it to what needs it at once; keep the value, not the text. */
  reveal(): string {
    return this.#text;
  }

  /** Whether both hold the same text; the time it takes does not tell where they differ. */
  equals(other: SecretValue): boolean {
    const [mine, theirs] = [Buffer.from(this.#text), Buffer.from(other.#text)];
    return mine.length === theirs.length && timingSafeEqual(mine, theirs);
  }

  /** Takes the text out of what others say, such as the answer of a server that repeats what it was sent. */
  hideIn(text: string): string {
    return this.#text === '' ? text : text.replaceAll(this.#text, '***');
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [Symbol.toPrimitive](): string {
    return hidden;
  }

  [inspect.custom](): string {
    return hidden;
  }
}
