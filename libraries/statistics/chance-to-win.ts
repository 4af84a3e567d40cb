import { type Alternative, intervalAbout, requireAlpha } from './alternative.ts';
import type { Interval } from './bootstrap.ts';
import { type Effect, judgeable } from './effect.ts';
import { requireNumber, requirePositive } from './error.ts';
import { normalDensity, normalQuantile, normalUpperTail } from './normal.ts';

/** What was believed of the difference before, in the unit of the difference: normal. */
export interface NormalPrior {
  readonly mean: number;
  readonly variance: number;
}

export interface Posterior {
  /** Mean of the posterior, in the unit of the difference. */
  readonly estimate: number;
  /** Its standard deviation. */
  readonly standardError: number;
  /** Holds the difference with 1 − alpha; one-sided where the alternative is. */
  readonly interval: Interval;
  /** That treatment is better than control: above it, or below it where the alternative is `less`. */
  readonly chanceToWin: number;
  /** What is lost on average by choosing an arm, in the unit of the difference: 0 where it is surely the better one. */
  readonly risk: { readonly control: number; readonly treatment: number };
}

/**
 * What to believe of the difference, by a normal likelihood and a normal or, without one, a flat prior (the conjugate update:
 * Gelman and others, "Bayesian Data Analysis", 3rd edition, section 2.5). A flat prior believes large differences as readily
 * as small ones; looking often and stopping at a chance to win is no safer than with p values. Risk is the expected loss of
 * Stucchio, "Bayesian A/B testing at VWO" (2015). Throws `StatisticsError` for a prior or an alpha that is none.
 */
export function posteriorOf(
  effect: Effect,
  alpha: number,
  alternative: Alternative,
  prior?: NormalPrior,
): Posterior {
  requireAlpha(alpha, alternative);
  const { estimate, standardError } = prior === undefined ? effect : judgeable(update(effect, prior));
  const half = -normalQuantile(alternative === 'two-sided' ? alpha / 2 : alpha) * standardError;
  const z = estimate / standardError;
  const [above, below] = [standardError * lossBeyond(-z), standardError * lossBeyond(z)];
  const isLessBetter = alternative === 'less';
  return {
    estimate,
    standardError,
    interval: intervalAbout(estimate, half, alternative),
    chanceToWin: normalUpperTail(isLessBetter ? z : -z),
    risk: isLessBetter ? { control: below, treatment: above } : { control: above, treatment: below },
  };
}

function update(effect: Effect, prior: NormalPrior): Effect {
  requireNumber("the prior's mean", prior.mean);
  requirePositive("the prior's variance", prior.variance);
  const believed = Math.sqrt(prior.variance);
  const ratio = (effect.standardError / believed) ** 2;
  return {
    ...effect,
    estimate: effect.estimate / (1 + ratio) + prior.mean / (1 + 1 / ratio),
    standardError: 1 / Math.hypot(1 / effect.standardError, 1 / believed),
  };
}

/** By how much a standard normal variable exceeds `z` on average, where not exceeding it counts as 0. */
function lossBeyond(z: number): number {
  return Math.max(0, normalDensity(z) - z * normalUpperTail(z));
}
