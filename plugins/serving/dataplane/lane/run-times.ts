/** Of the new time and the old, the new counts so much. */
const weight = 1 / 8;
/** Runs of up to 2^16 rows are told apart. */
const sizes = 17;

/** How long runs take, learned from those that were: by powers of two of their rows. */
export class RunTimes {
  readonly #milliseconds: number[] = new Array(sizes).fill(0);

  ran(rows: number, milliseconds: number): void {
    const size = sizeOf(rows);
    const before = this.#milliseconds[size]!;
    this.#milliseconds[size] = before === 0 ? milliseconds : before + (milliseconds - before) * weight;
  }

  /** Milliseconds that a run of so many rows is likely to take at most: those of as many or of more; Infinity where none was so large. */
  atMost(rows: number): number {
    return this.#milliseconds.find((known, size) => size >= sizeOf(rows) && known > 0) ?? Infinity;
  }

  /** Milliseconds that a run of so many rows is likely to take: those of fewer where none was so large yet; 0 where none was. */
  of(rows: number): number {
    for (let size = sizeOf(rows); size >= 0; size--) {
      const known = this.#milliseconds[size]!;
      if (known > 0) return known;
    }
    return 0;
  }
}

function sizeOf(rows: number): number {
  return Math.min(sizes - 1, 31 - Math.clz32(Math.max(1, rows)));
}
