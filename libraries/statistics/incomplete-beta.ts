import { continuedFraction } from './continued-fraction.ts';
import { deviance, stirlingError } from './stirling.ts';

/**
 * The regularized incomplete beta function Iₓ(a, b): the chance that a Beta(a, b) variable is below `x`, for a, b > 0 and
 * 0 <= x <= 1. By its continued fraction (DLMF 8.17.22, https://dlmf.nist.gov/8.17) and Loader's form of the density, to
 * about 1e-14 relative. Give `rest`, which is 1 − x, where x is so near to 1 that the subtraction would lose it.
 */
export function incompleteBeta(x: number, a: number, b: number, rest = 1 - x): number {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  return x <= (a + 1) / (a + b + 2) ? below(x, rest, a, b) : 1 - below(rest, x, b, a);
}

/** xᵃ (1 − x)ᵇ / (a B(a, b)) over the fraction, which converges fast where x is below the mean. */
function below(x: number, rest: number, a: number, b: number): number {
  const both = a + b;
  const exponent =
    stirlingError(both) -
    stirlingError(a) -
    stirlingError(b) -
    deviance(a, both * x) -
    deviance(b, both * rest);
  const factor = Math.exp(exponent) * Math.sqrt(b / (2 * Math.PI * a * both));
  return (
    factor /
    continuedFraction(1, (step) => {
      const half = Math.floor(step / 2);
      const at = a + 2 * half;
      const top =
        step % 2 === 0
          ? (half * (b - half)) / ((at - 1) * at)
          : (-(a + half) * (both + half)) / (at * (at + 1));
      return [top * x, 1];
    })
  );
}
