/** How long a request would wait, going by how long runs took, and how far to trust that. */
import { RunTimes } from './run-times.ts';
import type { Queued } from './wait-queue.ts';

export interface BegunRun {
  /** More may join it. */
  rows: number;
  /** By `performance.now()`. */
  readonly since: number;
}

/** What the worst estimate was off by counts half after so many milliseconds. */
const halfForgottenMs = 5_000;

export class Forecast {
  readonly #times = new RunTimes();
  readonly #running = new Set<BegunRun>();
  /** When the last run ended. */
  #endedAt = 0;
  #worstError = 0;
  #worstAt = 0;

  begin(rows: number): BegunRun {
    const run = { rows, since: performance.now() };
    this.#running.add(run);
    return run;
  }

  end(run: BegunRun): void {
    this.#running.delete(run);
    const now = performance.now();
    // While it waited for the run before it, in its thread, it did not run. Where several threads run, this is how soon one run
    // follows the other, which is what those who wait wait for.
    this.#times.ran(run.rows, now - Math.max(run.since, this.#endedAt));
    this.#endedAt = now;
  }

  /** Milliseconds that a run of so many rows is likely to take. */
  runOf(rows: number): number {
    return this.#times.of(rows);
  }

  /** Milliseconds that are at least as long as `waitFor` gives behind so many requests: each has a run of its own in it. */
  longestWait(rows: number, requests: number, mostRows: number, now: number): number {
    const own = rows > mostRows ? this.#alone(rows, mostRows) : this.#times.of(mostRows);
    return this.#underWay(now) + requests * this.#times.of(mostRows) + own;
  }

  /** Milliseconds until so many rows that come now are likely to have been run, behind these requests. */
  waitFor(rows: number, before: Iterable<Queued>, mostRows: number, now: number): number {
    const isLarge = rows > mostRows;
    let runs = isLarge ? 0 : rows / mostRows;
    let all = isLarge ? 0 : rows;
    for (const one of before) {
      runs += one.company === undefined ? 1 : Math.min(1, one.rows / mostRows);
      all += one.rows;
    }
    const own = isLarge ? this.#alone(rows, mostRows) : 0;
    return this.#underWay(now) + Math.ceil(runs) * this.#times.of(Math.min(all, mostRows)) + own;
  }

  /** Milliseconds that as many runs of `mostRows` take as so many rows are. */
  slices(rows: number, mostRows: number): number {
    return Math.ceil(rows / mostRows) * this.#times.of(mostRows);
  }

  /**
   * Of a request of more rows than share a run, whose slices follow each other: in proportion to those that are shared, and no longer than one
   * of as many rows was.
   */
  #alone(rows: number, mostRows: number): number {
    return Math.min(this.slices(rows, mostRows), this.#times.atMost(rows));
  }

  /** What was to be over at `expected` is over, or given up. */
  judge(expected: number, now: number): void {
    const error = now - expected;
    if (error <= this.margin(now)) return;
    this.#worstError = error;
    this.#worstAt = now;
  }

  /** Milliseconds that estimates were off by at worst, of late: whatever held a run up then may do so again. */
  margin(now: number): number {
    if (this.#worstError === 0) return 0;
    return this.#worstError * 0.5 ** ((now - this.#worstAt) / halfForgottenMs);
  }

  /** Milliseconds until what runs is likely to have ended. One that is overdue is taken to need as long again as it is late. */
  #underWay(now: number): number {
    let wait = 0;
    let since = now;
    for (const run of this.#running) {
      wait += this.#times.of(run.rows);
      since = Math.min(since, Math.max(run.since, this.#endedAt));
    }
    return Math.abs(wait - (now - since));
  }
}
