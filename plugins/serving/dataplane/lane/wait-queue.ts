/** Requests that wait for a run, and whose turn it is. */

/** 1 goes before 9. */
export const usualPriority = 5;

/**
 * A request of a priority goes before those of the next one that came up to so many milliseconds earlier. Those that wait longer go
 * first: none is passed for ever.
 */
export const priorityStepMs = 1_000;

export interface Queued {
  readonly priority: number;
  /** By `performance.now()`. */
  readonly arrived: number;
  readonly rows: number;
  /** Requests with the same key may share a run; undefined must run alone. */
  readonly company: string | undefined;
}

interface Level<T> {
  readonly priority: number;
  readonly waiting: T[];
}

export class WaitQueue<T extends Queued> {
  /** Of the priorities that were asked for, the highest first: most often there is only one. */
  readonly #levels: Level<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(one: T): void {
    this.#levelOf(one.priority).push(one);
    this.#size++;
  }

  /** Puts back what was taken, before all others of its priority. */
  putBack(taken: readonly T[]): void {
    for (let index = taken.length - 1; index >= 0; index--) {
      const one = taken[index]!;
      this.#levelOf(one.priority).unshift(one);
      this.#size++;
    }
  }

  /** Whose turn it is. */
  get first(): T | undefined {
    return this.#next()?.[0];
  }

  /** Takes the first, and those behind it that share its run, up to so many rows; or more for a run that was begun. */
  takeRun(mostRows: number, begun: readonly T[] = []): T[] {
    const first = begun[0] ?? this.first;
    if (first === undefined) return [];
    let rows = 0;
    for (const one of begun) rows += one.rows;
    if (this.#levels.length === 1) {
      const { waiting } = this.#levels[0]!;
      let count = 0;
      if (begun.length === 0) {
        rows = first.rows;
        count = 1;
      }
      while (count < waiting.length && isCompany(waiting[count]!, first, rows, mostRows))
        rows += waiting[count++]!.rows;
      this.#size -= count;
      return waiting.splice(0, count);
    }
    const taken: T[] = [];
    for (;;) {
      const level = this.#next();
      const next = level?.[0];
      if (level === undefined || next === undefined) return taken;
      if (next !== first && !isCompany(next, first, rows, mostRows)) return taken;
      level.shift();
      this.#size--;
      taken.push(next);
      rows += next.rows;
    }
  }

  /** Takes one out of its turn; false where it does not wait. */
  remove(one: T): boolean {
    const level = this.#levelOf(one.priority);
    const index = level.indexOf(one);
    if (index < 0) return false;
    level.splice(index, 1);
    this.#size--;
    return true;
  }

  /** Takes all out for which this holds. */
  removeAll(isOver: (one: T) => boolean): void {
    for (const level of this.#levels) {
      let kept = 0;
      for (const one of level.waiting) if (!isOver(one)) level.waiting[kept++] = one;
      this.#size -= level.waiting.length - kept;
      level.waiting.length = kept;
    }
  }

  /** The last one of the lowest priority, where that is lower than this one: it would be served last. */
  lastBelow(priority: number): T | undefined {
    for (let index = this.#levels.length - 1; index >= 0; index--) {
      const level = this.#levels[index]!;
      if (level.priority <= priority) return undefined;
      if (level.waiting.length > 0) return level.waiting.at(-1);
    }
    return undefined;
  }

  /** Those that would go before one of that priority which came now. */
  *before(priority: number, now: number): Iterable<T> {
    for (const level of this.#levels) {
      const latest = now - (level.priority - priority) * priorityStepMs;
      for (const one of level.waiting) {
        if (one.arrived > latest) break;
        yield one;
      }
    }
  }

  #levelOf(priority: number): T[] {
    const levels = this.#levels;
    let at = 0;
    while (at < levels.length && levels[at]!.priority < priority) at++;
    if (levels[at]?.priority !== priority) levels.splice(at, 0, { priority, waiting: [] });
    return levels[at]!.waiting;
  }

  /** The level of whose turn it is. */
  #next(): T[] | undefined {
    if (this.#levels.length === 1) return this.#levels[0]!.waiting;
    let next: T[] | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const { priority, waiting } of this.#levels) {
      const [first] = waiting;
      if (first === undefined) continue;
      const turn = first.arrived + priority * priorityStepMs;
      if (turn >= least) continue;
      least = turn;
      next = waiting;
    }
    return next;
  }
}

function isCompany(one: Queued, first: Queued, rows: number, mostRows: number): boolean {
  return first.company !== undefined && one.company === first.company && rows + one.rows <= mostRows;
}
