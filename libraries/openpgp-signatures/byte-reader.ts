import { bad } from './refusal.ts';

/**
 * Reads the data types of RFC 9580, section 3, from bytes that a stranger wrote. A view, no copies; whatever does not
 * fit ends in a `Refusal` that names `what` is being read.
 */
export class ByteReader {
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

  uint16(): number {
    return this.bytes(2).readUInt16BE();
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE();
  }

  rest(): Buffer {
    return this.bytes(this.#bytes.length - this.#offset);
  }

  /** A positive number whose bits are counted as section 3.2 says: other forms would give one number two spellings. */
  mpi(): Buffer {
    const bits = this.uint16();
    const bytes = this.bytes((bits + 7) >> 3);
    const [first] = bytes;
    if (first === undefined) throw bad(`${this.#what} has a number that is zero`);
    if (bitsOf(bytes) !== bits) throw bad(`${this.#what} has a number whose bits are miscounted`);
    return bytes;
  }

  end(): void {
    if (!this.isAtEnd) throw bad(`${this.#what} has trailing bytes`);
  }
}

/** How many bits a number has that begins with its highest byte; 0 if that byte is zero. */
export function bitsOf(bytes: Buffer): number {
  const [first] = bytes;
  return first === undefined || first === 0 ? 0 : bytes.length * 8 - Math.clz32(first) + 24;
}

/** The number in exactly `size` bytes; the caller knows that it fits. */
export function leftPadded(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
}
