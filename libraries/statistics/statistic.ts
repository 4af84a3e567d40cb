import { StatisticsError } from './error.ts';

/**
 * A figure of some rows, where each row counts as often as its weight says. So a bootstrap sample costs one pass and no
 * copying or sorting. Undefined where these rows have no such figure (no positive among them, say); never NaN.
 */
export type Statistic = (weights: ArrayLike<number>) => number | undefined;

/** The figure of all rows, each once. Throws `StatisticsError` with `reason` where there is none. */
export function ofAll(rows: number, statistic: Statistic, reason: string): number {
  const value = statistic(new Uint8Array(rows).fill(1));
  if (value === undefined) throw new StatisticsError(reason);
  return value;
}

/** By how much the first exceeds the second, on the same rows. */
export function difference(first: Statistic, second: Statistic): Statistic {
  return (weights) => {
    const one = first(weights);
    const other = second(weights);
    return one === undefined || other === undefined ? undefined : one - other;
  };
}

/** The mean of a column. */
export function meanOf(values: ArrayLike<number>): Statistic {
  return (weights) => {
    let sum = 0;
    let count = 0;
    for (let row = 0; row < values.length; row++) {
      const weight = weights[row]!;
      if (weight === 0) continue;
      sum += weight * values[row]!;
      count += weight;
    }
    return count === 0 ? undefined : sum / count;
  };
}
