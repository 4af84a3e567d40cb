import { requireFinite, StatisticsError } from '../error.ts';

/** The values of two samples, each in rising order. Made by `sortedSamples`. */
export interface SortedSamples {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/**
 * Copies and sorts. Throws `StatisticsError` where a sample is empty, holds a value that is not finite, or values so large or so
 * near to each other that their squares or cubes would not be.
 */
export function sortedSamples(reference: ArrayLike<number>, current: ArrayLike<number>): SortedSamples {
  const samples = { reference: sorted('reference', reference), current: sorted('current', current) };
  const least = Math.min(samples.reference[0]!, samples.current[0]!);
  const most = Math.max(samples.reference.at(-1)!, samples.current.at(-1)!);
  const isHeld = Math.max(-least, most) < 1e100 && (most === least || most - least > 1e-100);
  if (isHeld) return samples;
  throw new StatisticsError(
    `the values lie between ${least} and ${most}: too far or too near to be compared`,
  );
}

function sorted(name: string, values: ArrayLike<number>): Float64Array {
  if (values.length === 0) throw new StatisticsError(`the ${name} has no value`);
  requireFinite(`the ${name}`, values);
  return new Float64Array(values).sort();
}

export function sizesOf({ reference, current }: SortedSamples): { reference: number; current: number } {
  return { reference: reference.length, current: current.length };
}

/** The distinct values of both samples, rising, and how many values of each are at most so large. */
export interface Pooled {
  readonly values: Float64Array;
  readonly reference: Uint32Array;
  readonly current: Uint32Array;
  /** How many of the entries above are in use. */
  readonly distinct: number;
}

export function pool({ reference, current }: SortedSamples): Pooled {
  const most = reference.length + current.length;
  const values = new Float64Array(most);
  const below = { reference: new Uint32Array(most), current: new Uint32Array(most) };
  let distinct = 0;
  let i = 0;
  let j = 0;
  while (i < reference.length || j < current.length) {
    const value =
      j >= current.length || (i < reference.length && reference[i]! <= current[j]!)
        ? reference[i]!
        : current[j]!;
    while (i < reference.length && reference[i] === value) i++;
    while (j < current.length && current[j] === value) j++;
    values[distinct] = value;
    below.reference[distinct] = i;
    below.current[distinct] = j;
    distinct++;
  }
  return { values, ...below, distinct };
}

/** Throws where all values of both samples are one and the same: there is nothing to rank or to scale by. */
export function requireVariety({ distinct, values }: Pooled): void {
  if (distinct < 2) throw new StatisticsError(`all values of both samples are ${values[0]}`);
}

/** The deviation that distances are measured by. Throws for values that do not vary, or of which that is not known. */
export function requireDeviation(variance: number): number {
  const deviation = Math.sqrt(variance);
  if (deviation > 0) return deviation;
  throw new StatisticsError(
    deviation === 0
      ? 'the reference does not vary: nothing to measure distance by'
      : 'the values of the reference are too large to be compared',
  );
}

export interface SampleMoments {
  readonly n: number;
  readonly mean: number;
  /** Divided by n: of these values, not an estimate for others. */
  readonly variance: number;
}

export function momentsOf(values: Float64Array): SampleMoments {
  const n = values.length;
  let sum = 0;
  for (let row = 0; row < n; row++) sum += values[row]!;
  const mean = sum / n;
  let squares = 0;
  for (let row = 0; row < n; row++) squares += (values[row]! - mean) ** 2;
  return { n, mean, variance: squares / n };
}
