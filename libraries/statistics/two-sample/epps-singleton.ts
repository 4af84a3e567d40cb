import { chiSquaredUpperTail } from '../chi-squared.ts';
import { StatisticsError } from '../error.ts';
import { quantileOfSorted } from '../quantile.ts';
import { chiSquaredMethod, effectiveRows, type TestOutcome } from './outcome.ts';
import { momentsOf, type SortedSamples, sizesOf } from './samples.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

const points = [0.4, 0.8] as const;
const size = 2 * points.length;

/**
 * Epps–Singleton test: compares the empirical characteristic functions at two points, scaled by the pooled interquartile range.
 * For whole numbers and other values with ties, too (Epps and Singleton, Journal of Statistical Computation and Simulation 26, 1986;
 * the correction for small samples as given there).
 */
export function eppsSingleton(samples: SortedSamples): TestOutcome {
  const n = sizesOf(samples);
  if (Math.min(n.reference, n.current) < 5)
    throw new StatisticsError('a sample has fewer than five values: too few for Epps and Singleton’s test');
  const total = n.reference + n.current;
  const scale = scaleOf(samples);
  const [one, other] = [characteristic(samples.reference, scale), characteristic(samples.current, scale)];
  const covariance = one.covariance.map(
    (value, at) => (total / n.reference) * value + (total / n.current) * other.covariance[at]!,
  );
  const { values, vectors } = symmetricEigen(covariance, size);
  const cutoff = 1e-10 * Math.max(...values);
  let w = 0;
  let rank = 0;
  for (const [k, value] of values.entries()) {
    if (value <= cutoff) continue;
    let along = 0;
    for (let row = 0; row < size; row++) {
      along += vectors[row * size + k]! * (one.mean[row]! - other.mean[row]!);
    }
    w += (total * along * along) / value;
    rank++;
  }
  if (rank === 0) throw new StatisticsError('the values do not vary enough to be compared');
  const isSmall = Math.max(n.reference, n.current) < 25;
  const isUneven = Math.max(n.reference, n.current) > 3 * Math.min(n.reference, n.current);
  const statistic = isSmall ? w / (1 + total ** -0.45 + 10.1 * (n.reference ** -1.7 + n.current ** -1.7)) : w;
  return {
    method: `${chiSquaredMethod(rank)}${isSmall ? ', corrected for small samples' : ''}`,
    statistic,
    pValue: chiSquaredUpperTail(statistic, rank),
    effect: Math.sqrt(statistic / effectiveRows(n)),
    effectName: 'standardized distance of the characteristic functions',
    n,
    limits: [
      'looks at the characteristic functions at two points alone',
      ...(isUneven
        ? [
            'the samples are of very unequal size: the smaller one’s covariance is rough, and the p value too small',
          ]
        : []),
    ],
  };
}

/** Half of the pooled interquartile range; of values of which more than half are alike, their standard deviation. */
function scaleOf({ reference, current }: SortedSamples): number {
  const pooled = new Float64Array(reference.length + current.length);
  pooled.set(reference);
  pooled.set(current, reference.length);
  pooled.sort();
  const range = (quantileOfSorted(pooled, 0.75) - quantileOfSorted(pooled, 0.25)) / 2;
  const scale = range > 0 ? range : Math.sqrt(momentsOf(pooled).variance);
  if (scale > 0 && scale < Number.POSITIVE_INFINITY) return scale;
  throw new StatisticsError(`all values of both samples are ${pooled[0]}`);
}

function characteristic(
  values: Float64Array,
  scale: number,
): { mean: Float64Array; covariance: Float64Array } {
  const mean = new Float64Array(size);
  const covariance = new Float64Array(size * size);
  const rows = values.length;
  const waves = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    for (const [k, point] of points.entries()) {
      const angle = (point / scale) * values[row]!;
      waves[row * size + k] = Math.cos(angle);
      waves[row * size + points.length + k] = Math.sin(angle);
    }
    for (let k = 0; k < size; k++) mean[k]! += waves[row * size + k]! / rows;
  }
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < size; k++) {
      const off = waves[row * size + k]! - mean[k]!;
      for (let l = 0; l < size; l++) {
        covariance[k * size + l]! += (off * (waves[row * size + l]! - mean[l]!)) / rows;
      }
    }
  }
  return { mean, covariance };
}
