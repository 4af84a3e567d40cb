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

/** The same observations in fewer buckets, whose bounds are some of its own. */
export function coarser(
  { bounds, counts, sum }: HistogramSnapshot,
  wanted: readonly number[],
): HistogramSnapshot {
  const merged: number[] = new Array(wanted.length + 1).fill(0);
  for (const [bucket, count] of counts.entries()) {
    const bound = bounds[bucket];
    const into = bound === undefined ? -1 : wanted.findIndex((one) => bound <= one);
    merged[into === -1 ? wanted.length : into]! += count;
  }
  return { bounds: wanted, counts: merged, sum };
}
