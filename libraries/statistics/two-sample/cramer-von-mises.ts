import { StatisticsError } from '../error.ts';
import { chance, effectiveRows, type TestOutcome } from './outcome.ts';
import { pool, requireVariety, type SortedSamples, sizesOf } from './samples.ts';

/**
 * Two-sample Cramér–von Mises test: the mean squared distance between the two distribution functions (Anderson, "On the
 * distribution of the two-sample Cramér–von Mises criterion", Annals of Mathematical Statistics 33, 1962), by its limit, moved to
 * the mean and variance that it has at these sizes. Ties get their mean rank.
 */
export function cramerVonMises(samples: SortedSamples): TestOutcome {
  const n = sizesOf(samples);
  const pooled = pool(samples);
  requireVariety(pooled);
  const { reference: rows, current: others } = n;
  const total = rows + others;
  let u = 0;
  let before = { reference: 0, current: 0 };
  for (let at = 0; at < pooled.distinct; at++) {
    const now = { reference: pooled.reference[at]!, current: pooled.current[at]! };
    const rank = (before.reference + before.current + now.reference + now.current + 1) / 2;
    for (let i = before.reference + 1; i <= now.reference; i++) u += rows * (rank - i) ** 2;
    for (let j = before.current + 1; j <= now.current; j++) u += others * (rank - j) ** 2;
    before = now;
  }
  const pairs = rows * others;
  const statistic = u / (pairs * total) - (4 * pairs - 1) / (6 * total);
  const mean = (1 + 1 / total) / 6;
  const variance =
    ((total + 1) * (4 * pairs * total - 3 * (rows * rows + others * others) - 2 * pairs)) /
    (45 * total * total * 4 * pairs);
  if (!(variance > 0)) throw new StatisticsError('there are too few values: one of each sample');
  return {
    method: 'asymptotic, moved to the mean and variance at these sizes',
    statistic,
    pValue: limitTail(1 / 6 + (statistic - mean) / Math.sqrt(45 * variance)),
    effect: Math.sqrt(Math.max(0, statistic) / effectiveRows(n)),
    effectName: 'root mean squared distance of the distribution functions',
    n,
    limits: ['sees the middle of a distribution better than its tails'],
  };
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
