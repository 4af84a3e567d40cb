/** Which jobs are worked now, and which of those that wait is the next. */
import type { KeptJob } from '../../../libraries/prediction-jobs/index.ts';

interface Waiting {
  /** As `performance.now()` has it: whose is least is the next. */
  readonly from: number;
  /** Since when its deployment does not answer, where it was put aside for that. */
  readonly unanswered?: number | undefined;
}

/** A job whose deployment does not answer has its next turn then, if there are others. */
const asideMs = 60_000;

export class JobQueue {
  readonly #atOnce: number;
  readonly #worked = new Set<string>();
  #waiting = new Map<string, Waiting>();

  /** So many jobs are worked at once. */
  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Tells which jobs have not ended, oldest first. */
  found(open: readonly KeptJob[]): void {
    const now = performance.now();
    const waiting = new Map<string, Waiting>();
    for (const { job } of open)
      if (!this.#worked.has(job.id)) waiting.set(job.id, this.#waiting.get(job.id) ?? { from: now });
    this.#waiting = waiting;
  }

  /** The job that is to be worked from now on, if any. */
  next(): { readonly id: string; readonly unanswered?: number | undefined } | undefined {
    if (this.#worked.size >= this.#atOnce) return undefined;
    let next: readonly [string, Waiting] | undefined;
    for (const entry of this.#waiting) if (next === undefined || entry[1].from < next[1].from) next = entry;
    if (next === undefined) return undefined;
    const [id, { unanswered }] = next;
    this.#waiting.delete(id);
    this.#worked.add(id);
    return { id, unanswered };
  }

  /** Whether a job waits that could be worked, were there room for it. */
  get isCrowded(): boolean {
    if (this.#worked.size < this.#atOnce) return false;
    const now = performance.now();
    return [...this.#waiting.values()].some(({ from }) => from <= now);
  }

  /** It is worked no more: it has ended, or goes on behind those that wait. */
  leave(id: string): void {
    this.#worked.delete(id);
  }

  /** The same of one that has not ended, where its deployment does not answer since then. */
  putAside(id: string, unanswered: number | undefined): void {
    this.#worked.delete(id);
    const pause = unanswered === undefined ? 0 : asideMs;
    this.#waiting.set(id, { from: performance.now() + pause, unanswered });
  }
}
