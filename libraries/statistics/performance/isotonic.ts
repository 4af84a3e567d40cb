import { StatisticsError } from '../error.ts';

/**
 * Isotonic regression of labels on scores: the non-decreasing function of the score that fits best (least squares), by
 * pooling adjacent violators (Ayer, Brunk, Ewing, Reid, Silverman, Annals of Mathematical Statistics 26, 1955). Between scores that
 * were seen it is interpolated; beyond them it stays what it is at the end. Equal scores count as one.
 */
export interface Isotonic {
  /** Calibrated probabilities of scores in rising order. */
  calibrate(sortedScores: ArrayLike<number>): Float64Array;
}

/** Sorts once; fits again for any weights of the rows (a bootstrap sample) in one pass. */
export function isotonicFitter(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): (weights?: ArrayLike<number>) => Isotonic {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row).sort(
    (one, other) => scores[one]! - scores[other]! || one - other,
  );
  return (weights) => {
    // A block is a run of scores with one fitted value.
    const from = new Float64Array(order.length);
    const to = new Float64Array(order.length);
    const sums = new Float64Array(order.length);
    const counts = new Float64Array(order.length);
    let blocks = 0;
    for (const row of order) {
      const weight = weights === undefined ? 1 : weights[row]!;
      if (weight === 0) continue;
      const score = scores[row]!;
      // The last block is always that of one score: it is pooled when the next score comes up.
      if (blocks > 0 && to[blocks - 1] === score) {
        sums[blocks - 1]! += weight * labels[row]!;
        counts[blocks - 1]! += weight;
        continue;
      }
      blocks = pooled(blocks, { from, to, sums, counts });
      from[blocks] = score;
      to[blocks] = score;
      sums[blocks] = weight * labels[row]!;
      counts[blocks] = weight;
      blocks++;
    }
    blocks = pooled(blocks, { from, to, sums, counts });
    if (blocks === 0) throw new StatisticsError('there is no row');
    const values = Float64Array.from({ length: blocks }, (_, at) => sums[at]! / counts[at]!);
    return { calibrate: (sorted) => interpolated(sorted, from, to, values) };
  };
}

interface Blocks {
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/** Pools the last block with those before it while they are not below it. Answers how many are left. */
function pooled(blocks: number, { to, sums, counts }: Blocks): number {
  let left = blocks;
  while (left > 1 && sums[left - 2]! * counts[left - 1]! >= sums[left - 1]! * counts[left - 2]!) {
    to[left - 2] = to[left - 1]!;
    sums[left - 2]! += sums[left - 1]!;
    counts[left - 2]! += counts[left - 1]!;
    left--;
  }
  return left;
}

function interpolated(
  sorted: ArrayLike<number>,
  from: Float64Array,
  to: Float64Array,
  values: Float64Array,
): Float64Array {
  let at = 0;
  return Float64Array.from(sorted, (score) => {
    while (at + 1 < values.length && score >= from[at + 1]!) at++;
    if (score <= to[at]! || at + 1 === values.length) return values[at]!;
    const share = (score - to[at]!) / (from[at + 1]! - to[at]!);
    return values[at]! + share * (values[at + 1]! - values[at]!);
  });
}
