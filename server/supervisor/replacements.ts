/**
 * In which order processes that have outgrown their memory are replaced: one after the other, each while all others are up, so
 * that somebody always answers. Processes share the load, and so reach their limits together.
 */
export class Replacements {
  readonly #count: number;
  readonly #begin: (index: number) => void;
  readonly #up = new Set<number>();
  readonly #waiting = new Set<number>();

  /** `begin` asks a process to give way. */
  constructor(count: number, begin: (index: number) => void) {
    this.#count = count;
    this.#begin = begin;
  }

  wanted(index: number): void {
    this.#waiting.add(index);
    this.#next();
  }

  isUp(index: number): void {
    this.#up.add(index);
    this.#next();
  }

  /** However it ended, another takes its place. */
  ended(index: number): void {
    this.#up.delete(index);
    this.#waiting.delete(index);
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#up.size < this.#count) return;
    // It counts as gone from now on: nobody else leaves until its successor is up.
    this.#up.delete(first);
    this.#waiting.delete(first);
    this.#begin(first);
  }
}
