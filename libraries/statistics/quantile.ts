import { requireFinite, requireRows } from './error.ts';

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

export function quantileOfSorted(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
