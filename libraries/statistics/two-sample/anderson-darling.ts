import { StatisticsError } from '../error.ts';
import { effectiveRows, type TestOutcome } from './outcome.ts';
import { quadraticFormTail, type Weight } from './quadratic-form.ts';
import type { SortedSamples } from './samples.ts';
import { tiedTail } from './tied-anderson-darling.ts';

/** The two-sample case of `andersonDarlingOf`. */
export function andersonDarling({ reference, current }: SortedSamples): TestOutcome {
  const n = { reference: reference.length, current: current.length };
  const { method, statistic, squared, pValue } = andersonDarlingOf([reference, current]);
  return {
    method,
    statistic,
    pValue,
    effect: Math.sqrt(Math.max(0, squared) / effectiveRows(n)),
    effectName: 'root of the weighted squared distance of the distribution functions',
    n,
    limits: ['weighs the tails most: a few outliers can decide it'],
  };
}

/**
 * Anderson and Darling's test that k sorted samples come of one distribution, midranks for ties (Scholz and Stephens, "K-sample
 * Anderson–Darling tests", JASA 82, 1987). `statistic` is standardized, as there; `squared` is A² itself. The p value is of the
 * limit Σ χ² / j (j + 1), and with ties of what takes its place: fewer steps vary together more than that.
 */
export function andersonDarlingOf(samples: readonly Float64Array[]): {
  readonly method: string;
  readonly statistic: number;
  readonly squared: number;
  readonly pValue: number;
} {
  const total = samples.reduce((sum, { length }) => sum + length, 0);
  const pooled = new Float64Array(total);
  let filled = 0;
  for (const sample of samples) {
    pooled.set(sample, filled);
    filled += sample.length;
  }
  pooled.sort();
  if (pooled[0] === pooled[total - 1])
    throw new StatisticsError(`all values of all samples are ${pooled[0]}`);
  if (total < 4) throw new StatisticsError('there are fewer than four values');
  const squared = midrankStatistic(samples, pooled);
  const free = samples.length - 1;
  const variance = varianceOf(samples.map(({ length }) => length));
  const statistic = (squared - free) / Math.sqrt(variance);
  const tied = tiedTail({ squared, free, variance }, pooled);
  if (tied !== undefined) {
    const method = 'limit of the weighted squares at these ties, standardized to the variance at these sizes';
    return { method, statistic, squared, pValue: tied };
  }
  const method = 'asymptotic, standardized to the variance at these sizes';
  const limitVariance = 2 * free * (Math.PI ** 2 / 3 - 3);
  return { method, statistic, squared, pValue: limitTail(free + statistic * Math.sqrt(limitVariance), free) };
}

/** Equation 7. */
function midrankStatistic(samples: readonly Float64Array[], pooled: Float64Array): number {
  const total = pooled.length;
  const at = samples.map(() => 0);
  const inner = samples.map(() => 0);
  for (let start = 0; start < total; ) {
    let end = start;
    while (end < total && pooled[end] === pooled[start]) end++;
    const tied = end - start;
    const below = start + tied / 2;
    for (const [k, sample] of samples.entries()) {
      const from = at[k]!;
      let to = from;
      while (to < sample.length && sample[to] === pooled[start]) to++;
      at[k] = to;
      const own = from + (to - from) / 2;
      const off = total * own - sample.length * below;
      inner[k]! += ((tied / total) * (off * off)) / (below * (total - below) - (total * tied) / 4);
    }
    start = end;
  }
  let sum = 0;
  for (const [k, sample] of samples.entries()) sum += inner[k]! / sample.length;
  return (sum * (total - 1)) / total;
}

/** The variance of A² under the null hypothesis at these sizes: equation 4. */
function varianceOf(sizes: readonly number[]): number {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const k = sizes.length;
  const inverse = sizes.reduce((sum, size) => sum + 1 / size, 0);
  let h = 0;
  let g = 0;
  // Sums from the far end, so that one pass is enough for the double sum.
  for (let i = 1; i < total; i++) h += 1 / i;
  let harmonic = 0;
  for (let i = 1; i <= total - 2; i++) {
    harmonic += 1 / (total - i);
    g += harmonic / (i + 1);
  }
  const a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverse;
  const b = (2 * g - 4) * k ** 2 + 8 * h * k + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
  const c = (6 * h + 2 * g - 2) * k ** 2 + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverse + 4 * h;
  const d = (2 * h + 6) * k ** 2 - 4 * h * k;
  return (a * total ** 3 + b * total ** 2 + c * total + d) / ((total - 1) * (total - 2) * (total - 3));
}

const terms = 200;

/** What is left beyond so many terms varies next to nothing: its mean stands for it. */
function limitTail(x: number, free: number): number {
  const weights: Weight[] = [];
  for (let j = 1; j <= terms; j++) weights.push({ value: 1 / (j * (j + 1)), degrees: free });
  return quadraticFormTail(x - free / (terms + 1), weights);
}
