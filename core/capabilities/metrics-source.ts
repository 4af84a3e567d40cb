import { defineCapability } from '../plugin.ts';

/**
 * Measures what versions do. A provider's name is what analyses write under `provider`; `builtin` is that of the runtime.
 * Whatever goes wrong is one of `metrics-source-errors.ts`: a number that is not sure is never given.
 */
export interface MetricsSource {
  /**
   * Measures once. Changes nothing, so that it may be asked again at any time; ends soon after `signal`. `noData` says that
   * the source works and that there was nothing to measure. Throws `MetricQueryInvalid` for a question that makes no
   * sense, `MetricsUnreachable` where asking again may help, `MetricsRefused` where a human must help first,
   * `MetricAnswerInvalid` for an answer that is not one number or document.
   */
  measure(question: MetricQuestion, signal: AbortSignal): Promise<Measurement>;
}

export interface MetricQuestion {
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
  /** Versions. Without `stable`, there is nothing to compare with. */
  readonly variants: { readonly candidate: string; readonly stable?: string };
  /** How far back to look, in milliseconds. */
  readonly windowMs: number;
  /**
   * The chance that `lower` and `upper` of the result may miss the truth at any of all looks, where the source knows such
   * bounds. A source that does not know them leaves it.
   */
  readonly alpha?: number;
  /** What the provider alone understands: its block of the metric, with all arguments put in. */
  readonly query: Readonly<Record<string, unknown>>;
}

export type Measurement = MeasuredValue | NoData;

export interface MeasuredValue {
  readonly type: 'value';
  /** What conditions see as `result`: JSON, all numbers finite. */
  readonly result: unknown;
  /** Why `result` has not all of its fields, in words. */
  readonly unsure?: string;
  /** How many observations of the candidate it rests on, where the source knows. */
  readonly samples?: number;
  /** What was really looked at, in milliseconds since 1970; `from` may be later than asked for. */
  readonly window: { readonly from: number; readonly to: number };
  /** When the source saw it, by its own clock, in milliseconds since 1970. */
  readonly observedAt: number;
  /** What the result was made of, as JSON: counts and sums, from which it can be made again. */
  readonly statistics?: Readonly<Record<string, unknown>>;
}

export interface NoData {
  readonly type: 'noData';
  /** `no requests reached 1.3.0`. */
  readonly reason: string;
  readonly window?: { readonly from: number; readonly to: number };
}

/**
 * What `builtin` can be asked for, and the fields of its `result`; all are numbers. `stable` and what compares with it may be
 * absent. `lower` and `upper` hold the truth at all looks together: of `difference`, of `candidate` where there is no
 * difference, of `shift` where there is one.
 */
export const builtinResults = {
  /** Shares of answers with a status of 500 or above. */
  errorRate: ['candidate', 'stable', 'difference', 'ratio', 'lower', 'upper'],
  /** A quantile, in milliseconds. */
  latency: ['candidate', 'stable', 'difference', 'ratio', 'lower', 'upper'],
  /** Answers. */
  requests: ['candidate', 'stable', 'difference', 'ratio'],
  /** The share of compared answers that differ. */
  disagreement: ['candidate', 'lower', 'upper'],
  /** Means of an output; `shift` is their distance in standard deviations of stable's. */
  scoreShift: ['candidate', 'stable', 'difference', 'shift', 'lower', 'upper'],
  /** The share of labels that the version predicted. */
  accuracy: ['candidate', 'stable', 'difference', 'ratio', 'lower', 'upper'],
  /** The mean distance of labels from what the version predicted. */
  meanAbsoluteError: ['candidate', 'stable', 'difference', 'ratio', 'lower', 'upper'],
  /** The mean logarithmic loss of the probabilities that the version gave to what came true. */
  logLoss: ['candidate', 'stable', 'difference', 'ratio', 'lower', 'upper'],
} as const;

export type BuiltinMetric = keyof typeof builtinResults;

export const metricsSource = defineCapability<MetricsSource>('metrics-source');
