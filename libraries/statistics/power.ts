import type { Alternative } from './alternative.ts';
import { defaultTuning, halfWidth } from './confidence-sequence.ts';
import { type DifferenceType, type Effect, effectOf } from './effect.ts';
import { requireNumber, requirePositive, requireShare, StatisticsError } from './error.ts';
import { normalCdf } from './normal.ts';
import { studentUpperPoint } from './student-t.ts';

/** What one arm is expected to show: its mean, and the variance of one row about it. */
export interface ExpectedArm {
  readonly mean: number;
  readonly variance: number;
}

/** An experiment that has not run yet. */
export interface Design {
  readonly control: ExpectedArm;
  readonly treatment: ExpectedArm;
  /** Of the rows, that treatment gets: 0.1 at a weight of 10 %. Default 0.5. */
  readonly share?: number;
  readonly difference: DifferenceType;
  readonly alternative: Alternative;
  readonly alpha: number;
  readonly method: 'fixed' | 'sequential';
  /** Of the sequential method, in rows. */
  readonly tuning?: number;
}

/** An arm whose rows are 0 or 1, by its expected proportion. */
export function expectedProportion(proportion: number): ExpectedArm {
  requireShare('the proportion', proportion);
  return { mean: proportion, variance: proportion * (1 - proportion) };
}

/**
 * The chance, 0 to 1, that so many rows of both arms show the expected difference as significant. `fixed`: of Welch's test, by
 * the normal approximation of the noncentral t distribution (Abramowitz and Stegun 26.7.10). `sequential`: that the
 * confidence sequence leaves out 0 at that very look; looking before can only add to it, so this is a lower bound. Throws
 * `StatisticsError` for arms without variance, a share that is none, and fewer than two rows an arm.
 */
export function power(design: Design, rows: number): number {
  return powerOf(design, expectedEffect(design, rows));
}

/**
 * The fewest rows of both arms together that have the power. Rows over rows a second is how long it takes. Throws
 * `StatisticsError` where no difference is expected, or none that the alternative looks for.
 */
export function minimumSampleSize(
  design: Design,
  wanted = 0.8,
): { readonly rows: number; readonly control: number; readonly treatment: number; readonly power: number } {
  requireShare('the power', wanted);
  const share = shareOf(design);
  const fewest = Math.ceil(2 / Math.min(share, 1 - share));
  const { estimate } = expectedEffect(design, fewest);
  const isSeen = design.alternative === 'greater' ? estimate > 0 : estimate < 0;
  if (estimate === 0 || (design.alternative !== 'two-sided' && !isSeen))
    throw new StatisticsError(
      'no difference is expected that the alternative looks for: no number of rows shows it',
    );
  let enough = fewest;
  while (power(design, enough) < wanted) {
    if (enough > 2 ** 52)
      throw new StatisticsError('the expected difference is too small for any number of rows');
    enough *= 2;
  }
  let tooFew = enough === fewest ? fewest - 1 : enough / 2;
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (power(design, middle) < wanted) tooFew = middle;
    else enough = middle;
  }
  const treatment = Math.round(enough * share);
  return { rows: enough, control: enough - treatment, treatment, power: power(design, enough) };
}

function expectedEffect(design: Design, rows: number): Effect {
  const { control, treatment, difference } = design;
  for (const [name, arm] of Object.entries({ control, treatment })) {
    requireNumber(`the mean of ${name}`, arm.mean);
    requirePositive(`the variance of ${name}`, arm.variance);
  }
  const share = shareOf(design);
  const [n, controlN] = [rows * share, rows * (1 - share)];
  if (!(Math.min(n, controlN) >= 2))
    throw new StatisticsError(`${rows} rows are fewer than two in one of the arms`);
  return effectOf({ ...control, n: controlN }, { ...treatment, n }, difference);
}

function powerOf(design: Design, effect: Effect): number {
  const { alpha, alternative } = design;
  const away = effect.estimate / effect.standardError;
  const reach = reachOf(design, effect);
  const above = reach(away);
  const below = reach(-away);
  if (alternative === 'greater') return above;
  return alternative === 'less' ? below : Math.min(1, above + below);

  /** How often a difference of so many standard errors goes beyond the limit. */
  function reachOf({ method, tuning = defaultTuning }: Design, at: Effect): (away: number) => number {
    if (method === 'sequential') {
      const limit = halfWidth({ ...at, standardError: 1 }, alpha, alternative, tuning);
      return (shift) => normalCdf(shift - limit);
    }
    const degrees = at.degreesOfFreedom;
    const limit = studentUpperPoint(alternative === 'two-sided' ? alpha / 2 : alpha, degrees);
    const scale = Math.sqrt(1 + (limit * limit) / (2 * degrees));
    return (shift) => normalCdf((shift - limit * (1 - 1 / (4 * degrees))) / scale);
  }
}

function shareOf({ share = 0.5 }: Design): number {
  requireShare("treatment's share", share);
  return share;
}
