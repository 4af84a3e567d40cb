/** What one look at a metric came to, before limits are applied: all of it JSON, so that it can be kept and judged again. */
export type Reading = ValueReading | NoDataReading | ErrorReading;

export interface ValueReading {
  readonly type: 'value';
  /** What conditions see as `result`. JSON: never NaN or an infinity. */
  readonly result: unknown;
  /** Why `result` has not all of its fields, in words. */
  readonly unsure?: string;
  /** What the metric's conditions said of it; one that the metric does not have is absent. */
  readonly conditions: { readonly success?: boolean; readonly failure?: boolean };
  /** How many observations it rests on, where the source knows. */
  readonly samples?: number;
  /** When the source saw it, in milliseconds since 1970. */
  readonly observedAt: number;
  readonly window?: Window;
  /** How far back the source was asked to look, in milliseconds. */
  readonly askedMs?: number;
  /** What the result was made of, as the source gave it: enough to make it again. */
  readonly statistics?: Readonly<Record<string, unknown>>;
}

/** The source answered, and nothing had happened that could be measured. */
export interface NoDataReading {
  readonly type: 'noData';
  readonly reason: string;
  readonly window?: Window;
}

/** There was no answer to be had, or none that can be used. */
export interface ErrorReading {
  readonly type: 'error';
  /** Stable PascalCase: `SourceUnreachable`. */
  readonly code: string;
  readonly message: string;
}

/** Milliseconds since 1970. */
export interface Window {
  readonly from: number;
  readonly to: number;
}
