import { type Alternative, intervalAbout, requireAlpha, type TestResult } from './alternative.ts';
import type { Effect } from './effect.ts';
import { studentUpperPoint, studentUpperTail } from './student-t.ts';

/**
 * Welch's t test of no difference, and its interval of 1 − alpha (Welch, Biometrika 34, 1947). For one look, at a number of
 * rows that was fixed before: whoever looks again and again finds a difference sooner or later where there is none
 * (`anytimeTest` may be looked at). Assumes enough rows for means to be normal. Throws `StatisticsError` for an alpha that is
 * none.
 */
export function welchTest(effect: Effect, alpha: number, alternative: Alternative): TestResult {
  requireAlpha(alpha, alternative);
  const { estimate, standardError, degreesOfFreedom } = effect;
  const t = estimate / standardError;
  const isTwoSided = alternative === 'two-sided';
  const beyond = isTwoSided ? Math.abs(t) : alternative === 'greater' ? t : -t;
  const tail = studentUpperTail(beyond, degreesOfFreedom);
  const half = standardError * studentUpperPoint(isTwoSided ? alpha / 2 : alpha, degreesOfFreedom);
  return {
    pValue: isTwoSided ? Math.min(1, 2 * tail) : tail,
    interval: intervalAbout(estimate, half, alternative),
  };
}
