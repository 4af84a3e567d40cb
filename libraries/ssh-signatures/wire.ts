import { bad } from './refusal.ts';

/**
 * Reads the data types of RFC 4251, section 5, from bytes that a stranger wrote. A view, no copies; whatever does not
 * fit ends in a `Refusal` that names `what` is being read.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #offset = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  bytes(length: number): Buffer {
    if (length > this.#bytes.length - this.#offset) throw bad(`${this.#what} is cut off`);
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }

  byte(): number {
    return this.bytes(1).readUInt8();
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE();
  }

  uint64(): bigint {
    return this.bytes(8).readBigUInt64BE();
  }

  string(): Buffer {
    return this.bytes(this.uint32());
  }

  /** A string of UTF-8 without NUL, as names are. */
  text(): string {
    const bytes = this.string();
    const text = bytes.toString('utf8');
    if (bytes.includes(0) || !Buffer.from(text).equals(bytes)) {
      throw bad(`${this.#what} has a name that is not text`);
    }
    return text;
  }

  /** A positive mpint in its shortest form, without the sign byte. Other forms would give one key two spellings. */
  mpint(): Buffer {
    const bytes = this.string();
    const [first, second] = bytes;
    if (first === undefined || first >= 0x80) throw bad(`${this.#what} has a number that is not positive`);
    if (first !== 0) return bytes;
    if (second === undefined || second < 0x80) throw bad(`${this.#what} has a number with needless zeros`);
    return bytes.subarray(1);
  }

  end(): void {
    if (!this.isAtEnd) throw bad(`${this.#what} has trailing bytes`);
  }
}

/** A string as RFC 4251 writes it: its length, then its bytes. */
export function wireString(content: Uint8Array | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
