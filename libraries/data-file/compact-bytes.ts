/** Reads what Parquet writes of itself (Thrift's compact protocol, 2016), and no more of it than is there: every length is judged before anything is taken for it. */

/** A whole number, or a structure; what nobody asks for is passed over. */
export type Field = number | Fields | undefined;
export type Fields = ReadonlyMap<number, Field>;

const deepest = 64;
/** Where only a bound of a column's values can stand, as deep as that, it has no more bytes: one of decimals is worked out in the square of them. */
const longestDeepBytes = 64 * 1024;
const deep = 5;

/** A place in bytes, which moves on as they are read. Whatever would lead beyond them is thrown. */
export class CompactBytes {
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  byte(): number {
    const byte = this.#bytes[this.at++];
    if (byte === undefined) throw new Error('it ends within a number');
    return byte;
  }

  /** Of 32 bits, without a sign. */
  whole(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error('a number has more than 32 bits');
  }

  /** Of 32 bits in four bytes, the least first. */
  word(): number {
    return (this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24)) >>> 0;
  }

  skip(bytes: number): void {
    if (!(bytes >= 0 && bytes <= this.left)) throw new Error('a part ends beyond the whole');
    this.at += bytes;
  }

  /** A number of 64 bits, of which only the end is wanted. */
  skipLong(): void {
    for (let length = 0; length < 10; length++) if (this.byte() < 0x80) return;
    throw new Error('a number has more than 64 bits');
  }

  structure(depth = 1): Fields {
    if (depth > deepest) throw new Error(`structures lie in each other more than ${deepest} deep`);
    const fields = new Map<number, Field>();
    for (let id = 0; ; ) {
      const head = this.byte();
      const type = head & 0x0f;
      if (type === 0) return fields;
      id = head >> 4 === 0 ? signed(this.whole()) : id + (head >> 4);
      fields.set(id, this.#field(type, depth));
    }
  }

  #field(type: number, depth: number): Field {
    switch (type) {
      case 1:
      case 2:
        return 2 - type;
      case 3:
        this.skip(1);
        return undefined;
      case 4:
      case 5:
        return signed(this.whole());
      case 6:
        this.skipLong();
        return undefined;
      case 7:
        this.skip(8);
        return undefined;
      case 8: {
        const length = this.whole();
        if (depth >= deep && length > longestDeepBytes)
          throw new Error(`a bound of its values has ${length} bytes`);
        this.skip(length);
        return undefined;
      }
      case 9:
        this.#skipList(depth);
        return undefined;
      case 12:
        return this.structure(depth + 1);
      default:
        throw new Error(`nothing is of type ${type}`);
    }
  }

  #skipList(depth: number): void {
    if (depth > deepest) throw new Error(`lists lie in each other more than ${deepest} deep`);
    const head = this.byte();
    const type = head & 0x0f;
    const length = head >> 4 === 15 ? this.whole() : head >> 4;
    // Each takes a byte at least.
    if (length > this.left) throw new Error(`a list claims ${length} entries`);
    if (type === 1 || type === 2) this.skip(length);
    else for (let entry = 0; entry < length; entry++) this.#field(type, type === 9 ? depth + 1 : depth);
  }
}

function signed(zigzag: number): number {
  return (zigzag >>> 1) ^ -(zigzag & 1);
}
