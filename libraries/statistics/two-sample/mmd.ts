import { effectiveRows, type TestOutcome } from './outcome.ts';
import { quadraticFormTail } from './quadratic-form.ts';
import { pool, requireVariety, type SortedSamples, sizesOf } from './samples.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

const most = 32;

interface Point {
  readonly value: number;
  /** Of the reference's rows, and of the current ones. */
  readonly reference: number;
  readonly current: number;
}

/**
 * Maximum mean discrepancy with a Gaussian kernel as wide as the median distance of two pooled values, and its limit, a sum of
 * χ² weighted by the eigenvalues of the centred kernel (Gretton, Borgwardt, Rasch, Schölkopf and Smola, "A kernel two-sample test",
 * JMLR 13, 2012). The statistic is MMD², each row compared with itself too. More than 32 distinct values are grouped to as many
 * points of equal count.
 */
export function mmd(samples: SortedSamples): TestOutcome {
  const n = sizesOf(samples);
  const pooled = pool(samples);
  requireVariety(pooled);
  const points = pointsOf(samples);
  const total = n.reference + n.current;
  const shares = points.map(
    ({ reference, current }) => (reference * n.reference + current * n.current) / total,
  );
  const width = medianDistance(points, shares);
  const kernel = points.map((one) =>
    points.map((other) => Math.exp(-((one.value - other.value) ** 2) / (2 * width * width))),
  );
  let statistic = 0;
  for (const [i, one] of points.entries()) {
    for (const [j, other] of points.entries()) {
      statistic += (one.reference - one.current) * (other.reference - other.current) * kernel[i]![j]!;
    }
  }
  statistic = Math.max(0, statistic);
  return {
    method: `limit with the kernel’s eigenvalues, kernel width ${Number(width.toPrecision(4))}`,
    statistic,
    pValue: tail(effectiveRows(n) * statistic, kernel, shares),
    effect: Math.sqrt(statistic),
    effectName: 'maximum mean discrepancy',
    n,
    limits: pooled.distinct > most ? [`values are grouped to ${points.length} points`] : [],
  };
}

function pointsOf({ reference, current }: SortedSamples): Point[] {
  const { values, distinct, ...below } = pool({ reference, current });
  const total = reference.length + current.length;
  const points: Point[] = [];
  let before = { reference: 0, current: 0 };
  let sum = 0;
  let counted = { reference: 0, current: 0 };
  for (let at = 0; at < distinct; at++) {
    const now = { reference: below.reference[at]!, current: below.current[at]! };
    sum += values[at]! * (now.reference - counted.reference + now.current - counted.current);
    counted = now;
    const rows = now.reference + now.current - before.reference - before.current;
    if (distinct > most && rows < total / most && at < distinct - 1) continue;
    points.push({
      value: sum / rows,
      reference: (now.reference - before.reference) / reference.length,
      current: (now.current - before.current) / current.length,
    });
    before = now;
    sum = 0;
  }
  return points;
}

/** The median of the distances between two different points, each as often as its rows meet. */
function medianDistance(points: readonly Point[], shares: readonly number[]): number {
  const distances: { away: number; weight: number }[] = [];
  for (let i = 0; i < points.length; i++) {
    for (let j = 0; j < i; j++) {
      distances.push({ away: points[i]!.value - points[j]!.value, weight: shares[i]! * shares[j]! });
    }
  }
  distances.sort((one, other) => one.away - other.away);
  const half = distances.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let seen = 0;
  for (const { away, weight } of distances) {
    seen += weight;
    if (seen >= half) return away;
  }
  return distances.at(-1)!.away;
}

function tail(x: number, kernel: readonly (readonly number[])[], shares: readonly number[]): number {
  const size = shares.length;
  const means = kernel.map((row) => row.reduce((sum, value, at) => sum + value * shares[at]!, 0));
  const mean = means.reduce((sum, value, at) => sum + value * shares[at]!, 0);
  const centred = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const value = kernel[i]![j]! - means[i]! - means[j]! + mean;
      centred[i * size + j] = value * Math.sqrt(shares[i]! * shares[j]!);
    }
  }
  const { values } = symmetricEigen(centred, size);
  const largest = Math.max(...values);
  const kept = values.filter((value) => value > 1e-9 * largest);
  return quadraticFormTail(
    x,
    kept.map((value) => ({ value, degrees: 1 })),
  );
}
