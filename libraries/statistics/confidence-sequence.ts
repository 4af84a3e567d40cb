import { type Alternative, intervalAbout, requireAlpha, type TestResult } from './alternative.ts';
import type { Effect } from './effect.ts';
import { StatisticsError } from './error.ts';

/** Rows of both arms at which a confidence sequence is about as narrow as it can be made there. */
export const defaultTuning = 5000;

/**
 * An anytime-valid test of no difference: its intervals hold the true difference at all looks together with a chance of
 * 1 − alpha, so that looking costs nothing and one may stop at any look. The asymptotic confidence sequence of Waudby-Smith,
 * Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences" (Annals of
 * Statistics 52, 2024; arXiv 2103.06476v7): two-sided by its equations 9 and 155, one-sided by 134 and the p value that inverts
 * it.
 *
 * `tuning` is a number of rows of both arms; the mixture is optimized there (equation 161), and wider before and after. It
 * must be chosen before looking. The guarantee is one of large samples: wait for some dozens of rows, and of events where
 * the metric is a proportion. The p value is of this look; the smallest of all looks so far is valid too. Throws
 * `StatisticsError` for an alpha or a tuning that is none.
 */
export function anytimeTest(
  effect: Effect,
  alpha: number,
  alternative: Alternative,
  tuning: number = defaultTuning,
): TestResult {
  const { estimate, standardError, n } = effect;
  const half = halfWidth(effect, alpha, alternative, tuning);
  // n ρ², in the paper's letters; the evidence is its exponent.
  const grown = n * mixing(alpha, alternative, tuning);
  const mixed = grown + 1;
  const evidence = ((grown / mixed) * (estimate / standardError) ** 2) / 2;
  const isWrongWay = alternative === 'greater' ? estimate <= 0 : estimate >= 0;
  const logP =
    alternative === 'two-sided'
      ? Math.log(mixed) / 2 - evidence
      : isWrongWay
        ? 0
        : Math.log(mixed / 4) / 2 - evidence - Math.log(-Math.expm1(-evidence));
  return {
    pValue: Math.exp(Math.min(0, logP)),
    interval: intervalAbout(estimate, half, alternative),
  };
}

/** How far the interval reaches from the estimate to a side that is not looked for, in the estimate's unit. */
export function halfWidth(
  { standardError, n }: Pick<Effect, 'standardError' | 'n'>,
  alpha: number,
  alternative: Alternative,
  tuning: number,
): number {
  const grown = n * mixing(alpha, alternative, tuning);
  const mixed = grown + 1;
  const log =
    alternative === 'two-sided'
      ? Math.log(mixed) / 2 - Math.log(alpha)
      : Math.log1p(Math.sqrt(mixed) / (2 * alpha));
  return standardError * Math.sqrt(((2 * mixed) / grown) * log);
}

/** ρ² of the paper's equation 161. */
function mixing(alpha: number, alternative: Alternative, tuning: number): number {
  requireAlpha(alpha, alternative);
  if (!(tuning >= 1 && tuning <= 1e100))
    throw new StatisticsError(`the tuning parameter is ${tuning}, not a number of rows of at least 1`);
  const log = -2 * Math.log(alternative === 'two-sided' ? alpha : 2 * alpha);
  return (log + Math.log1p(log)) / tuning;
}
