import { upperIncompleteGamma } from './incomplete-gamma.ts';

/** How often a chi-squared variable with so many degrees of freedom (> 0) exceeds `x` (>= 0); to about 1e-14 relative. */
export function chiSquaredUpperTail(x: number, degreesOfFreedom: number): number {
  return upperIncompleteGamma(degreesOfFreedom / 2, x / 2);
}
