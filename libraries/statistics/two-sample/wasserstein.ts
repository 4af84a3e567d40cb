import { StatisticsError } from '../error.ts';
import { upperIncompleteGamma } from '../incomplete-gamma.ts';
import { normalUpperTail } from '../normal.ts';
import { quantileOfSorted } from '../quantile.ts';
import { type Block, blocksOf } from './bridge-blocks.ts';
import { chance, effectiveRows, type TestOutcome } from './outcome.ts';
import { momentsOf, requireDeviation, type SortedSamples, sizesOf } from './samples.ts';

/**
 * Wasserstein distance: the area between the two distribution functions, in the unit of the values; as effect, over the
 * reference's standard deviation. Its null distribution is that of the area below a Brownian bridge's path over the pooled values,
 * as a log-normal one with that area's exact mean and variance.
 */
export function wasserstein(samples: SortedSamples): TestOutcome {
  const n = sizesOf(samples);
  const deviation = requireDeviation(momentsOf(samples.reference).variance);
  const limits = isMadeLarge(samples.reference, deviation)
    ? ['few far outliers of the reference make its standard deviation large and so hide a drift']
    : [];
  return judgeArea(n, wassersteinDistance(samples), deviation, blocksOf(samples, Math.sqrt), limits);
}

/** What an area between two distribution functions says, however it was found. */
export function judgeArea(
  n: TestOutcome['n'],
  area: number,
  deviation: number,
  blocks: readonly Block[],
  limits: readonly string[],
): TestOutcome {
  const effect = area / deviation;
  if (!Number.isFinite(effect)) throw new StatisticsError('the values are too large to be compared');
  return {
    method: 'limit of the bridge’s area, log-normal with its mean and variance',
    statistic: area,
    pValue: areaTail(Math.sqrt(effectiveRows(n)) * area, blocks),
    effect,
    effectName: 'distance over the reference’s standard deviation',
    n,
    limits,
  };
}

/** Whether the deviation is more than three times what the middle half of the values would have it. */
function isMadeLarge(sorted: Float64Array, deviation: number): boolean {
  const middle = quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25);
  return deviation > (3 / 1.349) * middle;
}

/** The area between the distribution functions: one pass over the sorted values. */
export function wassersteinDistance({ reference, current }: SortedSamples): number {
  const [rows, others] = [reference.length, current.length];
  const [one, other] = [1 / rows, 1 / others];
  let area = 0;
  let i = 0;
  let j = 0;
  let last = Math.min(reference[0]!, current[0]!);
  while (i < rows && j < others) {
    const fromReference = reference[i]! <= current[j]!;
    const value = fromReference ? reference[i]! : current[j]!;
    area += Math.abs(i * one - j * other) * (value - last);
    last = value;
    if (fromReference) i++;
    else j++;
  }
  for (; i < rows; i++) {
    area += (1 - i * one) * (reference[i]! - last);
    last = reference[i]!;
  }
  for (; j < others; j++) {
    area += (1 - j * other) * (current[j]! - last);
    last = current[j]!;
  }
  return area;
}

/** Of |X| and |Y| for jointly normal X and Y with deviation 1 and this correlation: their covariance. */
export function absoluteCovariance(correlation: number): number {
  const r = Math.min(1, Math.max(-1, correlation));
  return (2 / Math.PI) * (Math.sqrt(1 - r * r) + r * Math.asin(r) - 1);
}

/**
 * How often the area exceeds `x`, where each block weighs as much as the bridge's deviation over it. Near its mean it is nearly
 * log-normal (within a tenth of the published points of Johnson and Killeen, Annals of Statistics 11, 1983); further out no more than
 * Borell's inequality allows, by the variance of the bridge's signed area.
 */
export function areaTail(x: number, blocks: readonly Block[]): number {
  let mean = 0;
  let variance = 0;
  let signed = 0;
  for (const [at, { weight, share }] of blocks.entries()) {
    mean += weight;
    variance += weight * weight * absoluteCovariance(1);
    signed += weight * weight;
    for (let before = 0; before < at; before++) {
      const other = blocks[before]!;
      const correlation = Math.sqrt((other.share * (1 - share)) / (share * (1 - other.share)));
      variance += 2 * weight * other.weight * absoluteCovariance(correlation);
      signed += 2 * weight * other.weight * correlation;
    }
  }
  mean *= Math.sqrt(2 / Math.PI);
  const isProper =
    mean > 0 && variance > 0 && Number.isFinite(x / mean) && Number.isFinite(mean * mean + signed);
  if (!isProper) throw new StatisticsError('the values vary too unevenly to be compared');
  if (x <= 0) return 1;
  const spread = Math.log1p(variance / (mean * mean));
  const near = normalUpperTail((Math.log(x / mean) + spread / 2) / Math.sqrt(spread));
  const bound = x > mean ? Math.exp(-((x - mean) ** 2) / (2 * signed)) : 1;
  return chance(Math.min(near, bound));
}

/** How often a gamma variable of this mean and variance exceeds `x`. */
export function gammaTail(x: number, mean: number, variance: number): number {
  const isProper = mean > 0 && variance > 0 && Number.isFinite(x / mean) && Number.isFinite(mean / variance);
  if (!isProper) throw new StatisticsError('the values vary too unevenly to be compared');
  return chance(upperIncompleteGamma((mean / variance) * mean, (x * mean) / variance));
}
