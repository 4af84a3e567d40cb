/** Counts observations in buckets with fixed upper bounds, as Prometheus does. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** One more than the bounds: the last counts what is above them all. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sum += value;
  }

  snapshot(): HistogramSnapshot {
    return { bounds: this.#bounds, counts: [...this.#counts], sum: this.#sum };
  }
}

export interface HistogramSnapshot {
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** Observations in each bucket, not cumulated; one more than the bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}
