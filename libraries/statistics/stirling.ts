/**
 * What Stirling's formula leaves out: ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π), for x > 0 (Binet's function). From its
 * asymptotic series where x >= 10, and by its recurrence below. To about 1e-16, absolute.
 */
export function stirlingError(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < 10; at++) shift += (at + 0.5) * Math.log1p(1 / at) - 1;
  const square = 1 / (at * at);
  let value = 0;
  for (const coefficient of series) value = value * square + coefficient;
  return shift + value / at;
}

/** ln Γ(x) for x > 0, to about 1e-15. */
export function logGamma(x: number): number {
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + stirlingError(x);
}

/**
 * x ln(x / mean) + mean − x, without loss where both are near: the deviance of Loader, "Fast and accurate computation of
 * binomial probabilities" (2000). With it and `stirlingError` densities keep their digits where logarithms of gammas would
 * cancel. For mean > 0 and x >= 0.
 */
export function deviance(x: number, mean: number): number {
  const away = x - mean;
  if (x === 0) return mean;
  if (Math.abs(away) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - away;
  const ratio = away / (x + mean);
  let sum = away * ratio;
  let term = 2 * x * ratio;
  for (let power = 3; ; power += 2) {
    term *= ratio * ratio;
    const next = sum + term / power;
    if (next === sum) return sum;
    sum = next;
  }
}

/** Bernoulli numbers over 2k (2k − 1), from the highest power down. */
const series = [1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12];
