import type { Attributes } from './span.ts';

interface Point {
  readonly attributes: Attributes;
  /** Milliseconds since 1970: since when it counts, and when it was looked at. */
  readonly start: number;
  readonly time: number;
}

export interface NumberPoint extends Point {
  readonly value: number;
}

export interface HistogramPoint extends Point {
  readonly count: number;
  readonly sum: number;
  /** Upper bounds, ascending, without infinity. */
  readonly bounds: readonly number[];
  /** Observations in each bucket, not cumulated; one more than the bounds. */
  readonly counts: readonly number[];
}

/** Sums and histograms count since their start. */
export type Metric = { readonly name: string; readonly description: string; readonly unit: string } & (
  | { readonly type: 'gauge' | 'sum'; readonly points: readonly NumberPoint[] }
  | { readonly type: 'histogram'; readonly points: readonly HistogramPoint[] }
);
