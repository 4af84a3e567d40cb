/**
 * The value of first + numerator₁ / (denominator₁ + numerator₂ / (denominator₂ + …)), by Lentz's method as modified by
 * Thompson and Barnett ("Coulomb and Bessel functions of complex arguments and order", J. Comput. Phys. 64, 1986).
 */
export function continuedFraction(
  first: number,
  partial: (step: number) => readonly [numerator: number, denominator: number],
): number {
  let value = first === 0 ? tiny : first;
  let above = value;
  let below = 0;
  for (let step = 1; step <= mostSteps; step++) {
    const [numerator, denominator] = partial(step);
    below = denominator + numerator * below;
    above = denominator + numerator / above;
    if (below === 0) below = tiny;
    if (above === 0) above = tiny;
    below = 1 / below;
    const factor = above * below;
    value *= factor;
    if (Math.abs(factor - 1) < Number.EPSILON) return value;
  }
  return value;
}

const tiny = 1e-300;
/** Fractions of this library need about the square root of their largest parameter. */
const mostSteps = 200_000;
