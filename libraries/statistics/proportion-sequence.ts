import { requireAlpha } from './alternative.ts';
import type { Interval } from './bootstrap.ts';
import { anytimeTest, defaultTuning } from './confidence-sequence.ts';
import { effectOf } from './effect.ts';
import { requireCount, StatisticsError } from './error.ts';
import { momentsOfProportion } from './moments.ts';
import { deviance, stirlingError } from './stirling.ts';

/** Rows that are 0 or 1, and how many are 1: all of them since the beginning. */
export interface Counted {
  readonly n: number;
  readonly sum: number;
}

/**
 * Holds the proportion of 1 at all looks together with a chance of 1 − alpha: the proportions that the mixture martingale of
 * Krichevsky and Trofimov ("The performance of universal encoding", IEEE Transactions on Information Theory 27, 1981) has
 * not brought to 1 / alpha, which by Ville's inequality happens to the true one with a chance of at most alpha. Not an
 * approximation, so that it holds from the first row on, also where no row is 1 or all are; without a row it is 0 to 1.
 * Rows must be independent. Throws `StatisticsError` for an alpha or counts that are none.
 */
export function proportionSequence(counted: Counted, alpha: number): Interval {
  const arm = armOf('the rows', counted);
  return { low: reach([arm], alpha, -1)[0]!, high: reach([arm], alpha, 1)[0]! };
}

/**
 * Holds the difference of proportions, treatment − control, at all looks together with a chance of 1 − alpha. What two
 * sequences allow, which share alpha: `exactDifferenceSequence` holds from the first row on, and the asymptotic one of
 * `anytimeTest`, which is a third narrower, counts once each arm has enough rows of either sort.
 */
export function proportionDifferenceSequence(
  control: Counted,
  treatment: Counted,
  alpha: number,
  tuning: number = defaultTuning,
): Interval {
  const exact = exactDifferenceSequence(control, treatment, alpha * exactShare);
  if (![control, treatment].every(({ n, sum }) => Math.min(sum, n - sum) >= fewestOfASort)) return exact;
  const effect = effectOf(momentsOfProportion(control), momentsOfProportion(treatment), 'absolute');
  const { interval } = anytimeTest(effect, alpha * (1 - exactShare), 'two-sided', tuning);
  const low = Math.max(exact.low, interval.low);
  const high = Math.min(exact.high, interval.high);
  // They contradict each other at most as rarely as one of them errs: then only what is exact is believed.
  return low <= high ? { low, high } : exact;
}

const exactShare = 0.2;
/** Found by `bench statistics`: with so many the asymptotic sequence keeps its promise at all rates and shares. */
const fewestOfASort = 20;

/**
 * The same by the martingales of `proportionSequence` alone: of all pairs of proportions to which their product has not come
 * to 1 / alpha, the least and the largest difference. Narrower than what two intervals of half the alpha would leave.
 */
export function exactDifferenceSequence(control: Counted, treatment: Counted, alpha: number): Interval {
  const arms = [armOf('treatment', treatment), armOf('control', control)] as const;
  const [leastOfTreatment, mostOfControl] = reach(arms, alpha, -1);
  const [mostOfTreatment, leastOfControl] = reach(arms, alpha, 1);
  return { low: leastOfTreatment! - mostOfControl!, high: mostOfTreatment! - leastOfControl! };
}

/**
 * Logarithm of the mixture martingale against the observed proportion: of the Beta(½, ½) mixture of all proportions over the
 * likelihood of the best one. Never above 0; falls by a half of ln n.
 */
export function logMixtureOverBest({ n, sum }: Counted): number {
  const rest = n - sum;
  return (
    halfStep(sum) +
    halfStep(rest) -
    (n === 0 ? 0 : n * Math.log1p(1 / n)) -
    Math.log(n + 1) / 2 +
    Math.log(2 / Math.PI) / 2 +
    stirlingError(sum + 0.5) +
    stirlingError(rest + 0.5) -
    stirlingError(n + 1)
  );
}

/** What the observed proportion's likelihood has over that of another, as a logarithm. */
export function logBestOver({ n, sum }: Counted, proportion: number): number {
  return deviance(sum, n * proportion) + deviance(n - sum, n * (1 - proportion));
}

function halfStep(count: number): number {
  return count === 0 ? 0 : count * Math.log1p(0.5 / count);
}

function armOf(name: string, { n, sum }: Counted): Counted {
  requireCount(`n of ${name}`, n);
  requireCount(`sum of ${name}`, sum);
  if (sum > n)
    throw new StatisticsError(`sum of ${name} is ${sum} of n = ${n}: no more rows can be 1 than there are`);
  return { n, sum };
}

/**
 * The proportions at which the first minus the second is as large (`way` 1) or as small (−1) as the martingales allow. At that
 * place the slope of both logarithms is the same, so that there is one number to look for.
 */
function reach(arms: readonly Counted[], alpha: number, way: 1 | -1): readonly number[] {
  requireAlpha(alpha, 'two-sided');
  const allowed = -Math.log(alpha) - arms.reduce((sum, arm) => sum + logMixtureOverBest(arm), 0);
  const at = (slope: number) =>
    arms.map((arm, index) => moved(arm, index === 0 ? way * slope : -way * slope));
  const isBeyond = (slope: number) => {
    const proportions = at(slope);
    return arms.reduce((sum, arm, index) => sum + logBestOver(arm, proportions[index]!), 0) >= allowed;
  };
  let beyond = 1e-6;
  while (!isBeyond(beyond)) {
    // The counts leave nothing beyond.
    if (beyond > 1e30) return at(Number.POSITIVE_INFINITY);
    beyond *= 2;
  }
  let within = 0;
  for (let middle = beyond / 2; middle > within && middle < beyond; middle = (within + beyond) / 2) {
    if (isBeyond(middle)) beyond = middle;
    else within = middle;
  }
  return at(beyond);
}

/** Where `logBestOver` rises by so much for each step of the proportion; the nearest end where it does not. */
function moved({ n, sum }: Counted, slope: number): number {
  if (n === 0 || Math.abs(slope) === Number.POSITIVE_INFINITY) return slope > 0 ? 1 : 0;
  if (slope === 0) return sum / n;
  if (slope < 0) return 1 - moved({ n, sum: n - sum }, -slope);
  const linear = n - slope;
  const root = Math.sqrt(linear * linear + 4 * slope * sum);
  const proportion = linear > 0 ? (2 * sum) / (linear + root) : (root - linear) / (2 * slope);
  return Math.min(1, Math.max(0, proportion));
}
