import { continuedFraction } from './continued-fraction.ts';
import { deviance, stirlingError } from './stirling.ts';

/**
 * The regularized upper incomplete gamma function Q(a, x): the chance that a Gamma(a) variable of scale 1 exceeds `x`, for
 * a > 0 and x >= 0. By its series below the mean and its continued fraction above (DLMF 8.7.1 and 8.9.2,
 * https://dlmf.nist.gov/8), to about 1e-14 relative.
 */
export function upperIncompleteGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  return x < a + 1 ? 1 - density(a, x) * lowerSeries(a, x) : density(a, x) * upperFraction(a, x);
}

/** xᵃ e⁻ˣ / Γ(a + 1), by Loader's form. */
function density(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

function lowerSeries(a: number, x: number): number {
  let sum = 1;
  let term = 1;
  for (let at = a + 1; ; at++) {
    term *= x / at;
    if (term < sum * 1e-17) return sum;
    sum += term;
  }
}

function upperFraction(a: number, x: number): number {
  const first = x + 1 - a;
  return a / continuedFraction(first, (step) => [step * (a - step), first + 2 * step]);
}
