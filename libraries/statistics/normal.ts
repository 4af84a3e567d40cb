/**
 * The standard normal distribution function, to about 1e-15 relative, also far below 0 (Hart's rational approximation as given
 * by West, "Better approximations to cumulative normal functions", Wilmott 2005; beyond 2.5 standard deviations, where that
 * begins to lose digits, by the continued fraction of Abramowitz and Stegun 26.2.14).
 */
export function normalCdf(x: number): number {
  return x > 0 ? 1 - tailBeyond(x) : tailBeyond(-x);
}

/** How often a standard normal variable exceeds `x`: 1 - `normalCdf(x)` without loss where that is small. */
export function normalUpperTail(x: number): number {
  return normalCdf(-x);
}

/** The standard normal density. */
export function normalDensity(x: number): number {
  return bell(Math.abs(x)) / Math.sqrt(2 * Math.PI);
}

function tailBeyond(size: number): number {
  if (size > 38.6) return 0;
  if (size < 2.5) {
    return (bell(size) * polynomial(numerator, size)) / polynomial(denominator, size);
  }
  let fraction = size;
  for (let step = 100; step > 0; step--) fraction = size + step / fraction;
  return bell(size) / fraction / Math.sqrt(2 * Math.PI);
}

/** exp(-size² / 2): the square of a part that has few digits is exact, so that nothing is lost where it is large. */
function bell(size: number): number {
  const part = Math.trunc(size * 16) / 16;
  return Math.exp((-part * part) / 2) * Math.exp((-(size - part) * (size + part)) / 2);
}

/** Its inverse for 0 < p < 1, to about 1e-16 relative (Wichura, algorithm AS 241, Applied Statistics 37, 1988). */
export function normalQuantile(p: number): number {
  const centred = p - 0.5;
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred;
    return (centred * polynomial(central, r)) / polynomial(centralBelow, r);
  }
  const r = Math.sqrt(-Math.log(centred < 0 ? p : 1 - p));
  const size =
    r <= 5
      ? polynomial(middle, r - 1.6) / polynomial(middleBelow, r - 1.6)
      : polynomial(far, r - 5) / polynomial(farBelow, r - 5);
  return centred < 0 ? -size : size;
}

/** Coefficients, as near as a double comes to the published ones, from the highest power down. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

const numerator = [
  0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
  221.213596169931, 220.206867912376,
];
const denominator = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];
const central = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
];
const centralBelow = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
];
const middle = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const middleBelow = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const far = [
  2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124,
  0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const farBelow = [
  2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133,
  0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
];
