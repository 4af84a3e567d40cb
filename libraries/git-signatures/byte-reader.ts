import { bad } from './refusal.ts';

/**
 * Reads bytes that a stranger wrote, from the first to the last; each format adds its own data types. A view, no
 * copies; whatever does not fit ends in a `Refusal` that names `what` is being read.
 */
export class ByteReader {
  protected readonly what: string;
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.what = what;
  }

  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  bytes(length: number): Buffer {
    if (length > this.#bytes.length - this.#offset) throw bad(`${this.what} is cut off`);
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

  rest(): Buffer {
    return this.bytes(this.#bytes.length - this.#offset);
  }

  end(): void {
    if (!this.isAtEnd) throw bad(`${this.what} has trailing bytes`);
  }
}
