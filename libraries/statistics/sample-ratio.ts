import { chiSquaredUpperTail } from './chi-squared.ts';
import { requireCount, requirePositive, StatisticsError } from './error.ts';
import { deviance, stirlingError } from './stirling.ts';

/** What arms got, and what they should have got. */
export interface SampleRatio {
  /** Rows of each arm. */
  readonly observed: readonly number[];
  /** The shares they were meant to have, in any unit: `[1, 1]`, `[90, 10]`. */
  readonly expected: readonly number[];
}

/**
 * Whether arms got the shares of rows that they were meant to (Pearson's chi-squared test, Philosophical Magazine 50, 1900).
 * Where not (p < 0.001 is a usual limit), rows were lost or sent elsewhere, and no other figure of the experiment may be
 * believed. For one look; `sequentialSampleRatio` may be looked at any time. Throws `StatisticsError` for fewer than two arms,
 * shares that are not above 0, counts that are none, and where no row was seen.
 */
export function sampleRatio(ratio: SampleRatio): {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
} {
  const { shares, total } = check(ratio);
  let statistic = 0;
  for (const [arm, observed] of ratio.observed.entries()) {
    const expected = shares[arm]! * total;
    statistic += (observed - expected) ** 2 / expected;
  }
  const degreesOfFreedom = shares.length - 1;
  return { statistic, degreesOfFreedom, pValue: chiSquaredUpperTail(statistic, degreesOfFreedom) };
}

/**
 * The same for any number of looks: a test martingale, Dirichlet-multinomial against multinomial (Lindon and Malek, "Anytime-valid
 * inference for multinomial count data", NeurIPS 2022, arXiv 2011.03567). Give the counts since the beginning, and the p value
 * of the look before where there was one: the chance that it ever falls below alpha is at most alpha while shares are kept.
 * `concentration` says how near to them a mismatch is expected: 10,000 looks for some percent of deviation. Where shares
 * change (the steps of a rollout), begin anew and add the logarithms of the Bayes factors.
 *
 * Counts of events serve as well: errors of both arms, with the arms' shares of requests as expected, tell at any time
 * whether one errs more often, also where one has none.
 */
export function sequentialSampleRatio(
  ratio: SampleRatio,
  { concentration = 10_000, previous = 1 }: { concentration?: number; previous?: number } = {},
): { readonly logBayesFactor: number; readonly pValue: number } {
  const { shares, total } = check(ratio);
  requirePositive('the concentration', concentration);
  if (!(previous >= 0 && previous <= 1))
    throw new StatisticsError(`the previous p value is ${previous}, not from 0 to 1`);
  const whole = concentration + total;
  // ln B(α + x) − ln B(α) − Σ x ln p by Stirling's formula, so that large gammas do not cancel.
  let log =
    stirlingError(concentration) -
    stirlingError(whole) -
    ((shares.length - 1) / 2) * Math.log(whole / concentration);
  for (const [arm, share] of shares.entries()) {
    const before = concentration * share;
    const now = before + ratio.observed[arm]!;
    log += deviance(now, whole * share) - Math.log(now / (whole * share)) / 2;
    log += stirlingError(now) - stirlingError(before);
  }
  if (!Number.isFinite(log)) throw new StatisticsError('the expected shares are too uneven to be compared');
  return { logBayesFactor: log, pValue: Math.min(previous, Math.exp(-log)) };
}

function check({ observed, expected }: SampleRatio): { shares: readonly number[]; total: number } {
  if (observed.length < 2) throw new StatisticsError('there are fewer than two arms to compare');
  if (observed.length !== expected.length)
    throw new StatisticsError(`there are ${observed.length} arms and ${expected.length} expected shares`);
  for (const [arm, count] of observed.entries()) requireCount(`the count of arm ${arm + 1}`, count);
  for (const [arm, share] of expected.entries()) requirePositive(`the share of arm ${arm + 1}`, share);
  const total = observed.reduce((sum, count) => sum + count, 0);
  if (total === 0) throw new StatisticsError('no row was seen: there is no ratio');
  const whole = expected.reduce((sum, share) => sum + share, 0);
  const shares = expected.map((share) => share / whole);
  if (shares.includes(0)) throw new StatisticsError('the expected shares are too uneven to be compared');
  return { shares, total };
}
