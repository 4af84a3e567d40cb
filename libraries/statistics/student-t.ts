import { incompleteBeta } from './incomplete-beta.ts';
import { normalQuantile, normalUpperTail } from './normal.ts';
import { logGamma } from './stirling.ts';

/**
 * How often a variable of Student's t distribution exceeds `t`; degrees of freedom are > 0 and need not be whole. By the
 * incomplete beta function (DLMF 8.17), and beyond 10,000 degrees by Hill's normal deviate ("Algorithm 395", Communications
 * of the ACM 13, 1970); to about 1e-13 relative, also far out.
 */
export function studentUpperTail(t: number, degreesOfFreedom: number): number {
  if (t < 0) return 1 - studentUpperTail(-t, degreesOfFreedom);
  if (t === Number.POSITIVE_INFINITY) return 0;
  if (degreesOfFreedom > 10_000) return normalUpperTail(normalDeviate(t, degreesOfFreedom));
  const square = t * t;
  const both = degreesOfFreedom + square;
  if (both === Number.POSITIVE_INFINITY) return 0;
  return incompleteBeta(degreesOfFreedom / both, degreesOfFreedom / 2, 0.5, square / both) / 2;
}

/**
 * The point that a variable of Student's t distribution exceeds with the given chance, between 0 and 1: for a 95 % interval,
 * 0.025. By Newton's method between bounds, to about 1e-14 relative.
 */
export function studentUpperPoint(tail: number, degreesOfFreedom: number): number {
  if (tail === 0.5) return 0;
  if (tail > 0.5) return -studentUpperPoint(1 - tail, degreesOfFreedom);
  const start = -normalQuantile(tail);
  let low = 0;
  let high = Math.max(start, 1);
  while (studentUpperTail(high, degreesOfFreedom) > tail) {
    low = high;
    high *= 2;
  }
  let t = low === 0 ? Math.min(start * (1 + (1 + start * start) / (4 * degreesOfFreedom)), high) : low;
  for (let step = 0; step < 200; step++) {
    const at = studentUpperTail(t, degreesOfFreedom);
    if (at > tail) low = t;
    else high = t;
    // Newton on the logarithm of the tail: its slope hardly changes from one step to the next.
    let next = t + (at * Math.log(at / tail)) / density(t, degreesOfFreedom);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - t) <= 2e-15 * Math.abs(t)) return next;
    t = next;
  }
  return t;
}

function density(t: number, degreesOfFreedom: number): number {
  const half = degreesOfFreedom / 2;
  const constant = logGamma(half + 0.5) - logGamma(half) - Math.log(degreesOfFreedom * Math.PI) / 2;
  return Math.exp(constant - (half + 0.5) * Math.log1p((t * t) / degreesOfFreedom));
}

/** The point that a normal variable exceeds as often as a t variable exceeds `t`. */
function normalDeviate(t: number, degreesOfFreedom: number): number {
  const a = degreesOfFreedom - 0.5;
  const b = 48 * a * a;
  const square = a * Math.log1p((t * t) / degreesOfFreedom);
  const z = Math.sqrt(square);
  const first = (square + 3) / b;
  const second =
    (((4 * square + 33) * square + 240) * square + 855) / (10 * b * (b + 0.8 * square * square + 100));
  return z * (1 + first - second);
}
