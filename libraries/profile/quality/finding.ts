/**
 * `pass` and `fail`; `warn`: other than expected, and harmless by itself; `unknown`: the profile does not know, which is not the same
 * as `pass`.
 */
export type QualityStatus = 'pass' | 'warn' | 'fail' | 'unknown';

export type QualityRule =
  /** The column is there. */
  | 'present'
  /** The column is one that the dataset declares. */
  | 'declared'
  /** Each value is of the declared type. */
  | 'type'
  /** No value is infinite. */
  | 'finite'
  /** No value is below `min` or above `max`. */
  | 'range'
  /** So many values are missing at most. */
  | 'missing'
  /** No value stands twice. */
  | 'unique'
  /** Each value is one of `categories`. */
  | 'categories'
  /** So many rows at least and at most. */
  | 'volume'
  /** The newest row is not older than so long. */
  | 'freshness';

/** One promise of a dataset, held against data. */
export interface QualityFinding {
  /** Null for a promise about all rows. */
  readonly column: string | null;
  readonly rule: QualityRule;
  /** In words: `from 0 to 400`. */
  readonly expected: string;
  /** In words: `-3 to 350`. */
  readonly found: string;
  readonly status: QualityStatus;
}

/** What a dataset promises, as the kind Dataset declares it. */
export interface Expectations {
  readonly columns: readonly ExpectedColumn[];
  readonly rows?: { readonly min?: number; readonly max?: number } | undefined;
  readonly freshness?: { readonly column: string; readonly maxAgeMs: number } | undefined;
}

export interface ExpectedColumn {
  readonly name: string;
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'date';
  readonly nullable?: boolean | undefined;
  /** Percent of the rows. */
  readonly maxMissing?: number | undefined;
  readonly unique?: boolean | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly categories?: readonly string[] | undefined;
}
