import { StatisticsError } from '../error.ts';
import { blocksOf, type Width } from './bridge-blocks.ts';
import { chance, effectiveRows, type TestOutcome } from './outcome.ts';
import { type Pooled, pool, requireVariety, type SortedSamples, sizesOf } from './samples.ts';
import { squaredBridgeTail } from './squared-bridge.ts';

/**
 * Two-sample Cramér–von Mises test: the mean squared distance between the two distribution functions (Anderson, "On the
 * distribution of the two-sample Cramér–von Mises criterion", Annals of Mathematical Statistics 33, 1962), by its limit, moved to
 * the mean and variance that it has at these sizes. Of ties, the distance on both sides counts by half: their order within a sample,
 * which says nothing, is no distance (with mean ranks it would be one). Their null distribution is then that of ∫ B² for a Brownian
 * bridge B that steps as the pooled values do.
 */
export function cramerVonMises(samples: SortedSamples): TestOutcome {
  const n = sizesOf(samples);
  const pooled = pool(samples);
  requireVariety(pooled);
  const total = n.reference + n.current;
  if (total < 3) throw new StatisticsError('there are too few values: one of each sample');
  const statistic = effectiveRows(n) * squaredDistance(pooled, n);
  const hasTies = pooled.distinct < total;
  return {
    method: hasTies
      ? 'limit of the squared bridge at these ties, moved to the mean and variance at these sizes'
      : 'asymptotic, moved to the mean and variance at these sizes',
    statistic,
    pValue: hasTies ? tiedTail(statistic, samples, n) : untiedTail(statistic, n),
    effect: Math.sqrt(statistic / effectiveRows(n)),
    effectName: 'root mean squared distance of the distribution functions',
    n,
    limits: ['sees the middle of a distribution better than its tails'],
  };
}

function squaredDistance(pooled: Pooled, n: TestOutcome['n']): number {
  let sum = 0;
  for (let at = 0; at < pooled.distinct - 1; at++) {
    const apart = pooled.reference[at]! / n.reference - pooled.current[at]! / n.current;
    sum += apart * apart * inRanks(pooled, at);
  }
  return sum;
}

/** The share of all values that stand at either end of a stretch, half of each. */
const inRanks: Width = ({ reference, current, distinct }, at) => {
  const upTo = (place: number) => (place < 0 ? 0 : reference[place]! + current[place]!);
  return (upTo(at + 1) - upTo(at - 1)) / (2 * upTo(distinct - 1));
};

function untiedTail(statistic: number, n: TestOutcome['n']): number {
  const mean = (1 + 1 / (n.reference + n.current)) / 6;
  return limitTail(1 / 6 + (statistic - mean) / spreadOf(n));
}

function tiedTail(statistic: number, samples: SortedSamples, n: TestOutcome['n']): number {
  const blocks = blocksOf(samples, (variance) => variance, inRanks);
  const limit = blocks.reduce((sum, { weight }) => sum + weight, 0);
  const total = n.reference + n.current;
  const mean = (limit * total) / (total - 1);
  return squaredBridgeTail(limit + (statistic - mean) / spreadOf(n), blocks);
}

/** How much more the statistic varies at these sizes than at its limit; ties hardly change that. */
function spreadOf({ reference: rows, current: others }: TestOutcome['n']): number {
  const total = rows + others;
  const pairs = rows * others;
  const variance =
    ((total + 1) * (4 * pairs * total - 3 * (rows * rows + others * others) - 2 * pairs)) /
    (45 * total * total * 4 * pairs);
  return Math.sqrt(45 * variance);
}

/** The limit's upper tail: Anderson and Darling, Annals of Mathematical Statistics 23 (1952), equation 4.35. */
function limitTail(x: number): number {
  if (x <= 0) return 1;
  let below = 0;
  for (let k = 0; k < 20; k++) {
    const y = 4 * k + 1;
    const q = (y * y) / (16 * x);
    const term = gammaRatio(k) * Math.sqrt(y) * Math.exp(-q) * besselK(0.25, q);
    below += term;
    if (term < 1e-17 * below) break;
  }
  return chance(1 - below / (Math.PI ** 1.5 * Math.sqrt(x)));
}

/** Γ(k + ½) / k!, with its sign folded in. */
function gammaRatio(k: number): number {
  let ratio = Math.sqrt(Math.PI);
  for (let step = 1; step <= k; step++) ratio *= (step - 0.5) / step;
  return ratio;
}

/** The modified Bessel function of the second kind, from its integral (DLMF 10.32.9); the trapezoidal rule converges at once. */
function besselK(order: number, x: number): number {
  const step = 1 / 64;
  let sum = Math.exp(-x) / 2;
  for (let t = step; ; t += step) {
    const term = Math.exp(-x * Math.cosh(t)) * Math.cosh(order * t);
    sum += term;
    if (!(term > 1e-17 * sum)) return sum * step;
  }
}
