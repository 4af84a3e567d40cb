import { chance, effectiveRows, type TestOutcome } from './outcome.ts';
import { type SortedSamples, sizesOf } from './samples.ts';

/** Up to so many pairs of rows the exact null distribution is walked through: some milliseconds. */
export const exactPairs = 1_000_000;

/**
 * Two-sample Kolmogorov–Smirnov test: the largest distance between the two distribution functions. Exact where it is cheap,
 * ties included; else by Kolmogorov's limit.
 */
export function kolmogorovSmirnov(
  samples: SortedSamples,
  mode: 'auto' | 'exact' | 'asymptotic' = 'auto',
): TestOutcome {
  const n = sizesOf(samples);
  const { largest, hasTies, isEnd } = walk(samples);
  const statistic = largest / (n.reference * n.current);
  const isExact = mode === 'exact' || (mode === 'auto' && n.reference * n.current <= exactPairs);
  return {
    method: isExact ? 'exact' : 'asymptotic',
    statistic,
    pValue: isExact
      ? exactTail(n.reference, n.current, largest, isEnd())
      : kolmogorovTail(Math.sqrt(effectiveRows(n)) * statistic),
    effect: statistic,
    effectName: 'largest distance of the distribution functions',
    n,
    limits: !isExact && hasTies ? ['ties make the asymptotic p value too large'] : [],
  };
}

/** The largest |i m − j n| over the pooled values: a whole number, so that the comparison with it is exact. */
function walk({ reference, current }: SortedSamples): {
  largest: number;
  hasTies: boolean;
  isEnd: () => Uint8Array;
} {
  const [rows, others] = [reference.length, current.length];
  let largest = 0;
  let groups = 0;
  let i = 0;
  let j = 0;
  while (i < rows && j < others) {
    const [one, other] = [reference[i]!, current[j]!];
    const value = one < other ? one : other;
    while (i < rows && reference[i] === value) i++;
    while (j < others && current[j] === value) j++;
    groups++;
    const distance = i * others - j * rows;
    if (distance > largest) largest = distance;
    else if (-distance > largest) largest = -distance;
  }
  const walked = i + j;
  return {
    largest,
    hasTies: groups < walked,
    isEnd: () => endsOfTies(reference, current),
  };
}

/** For each number of pooled values: 1 where the next one is larger, so that the distribution functions can be compared there. */
function endsOfTies(reference: Float64Array, current: Float64Array): Uint8Array {
  const all = new Float64Array(reference.length + current.length);
  all.set(reference);
  all.set(current, reference.length);
  all.sort();
  return Uint8Array.from({ length: all.length + 1 }, (_, taken) => Number(all[taken - 1] !== all[taken]));
}

/**
 * How often a random order of the pooled values reaches the distance. Each order is a path over a grid; the chance that a path
 * has touched the border by a point is the mean of its two predecessors' (Hodges, "The significance probability of the Smirnov
 * two-sample test", Arkiv för Matematik 3, 1958; ties as Schröer and Trenkler, Computational Statistics & Data Analysis 20, 1995).
 * Summed upwards, so small chances keep their digits.
 */
function exactTail(rows: number, others: number, least: number, isEnd: Uint8Array): number {
  if (least === 0) return 1;
  const touched = new Float64Array(others + 1);
  for (let i = 0; i <= rows; i++) {
    for (let j = 0; j <= others; j++) {
      const taken = i + j;
      if (taken === 0) touched[0] = 0;
      else if (Math.abs(i * others - j * rows) >= least && isEnd[taken] === 1) touched[j] = 1;
      else {
        const fromBelow = i === 0 ? 0 : (i / taken) * touched[j]!;
        touched[j] = fromBelow + (j === 0 ? 0 : (j / taken) * touched[j - 1]!);
      }
    }
  }
  return chance(touched[others]!);
}

/** How often the largest distance of a Brownian bridge from 0 exceeds `x` (Kolmogorov 1933; the theta function's two series). */
export function kolmogorovTail(x: number): number {
  if (x < 0.04) return 1;
  if (x < 1) {
    let sum = 0;
    for (let term = 1; term < 20; term += 2) sum += Math.exp((-term * term * Math.PI ** 2) / (8 * x * x));
    return chance(1 - (Math.sqrt(2 * Math.PI) / x) * sum);
  }
  let sum = 0;
  for (let term = 1; term < 10; term++) sum += (term % 2 === 1 ? 2 : -2) * Math.exp(-2 * term * term * x * x);
  return chance(sum);
}
