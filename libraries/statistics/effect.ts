import { StatisticsError } from './error.ts';
import type { Moments } from './moments.ts';

/**
 * `absolute`: treatment − control, in the metric's unit. `relative`: the same over the size of control's mean: 0.05 is 5 % more.
 */
export type DifferenceType = 'absolute' | 'relative';

/** How far treatment is from control. What every method judges. */
export interface Effect {
  readonly estimate: number;
  readonly standardError: number;
  /** Of Welch and Satterthwaite; need not be whole. */
  readonly degreesOfFreedom: number;
  /** Rows of both arms. */
  readonly n: number;
}

/**
 * Compares two arms of independent rows. Relative differences have their standard error by the delta method: trust them where
 * control's mean is many of its own standard errors from 0. Degrees of freedom by Welch ("The generalization of
 * 'Student's' problem when several different population variances are involved", Biometrika 34, 1947). Throws
 * `StatisticsError` for a relative difference from 0.
 */
export function effectOf(control: Moments, treatment: Moments, difference: DifferenceType): Effect {
  const change = treatment.mean - control.mean;
  const degreesOfFreedom = welchDegreesOfFreedom(control, treatment);
  const n = control.n + treatment.n;
  if (difference === 'absolute') {
    const variance = treatment.variance / treatment.n + control.variance / control.n;
    return judgeable({ estimate: change, standardError: Math.sqrt(variance), degreesOfFreedom, n });
  }
  const base = requireBase(control.mean);
  const ratio = treatment.mean / control.mean;
  const variance = treatment.variance / treatment.n + (ratio * ratio * control.variance) / control.n;
  return judgeable({
    estimate: change / base,
    standardError: Math.sqrt(variance) / base,
    degreesOfFreedom,
    n,
  });
}

/** Throws for an effect whose numbers a double cannot hold: a control of 1e-300, say. */
export function judgeable<Some extends Effect>(effect: Some): Some {
  const { estimate, standardError, degreesOfFreedom } = effect;
  const isHeld =
    Number.isFinite(estimate / standardError) && Number.isFinite(standardError * degreesOfFreedom);
  if (isHeld && standardError > 0 && degreesOfFreedom > 0) return effect;
  throw new StatisticsError(
    `the difference is ${estimate} with a standard error of ${standardError}: the numbers are too large or too small to be compared`,
  );
}

/** How far a relative difference is measured from: the size of control's mean. Throws where that is 0. */
export function requireBase(controlMean: number): number {
  if (controlMean !== 0) return Math.abs(controlMean);
  throw new StatisticsError("control's mean is 0: there is no relative difference from it");
}

export function welchDegreesOfFreedom(control: Moments, treatment: Moments): number {
  const one = treatment.variance / treatment.n;
  const other = control.variance / control.n;
  // As shares of the whole: squares of small variances would be 0.
  const share = one / (one + other);
  return 1 / ((share * share) / (treatment.n - 1) + ((1 - share) * (1 - share)) / (control.n - 1));
}
