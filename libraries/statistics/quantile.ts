import { requireFinite, requireRows } from './error.ts';
import type { Statistic } from './statistic.ts';

/**
 * The quantile of a share between 0 and 1, interpolated between neighbours: type 7 of Hyndman and Fan ("Sample quantiles
 * in statistical packages", The American Statistician 50, 1996), the default of R and NumPy. Throws `StatisticsError`.
 */
export function quantile(values: ArrayLike<number>, share: number): number {
  requireRows({ values });
  requireFinite('the value', values);
  return quantileOfSorted(Float64Array.from(values).sort(), share);
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** The median as a statistic: of the values, each as often as its weight says. */
export function medianOf(values: ArrayLike<number>): Statistic {
  const rows = requireRows({ values });
  requireFinite('the value', values);
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort(
    (one, other) => values[one]! - values[other]!,
  );
  return (weights) => {
    let count = 0;
    for (let row = 0; row < rows; row++) count += weights[row]!;
    if (count === 0) return undefined;
    const [low, high] = [Math.floor((count - 1) / 2), Math.ceil((count - 1) / 2)];
    let seen = 0;
    let below: number | undefined;
    for (const row of order) {
      seen += weights[row]!;
      if (below === undefined && seen > low) below = values[row]!;
      if (seen > high) return ((below ?? 0) + values[row]!) / 2;
    }
    return undefined;
  };
}

export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
