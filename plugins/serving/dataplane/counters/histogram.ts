import type { HistogramSnapshot } from '../interface/process-metrics.ts';

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
    // By halves: there may be a hundred of them.
    for (let above = this.#bounds.length; bucket < above; ) {
      const middle = (bucket + above) >> 1;
      if (value > this.#bounds[middle]!) bucket = middle + 1;
      else above = middle;
    }
    this.#counts[bucket]!++;
    this.#sum += value;
  }

  snapshot(): HistogramSnapshot {
    return { bounds: this.#bounds, ...this.counted() };
  }

  /** For who knows the bounds. */
  counted(): Omit<HistogramSnapshot, 'bounds'> {
    return { counts: [...this.#counts], sum: this.#sum };
  }
}
