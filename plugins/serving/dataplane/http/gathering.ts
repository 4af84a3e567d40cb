/** The bytes of a body as they come, and all of them in one piece once they are there. */

export interface Gathering {
  /** Takes the next bytes. */
  add(piece: Buffer): void;
  whole(): Buffer;
}

/** Keeps the pieces, which are nobody else's, until it is known how many there are. The byte `alignedAt` of several then lies at a multiple of eight. */
export class Pieces implements Gathering {
  readonly #alignedAt: number | undefined;
  readonly #pieces: Buffer[] = [];
  #size = 0;

  constructor(alignedAt: number | undefined) {
    this.#alignedAt = alignedAt;
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
  }

  whole(): Buffer {
    if (this.#pieces.length === 1) return this.#pieces[0]!;
    const whole = memory(this.#size, this.#alignedAt);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}

/** Whoever announces much and sends little is given no more memory than so many times what was sent. */
const mostAhead = 32;

/**
 * Copies each piece, which is lent, to where it stays: of a body whose length is known. Joined once all is there, a large one would be copied twice, and
 * hold up everybody while it is.
 */
export class Announced implements Gathering {
  readonly #length: number;
  readonly #alignedAt: number | undefined;
  #bytes = Buffer.alloc(0);
  #size = 0;

  constructor(length: number, alignedAt: number | undefined) {
    this.#length = length;
    this.#alignedAt = alignedAt;
  }

  /** No more than was announced. */
  add(piece: Buffer): void {
    const size = this.#size + piece.length;
    if (size > this.#bytes.length) {
      // The first piece may wait for long until it is the turn of the others.
      const room = this.#size === 0 ? size : Math.min(this.#length, size * mostAhead);
      const more = memory(room, this.#alignedAt);
      more.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = more;
    }
    this.#bytes.set(piece, this.#size);
    this.#size = size;
  }

  whole(): Buffer {
    return this.#bytes;
  }
}

/** So many bytes, of which `alignedAt` lies at a multiple of eight. */
function memory(size: number, alignedAt = 0): Buffer<ArrayBuffer> {
  const before = -alignedAt & 7;
  return Buffer.allocUnsafeSlow(before + size).subarray(before);
}
