/** Bytes of a piece; what is longer by itself gets a piece of its own. */
export const pieceSize = 256 * 1024;
/** Pieces that are kept for later. */
const mostSpared = 32;

/**
 * Memory that is filled from its beginning, in pieces of one size: it grows without moving what is there, and pieces that are
 * given back are filled again while they are still in the processor's cache.
 */
export class Pieces {
  /** Where to write now. */
  bytes: Buffer = Buffer.allocUnsafeSlow(pieceSize);
  /** The same memory, to write numbers to. */
  view: DataView = viewOf(this.bytes);
  /** How much of it is written. */
  end = 0;
  /** Where in it the entry begins that is being written, and those end that are whole. */
  #begin = 0;
  #length = 0;
  #filled: Buffer[] = [];
  #memory: Buffer[] = [];
  readonly #spare: Buffer[] = [];

  /** Bytes of whole entries. */
  get length(): number {
    return this.#length + this.#begin;
  }

  /** Begins an entry, which will be in one piece. It takes the place of one that was begun and not finished. */
  begin(): void {
    this.end = this.#begin;
  }

  finish(): void {
    this.#begin = this.end;
  }

  /** Where the entry begins that is being written. */
  get entry(): number {
    return this.#begin;
  }

  /** Makes room for so many bytes. `bytes`, `end` and `entry` may be others then. */
  room(bytes: number): void {
    if (this.end + bytes > this.bytes.length) this.#next(bytes);
  }

  /** All entries that are whole, and the memory that they are in. Begins anew. */
  take(): { readonly parts: readonly Buffer[]; readonly memory: readonly Buffer[] } {
    this.#leave(this.#begin);
    const parts = this.#filled;
    const memory = this.#memory;
    this.#filled = [];
    this.#memory = [];
    this.#length = 0;
    this.#startPiece(this.#spare.pop() ?? Buffer.allocUnsafeSlow(pieceSize));
    return { parts, memory };
  }

  /** Takes memory back. What was made for one long entry is let go of. */
  reuse(memory: readonly Buffer[]): void {
    for (const piece of memory) {
      if (piece.length === pieceSize && this.#spare.length < mostSpared) this.#spare.push(piece);
    }
  }

  /** Goes on in another piece, with what is there of the entry. */
  #next(bytes: number): void {
    const { bytes: before, end } = this;
    const begin = this.#begin;
    const wanted = end - begin + bytes;
    // A long entry may grow many times: each time to twice as much.
    const size = wanted <= pieceSize ? pieceSize : Math.max(wanted, 2 * (end - begin));
    const piece =
      size === pieceSize ? (this.#spare.pop() ?? Buffer.allocUnsafeSlow(size)) : Buffer.allocUnsafeSlow(size);
    before.copy(piece, 0, begin, end);
    this.#leave(begin);
    this.#startPiece(piece);
    this.end = end - begin;
  }

  #leave(end: number): void {
    if (end === 0) {
      this.reuse([this.bytes]);
      return;
    }
    this.#filled.push(this.bytes.subarray(0, end));
    this.#memory.push(this.bytes);
    this.#length += end;
  }

  #startPiece(piece: Buffer): void {
    this.bytes = piece;
    this.view = viewOf(piece);
    this.end = 0;
    this.#begin = 0;
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
