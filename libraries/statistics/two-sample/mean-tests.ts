import { StatisticsError } from '../error.ts';
import { studentUpperTail } from '../student-t.ts';
import { chance, type TestOutcome } from './outcome.ts';
import type { SampleMoments } from './samples.ts';

const limits = ['sees differences of means alone', 'leans on enough rows for means to be normal'];

/** Welch's t test of equal means, two-sided, from the moments of both samples. The samples may vary differently. */
export function welchT(reference: SampleMoments, current: SampleMoments): TestOutcome {
  const [one, other] = [unbiased(reference) / reference.n, unbiased(current) / current.n];
  const both = one + other;
  if (!(both > 0)) throw noSpread();
  const share = one / both;
  const degrees = 1 / ((share * share) / (reference.n - 1) + (1 - share) ** 2 / (current.n - 1));
  return outcome(reference, current, Math.sqrt(both), degrees);
}

/** Student's t test of equal means, two-sided: as Welch's, for samples that vary alike. */
export function studentT(reference: SampleMoments, current: SampleMoments): TestOutcome {
  const degrees = reference.n + current.n - 2;
  const variance = pooledVariance(reference, current);
  if (!(variance > 0)) throw noSpread();
  const error = Math.sqrt(variance * (1 / reference.n + 1 / current.n));
  const judged = outcome(reference, current, error, degrees);
  return { ...judged, limits: [...limits, 'takes both samples to vary alike: Welch’s test does not'] };
}

function outcome(
  reference: SampleMoments,
  current: SampleMoments,
  standardError: number,
  degrees: number,
): TestOutcome {
  const change = current.mean - reference.mean;
  const statistic = change / standardError;
  const effect = Math.abs(change) / Math.sqrt(pooledVariance(reference, current));
  if (!Number.isFinite(statistic + effect + degrees))
    throw new StatisticsError('the values are too large, or too near to each other, to be compared');
  return {
    method: `t with ${Number(degrees.toPrecision(6))} degrees of freedom`,
    statistic,
    pValue: chance(2 * studentUpperTail(Math.abs(statistic), degrees)),
    effect,
    effectName: 'Cohen’s d',
    n: { reference: reference.n, current: current.n },
    limits,
  };
}

function pooledVariance(reference: SampleMoments, current: SampleMoments): number {
  const squares = reference.n * reference.variance + current.n * current.variance;
  return squares / (reference.n + current.n - 2);
}

function unbiased({ n, variance }: SampleMoments): number {
  if (n < 2) throw new StatisticsError('a sample of one value has no variance to compare means by');
  return (variance * n) / (n - 1);
}

function noSpread(): StatisticsError {
  return new StatisticsError('the values of neither sample vary: means have nothing to be compared by');
}
