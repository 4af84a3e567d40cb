/**
 * In which order processes that have outgrown their memory are replaced: one after the other, each while all others are up, so
 * that somebody always answers. Processes share the load, and so reach their limits together. None is replaced for it again
 * within a minute: what it holds may be what it needs, and a process that is always beginning answers less than one that is large.
 */
export interface ReplacementsOptions {
  readonly count: number;
  /** Asks a process to give way. */
  readonly begin: (index: number) => void;
  /** How long one waits for the others, in milliseconds. All that does not crash on and on is up by then. */
  readonly patienceMs?: number;
  /** Milliseconds between two replacements of the same. */
  readonly pauseMs?: number;
}

export class Replacements {
  readonly #options: Required<ReplacementsOptions>;
  readonly #up = new Set<number>();
  /** Since when, by whom. */
  readonly #waiting = new Map<number, number>();
  readonly #replacedAt = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ReplacementsOptions) {
    this.#options = { patienceMs: 10_000, pauseMs: 60_000, ...options };
  }

  wanted(index: number): void {
    if (!this.#waiting.has(index)) this.#waiting.set(index, performance.now());
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
    clearTimeout(this.#timer);
    const { count, begin, patienceMs, pauseMs } = this.#options;
    const now = performance.now();
    let soonest = Number.POSITIVE_INFINITY;
    for (const [index, since] of this.#waiting) {
      const last = this.#replacedAt.get(index);
      const from = last === undefined ? now : last + pauseMs;
      const due = this.#up.size >= count ? from : Math.max(from, since + patienceMs);
      if (due > now) {
        soonest = Math.min(soonest, due);
        continue;
      }
      // It counts as gone from now on: nobody else leaves until its successor is up.
      this.#up.delete(index);
      this.#waiting.delete(index);
      this.#replacedAt.set(index, now);
      begin(index);
    }
    if (soonest < Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#next(), soonest - now).unref();
    }
  }
}
