import { StatisticsError } from '../error.ts';
import { blocksOf } from './bridge-blocks.ts';
import { effectiveRows, type TestOutcome } from './outcome.ts';
import { quadraticFormTail } from './quadratic-form.ts';
import { momentsOf, pool, requireDeviation, type SortedSamples, sizesOf } from './samples.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/**
 * Energy distance: the root of twice the squared area between the distribution functions, √(2 ∫ (F − G)² dx) (Székely and Rizzo,
 * "Energy statistics", Journal of Statistical Planning and Inference 143, 2013). Its null distribution is that of ∫ B² dx for a
 * Brownian bridge B over the pooled values.
 */
export function energyDistance(samples: SortedSamples): TestOutcome {
  const n = sizesOf(samples);
  const squares = squaredArea(samples);
  const deviation = requireDeviation(momentsOf(samples.reference).variance);
  const statistic = Math.sqrt(2 * squares);
  const effect = statistic / Math.sqrt(deviation);
  if (!Number.isFinite(effect)) throw new StatisticsError('the values are too large to be compared');
  return {
    method: 'limit of the squared bridge, by saddlepoint',
    statistic,
    pValue: squaresTail(effectiveRows(n) * squares, samples),
    effect,
    effectName: 'distance over the root of the reference’s standard deviation',
    n,
    limits: [],
  };
}

function squaredArea(samples: SortedSamples): number {
  const pooled = pool(samples);
  const [rows, others] = [samples.reference.length, samples.current.length];
  let sum = 0;
  for (let at = 0; at < pooled.distinct - 1; at++) {
    const apart = pooled.reference[at]! / rows - pooled.current[at]! / others;
    sum += apart * apart * (pooled.values[at + 1]! - pooled.values[at]!);
  }
  return sum;
}

function squaresTail(x: number, samples: SortedSamples): number {
  const blocks = blocksOf(samples, (variance) => variance);
  const size = blocks.length;
  const covariance = new Float64Array(size * size);
  let trace = 0;
  for (const [row, one] of blocks.entries()) {
    trace += one.weight;
    for (const [column, other] of blocks.entries()) {
      const [low, high] = one.share < other.share ? [one.share, other.share] : [other.share, one.share];
      // Weights hold F (1 − F) dx: what is left of them is the correlation.
      const correlation = Math.sqrt((low * (1 - high)) / (high * (1 - low)));
      covariance[row * size + column] = correlation * Math.sqrt(one.weight * other.weight);
    }
  }
  const { values } = symmetricEigen(covariance, size);
  const kept = values.filter((value) => value > 1e-9 * trace);
  return quadraticFormTail(
    x,
    kept.map((value) => ({ value, degrees: 1 })),
  );
}
