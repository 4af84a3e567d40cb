import { requireCount, requireNumber, StatisticsError } from './error.ts';

/** What a comparison needs of one arm: of a mean, of a proportion, or of a quantile. */
export interface Moments {
  /** Rows: independent units, so users and not their clicks where one user clicks often. */
  readonly n: number;
  /** The figure of the arm, in the metric's unit. */
  readonly mean: number;
  /** Of one row, in that unit squared: the figure's own variance times `n`. */
  readonly variance: number;
}

/** What is kept of an arm's rows. Sums of batches and of machines add up. */
export interface Sums {
  readonly n: number;
  /** Of the values, in the metric's unit. */
  readonly sum: number;
  /** Of the values squared, in that unit squared. */
  readonly sumSquares: number;
}

/**
 * The mean of an arm with the unbiased variance of its rows. Throws `StatisticsError` for fewer than two rows, sums that no
 * rows can have, and values that do not vary (or so little against their size that the sums have lost it).
 */
export function momentsOfMean(sums: Sums): Moments {
  const { n, sum } = sums;
  requireRowsToVary(n);
  const left = spread(sums);
  if (left === 0) {
    throw new StatisticsError(
      'the values do not vary, or by less than their sums can hold: a mean needs a variance to be compared',
    );
  }
  return { n, mean: sum / n, variance: left / (n - 1) };
}

/**
 * The proportion of rows that are 1 (errors, conversions), with the variance p (1 − p) of one row. Throws `StatisticsError`
 * for fewer than two rows, for a count outside 0 to n, and where all rows are alike.
 */
export function momentsOfProportion({ n, sum }: Pick<Sums, 'n' | 'sum'>): Moments {
  requireRowsToVary(n);
  requireNumber('sum', sum);
  if (sum < 0 || sum > n)
    throw new StatisticsError(`sum is ${sum} of n = ${n}: a proportion lies between 0 and 1`);
  if (sum === 0 || sum === n) {
    throw new StatisticsError(
      `${sum === 0 ? 'no row is' : 'all rows are'} 1: a proportion of ${sum / n} has no variance to be compared by`,
    );
  }
  const mean = sum / n;
  return { n, mean, variance: mean * (1 - mean) };
}

/**
 * Sum of squares about the mean: `sumSquares` − `sum`² / `n`. 0 where nothing is left but rounding, also where that made it
 * negative. Throws where it is further below 0 than long sums are rounded, and where a sum is not finite.
 */
export function spread({ n, sum, sumSquares }: Sums, name = ''): number {
  requireNumber(`${name}sum`, sum);
  requireNumber(`${name}sumSquares`, sumSquares);
  const least = (sum / n) * sum;
  const left = sumSquares - least;
  if (left < -1e-9 * least || !Number.isFinite(left)) {
    throw new StatisticsError(
      `${name}sumSquares is ${sumSquares}, and is at least sum² / n = ${least} for any rows: one of the sums is wrong`,
    );
  }
  return left <= 8 * Number.EPSILON * sumSquares ? 0 : left;
}

function requireRowsToVary(n: number): void {
  requireCount('n', n);
  if (n < 2) throw new StatisticsError(`n is ${n}: at least two rows are needed to tell how much they vary`);
}
