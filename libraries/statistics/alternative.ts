import type { Interval } from './bootstrap.ts';
import { StatisticsError } from './error.ts';

/** What is looked for: any difference, treatment above control, or treatment below it. */
export type Alternative = 'two-sided' | 'greater' | 'less';

/** `p` is 1 − confidence of the interval: at `p` < alpha the interval of that alpha leaves out no difference. */
export interface TestResult {
  readonly pValue: number;
  /** In the unit of the estimate. One-sided: it ends at infinity on the side that is looked for. */
  readonly interval: Interval;
}

/** The interval that reaches `half` to each side that is not looked for. */
export function intervalAbout(estimate: number, half: number, alternative: Alternative): Interval {
  return {
    low: alternative === 'less' ? Number.NEGATIVE_INFINITY : estimate - half,
    high: alternative === 'greater' ? Number.POSITIVE_INFINITY : estimate + half,
  };
}

/** Throws where a level of significance is not between 0 (or what no test can tell from it) and 1; one-sided, not below a half. */
export function requireAlpha(alpha: number, alternative: Alternative): void {
  if (!(alpha >= 1e-100 && alpha < 1)) throw new StatisticsError(`alpha is ${alpha}, not between 0 and 1`);
  if (alternative !== 'two-sided' && alpha >= 0.5)
    throw new StatisticsError(`alpha is ${alpha}: one-sided it is below 0.5`);
}
