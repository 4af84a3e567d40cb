/** What is asked of two variants, and what is known of them. */

/** What can be measured. */
export type TrafficQuery = Measured & {
  /**
   * The chance that the bounds of the result miss the truth at any of all looks, of sums that only grow. Without it the
   * result has no bounds.
   */
  readonly alpha?: number;
};

type Measured =
  | { readonly metric: 'errorRate' | 'requests' }
  | { readonly metric: 'latency'; readonly quantile: number }
  /** `tolerance` is one of the bounds of the distances. */
  | { readonly metric: 'disagreement'; readonly tolerance: number }
  | { readonly metric: 'scoreShift' }
  /** Means of what labels say, row by row. */
  | { readonly metric: 'accuracy' | 'meanAbsoluteError' | 'logLoss' };

/** What is known of one variant; each metric needs its own part of it. JSON. */
export interface VariantSums {
  readonly requests?: number;
  readonly errors?: number;
  /** Seconds. */
  readonly latency?: Histogram;
  /** How far mirrored answers were from stable's. */
  readonly distances?: Histogram;
  readonly score?: ScoreSums;
  /** Of what the metric is the mean of, where labels have arrived. */
  readonly labels?: LabelSums;
}

export interface LabelSums {
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
}

/** Counts by bucket, not cumulated; one more than the upper bounds. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** By column of the output. */
export interface ScoreSums {
  readonly output: string;
  readonly rows: number;
  readonly sums: readonly number[];
  readonly squares: readonly number[];
}

export interface TrafficSums {
  readonly candidate: VariantSums;
  readonly stable?: VariantSums;
}

export const largestShift = 1e9;

/** In one column of an output, from its sums. */
export function deviationOf({ rows, sums, squares }: ScoreSums, column: number): number {
  const mean = (sums[column] ?? 0) / rows;
  const variance = ((squares[column] ?? 0) / rows - mean * mean) * (rows / (rows - 1));
  return Math.sqrt(Math.max(0, variance));
}
