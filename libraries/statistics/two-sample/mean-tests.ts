import { effectOf } from '../effect.ts';
import { StatisticsError } from '../error.ts';
import { studentUpperTail } from '../student-t.ts';
import { chance, type TestOutcome } from './outcome.ts';
import type { SampleMoments } from './samples.ts';

const limits = ['sees differences of means alone', 'leans on enough rows for means to be normal'];

/** Welch's t test of equal means, two-sided, from the moments of both samples. The samples may vary differently. */
export function welchT(reference: SampleMoments, current: SampleMoments): TestOutcome {
  const [one, other] = [unbiased(reference), unbiased(current)];
  if (one.variance + other.variance === 0) throw noSpread();
  const { standardError, degreesOfFreedom } = effectOf(one, other, 'absolute');
  return outcome(reference, current, standardError, degreesOfFreedom);
}

/** Student's t test of equal means, two-sided: as Welch's, for samples that vary alike. */
export function studentT(reference: SampleMoments, current: SampleMoments): TestOutcome {
  const degrees = reference.n + current.n - 2;
  const variance = pooledVariance(reference, current);
  if (variance === 0) throw noSpread();
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

function unbiased({ n, mean, variance }: SampleMoments): SampleMoments {
  if (n < 2) throw new StatisticsError('a sample of one value has no variance to compare means by');
  return { n, mean, variance: (variance * n) / (n - 1) };
}

function noSpread(): StatisticsError {
  return new StatisticsError('the values of neither sample vary: means have nothing to be compared by');
}
