import { normalUpperTail } from '../normal.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** A share λ of a sum Σ λ χ², and the degrees of freedom of its χ². */
export interface Weight {
  readonly value: number;
  readonly degrees: number;
}

/**
 * How often Σ λ χ² exceeds `x`, for λ > 0: the null distribution of tests that square a distance. By the saddlepoint of its
 * cumulants (Kuonen, "Saddlepoint approximations for distributions of quadratic forms in normal variables", Biometrika 86, 1999):
 * to some percent of the chance, also far out.
 */
export function quadraticFormTail(x: number, weights: readonly Weight[]): number {
  const largest = Math.max(...weights.map(({ value }) => value));
  if (!(x > 0) || !(largest > 0)) return 1;
  const cumulant = (power: number, t: number): number => {
    let sum = 0;
    for (const { value, degrees } of weights) sum += degrees * (value / (1 - 2 * t * value)) ** power;
    return sum;
  };
  const t = saddlepoint(x, largest, weights, (at) => cumulant(1, at));
  let generated = 0;
  for (const { value, degrees } of weights) generated -= (degrees * Math.log1p(-2 * t * value)) / 2;
  const w = Math.sign(t) * Math.sqrt(Math.max(0, 2 * (t * x - generated)));
  if (Math.abs(w) < 1e-4) {
    // At the mean the formula is 0 / 0: its limit.
    const skewness = (8 * cumulant(3, 0)) / (2 * cumulant(2, 0)) ** 1.5;
    return 0.5 - skewness / (6 * Math.sqrt(2 * Math.PI));
  }
  const v = t * Math.sqrt(2 * cumulant(2, t));
  return Math.min(1, Math.max(0, normalUpperTail(w + Math.log(v / w) / w)));
}

/**
 * How often Σ w Z² exceeds `x`, for normal Z of variance 1 that are correlated, `degrees` times over: by the eigenvalues, which make
 * them independent.
 */
export function correlatedSquaresTail<Part extends { readonly weight: number }>(
  x: number,
  parts: readonly Part[],
  degrees: number,
  correlation: (one: Part, other: Part) => number,
): number {
  const size = parts.length;
  const covariance = new Float64Array(size * size);
  let trace = 0;
  for (const [row, one] of parts.entries()) {
    trace += one.weight;
    for (const [column, other] of parts.entries())
      covariance[row * size + column] = correlation(one, other) * Math.sqrt(one.weight * other.weight);
  }
  const { values } = symmetricEigen(covariance, size);
  const kept = values.filter((value) => value > 1e-9 * trace);
  return quadraticFormTail(
    x,
    kept.map((value) => ({ value, degrees })),
  );
}

/** Where the first derivative of the cumulant function, which rises, is `x`; by bisection on a scale that reaches its pole. */
function saddlepoint(
  x: number,
  largest: number,
  weights: readonly Weight[],
  slope: (t: number) => number,
): number {
  const pole = 1 / (2 * largest);
  const degrees = weights.reduce((sum, weight) => sum + weight.degrees, 0);
  let low = -degrees / (2 * x);
  // Below the pole by at least what one degree of freedom of the largest weight allows.
  let high = pole * (1 - Number.EPSILON);
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (slope(middle) < x) low = middle;
    else high = middle;
  }
  return low;
}
