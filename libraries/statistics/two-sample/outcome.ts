/** What a test of two samples answers. Every number is finite. */
export interface TestOutcome {
  /** How the p value came about, in words: `exact`, `asymptotic`, `chi-squared limit`. */
  readonly method: string;
  /** The test's own figure, in its own unit. */
  readonly statistic: number;
  /** How often samples of one and the same distribution would look at least so different. */
  readonly pValue: number;
  /** How large the difference is, whatever the number of rows; 0 is none. Thresholds are compared with it. */
  readonly effect: number;
  /** What `effect` measures. */
  readonly effectName: string;
  readonly n: { readonly reference: number; readonly current: number };
  /** What to know before this outcome is believed. */
  readonly limits: readonly string[];
}

/** Rows that two samples are worth together: the harmonic sum, by which every two-sample limit scales. */
export function effectiveRows({ reference, current }: TestOutcome['n']): number {
  return (reference / (reference + current)) * current;
}

export function chiSquaredMethod(degrees: number): string {
  return `chi-squared limit, ${degrees} degree${degrees === 1 ? '' : 's'} of freedom`;
}

/** Rounding may leave a chance a hair outside of 0 to 1. */
export function chance(p: number): number {
  return Math.min(1, Math.max(0, p));
}
