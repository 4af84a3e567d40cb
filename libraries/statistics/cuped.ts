import type { DifferenceType, Effect } from './effect.ts';
import { judgeable, requireBase, welchDegreesOfFreedom } from './effect.ts';
import { requireNumber, StatisticsError } from './error.ts';
import { type Moments, spread } from './moments.ts';

/** A covariate beside an arm's values: something known of each row before the experiment began, in any unit. */
export interface CovariateSums {
  /** Of the covariate over the arm's n rows. */
  readonly sum: number;
  readonly sumSquares: number;
  /** Of value times covariate, row by row. */
  readonly sumProducts: number;
}

/** An arm of a metric, and its covariate. */
export interface AdjustableArm {
  /** Of the metric itself. */
  readonly moments: Moments;
  readonly sum: number;
  readonly covariate: CovariateSums;
}

export interface AdjustedEffect extends Effect {
  /** What the covariate is multiplied by: the slope of value on covariate in both arms taken together. */
  readonly theta: number;
  /** The share of the variance that the covariate explains, 0 to 1: how many rows it saves. */
  readonly varianceReduction: number;
}

/**
 * The difference of two arms, less what a covariate explains (CUPED: Deng, Xu, Kohavi and Walker, "Improving the sensitivity of
 * online controlled experiments by utilizing pre-experiment data", WSDM 2013). The covariate must not be touched by the
 * treatment. Throws `StatisticsError` where it does not vary, where it explains everything, and for sums that no rows can have.
 */
export function cupedEffect(
  control: AdjustableArm,
  treatment: AdjustableArm,
  difference: DifferenceType,
  metric: 'mean' | 'proportion',
): AdjustedEffect {
  const one = covariateOf(treatment, metric);
  const other = covariateOf(control, metric);
  const theta = slopeOfBoth(control, treatment);
  const adjusted = adjust(treatment.moments, one, theta, 1);
  const adjustedControl = adjust(control.moments, other, theta, 1);
  const change = adjusted.mean - adjustedControl.mean;
  const effect = {
    degreesOfFreedom: welchDegreesOfFreedom(adjustedControl, adjusted),
    n: control.moments.n + treatment.moments.n,
    theta,
    varianceReduction: reduction(
      adjusted.variance / adjusted.n + adjustedControl.variance / adjustedControl.n,
      treatment.moments.variance / treatment.moments.n + control.moments.variance / control.moments.n,
    ),
  };
  if (difference === 'absolute') {
    const variance = adjusted.variance / adjusted.n + adjustedControl.variance / adjustedControl.n;
    return judgeable({ ...effect, estimate: change, standardError: Math.sqrt(variance) });
  }
  // The delta method: control's values weigh as much as treatment's mean has of control's, its covariate weighs once.
  const base = requireBase(control.moments.mean);
  const weighed = adjust(control.moments, other, theta, treatment.moments.mean / control.moments.mean);
  const variance = adjusted.variance / adjusted.n + weighed.variance / weighed.n;
  return judgeable({ ...effect, estimate: change / base, standardError: Math.sqrt(variance) / base });
}

interface Covariate {
  readonly mean: number;
  readonly variance: number;
  readonly covariance: number;
}

function covariateOf({ moments, sum, covariate }: AdjustableArm, metric: 'mean' | 'proportion'): Covariate {
  const { n } = moments;
  requireNumber('the covariate’s sumProducts', covariate.sumProducts);
  const divisor = metric === 'mean' ? n - 1 : n;
  const variance = spread({ n, ...covariate }, 'the covariate’s ') / divisor;
  const covariance = (covariate.sumProducts - (sum / n) * covariate.sum) / divisor;
  if (covariance * covariance > variance * moments.variance * (1 + 1e-9)) {
    throw new StatisticsError(
      'the covariate’s sumProducts is further from sum · sum / n than for any rows: one of the sums is wrong',
    );
  }
  return { mean: covariate.sum / n, variance, covariance };
}

/** As if both arms were one. */
function slopeOfBoth(control: AdjustableArm, treatment: AdjustableArm): number {
  const n = control.moments.n + treatment.moments.n;
  const sum = control.sum + treatment.sum;
  const covariate = {
    n,
    sum: control.covariate.sum + treatment.covariate.sum,
    sumSquares: control.covariate.sumSquares + treatment.covariate.sumSquares,
  };
  const left = spread(covariate, 'the covariate’s ');
  if (left === 0) throw new StatisticsError('the covariate does not vary: leave it out');
  const products = control.covariate.sumProducts + treatment.covariate.sumProducts;
  return (products - (sum / n) * covariate.sum) / left;
}

/** Moments of weight · value − theta · covariate. */
function adjust(moments: Moments, covariate: Covariate, theta: number, weight: number): Moments {
  const own = weight * weight * moments.variance;
  const variance = own + theta * theta * covariate.variance - 2 * weight * theta * covariate.covariance;
  if (!(variance > 1e-12 * own)) {
    throw new StatisticsError(
      'the covariate explains all of the metric: no variance is left to compare by. Is it the metric itself?',
    );
  }
  return { n: moments.n, mean: weight * moments.mean - theta * covariate.mean, variance };
}

function reduction(left: number, before: number): number {
  return Math.max(0, 1 - left / before);
}
