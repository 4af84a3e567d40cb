/**
 * Shares the event loop out among large bodies that have come: in one turn of it so many bytes of them are read, and the rest stays with
 * the system until a later turn. All that has come is read otherwise, up to 2 MB of each connection at once, and whoever asks whether the
 * process lives waits for it.
 */

/** Bytes of one turn: a millisecond, or a little more. */
const mostPerTurn = 1024 * 1024;

/** Reads a body of which more is to come. */
export interface BodyReader {
  /** Bytes that are to come; infinite where nobody knows. */
  readonly left: number;
  /** Whether somebody waits for the body; else it is thrown away. */
  readonly isWanted: boolean;
  /** It is its turn again, after so many milliseconds. */
  readOn(waited: number): void;
}

interface Waiting {
  readonly reader: BodyReader;
  readonly since: number;
}

export class ReadingTurns {
  #left = mostPerTurn;
  /** In the order in which they are to read on. */
  readonly #waiting: Waiting[] = [];
  /** Those that this turn is for. */
  #current = new Set<BodyReader>();
  /** How many of them wait again, before all others. */
  #first = 0;
  #turn: NodeJS.Immediate | undefined;

  /** Bodies that somebody waits for, and that were put off. */
  get waiting(): number {
    let wanted = 0;
    for (const { reader } of this.#waiting) if (reader.isWanted) wanted++;
    return wanted;
  }

  /** Counts bytes that were read. Whether the reader may read on in this turn; else it must not, until it is told to. */
  mayReadOn(reader: BodyReader, bytes: number): boolean {
    this.#turn ??= setImmediate(() => this.#nextTurn());
    this.#left -= bytes;
    if (this.#left > 0) return true;
    // One body after the other, so that the first is soon whole, and not all of them at once.
    const place = this.#current.delete(reader) ? this.#first++ : this.#waiting.length;
    this.#waiting.splice(place, 0, { reader, since: performance.now() });
    return false;
  }

  /** As many go on as there are bytes for. One of which nothing has come makes room for others in the turn after it. */
  #nextTurn(): void {
    this.#turn = undefined;
    this.#left = mostPerTurn;
    this.#first = 0;
    this.#current = new Set();
    const now = performance.now();
    for (let promised = 0; this.#waiting.length > 0 && promised < mostPerTurn; ) {
      const { reader, since } = this.#waiting.shift()!;
      promised += reader.left;
      this.#current.add(reader);
      reader.readOn(now - since);
    }
    if (this.#waiting.length > 0) this.#turn ??= setImmediate(() => this.#nextTurn());
  }
}
