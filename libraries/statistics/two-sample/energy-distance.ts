import { StatisticsError } from '../error.ts';
import { blocksOf } from './bridge-blocks.ts';
import { effectiveRows, type TestOutcome } from './outcome.ts';
import { momentsOf, pool, requireDeviation, type SortedSamples, sizesOf } from './samples.ts';
import { squaredBridgeTail } from './squared-bridge.ts';

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
    pValue: squaredBridgeTail(
      effectiveRows(n) * squares,
      blocksOf(samples, (variance) => variance),
    ),
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
