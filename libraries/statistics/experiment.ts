import { type Alternative, requireAlpha } from './alternative.ts';
import type { Interval } from './bootstrap.ts';
import { type NormalPrior, posteriorOf } from './chance-to-win.ts';
import { anytimeTest, defaultTuning } from './confidence-sequence.ts';
import { type CovariateSums, cupedEffect } from './cuped.ts';
import { type DifferenceType, type Effect, effectOf } from './effect.ts';
import { StatisticsError } from './error.ts';
import { type Moments, momentsOfMean, momentsOfProportion } from './moments.ts';
import { holm } from './multiple-tests.ts';
import { sampleRatio, sequentialSampleRatio } from './sample-ratio.ts';
import { welchTest } from './welch.ts';

export type Method = 'fixed' | 'sequential' | 'bayesian';

/** The rows of one arm, as sums. Of a proportion, `sum` counts the rows that are 1, and `sumSquares` is the same. */
export interface Arm {
  readonly name: string;
  readonly n: number;
  readonly sum: number;
  /** Needed of a mean. */
  readonly sumSquares?: number;
}

export interface Experiment {
  readonly metric: 'mean' | 'proportion';
  /** Control first. */
  readonly arms: readonly Arm[];
  /** Of each arm, in the order of the arms. */
  readonly covariate?: readonly CovariateSums[];
  readonly method: Method;
  /** Default `absolute`. */
  readonly difference?: DifferenceType;
  /** Default `two-sided`. */
  readonly alternative?: Alternative;
  /** Default 0.05. */
  readonly alpha?: number;
  /** Of the sequential method, in rows of both arms. Default 5,000. */
  readonly tuning?: number;
  /** Of the bayesian method. Default: flat. */
  readonly prior?: NormalPrior;
  /** The shares of rows that the arms were meant to have: then their ratio is tested too. */
  readonly shares?: readonly number[];
}

/** One treatment against control. */
export interface Comparison {
  readonly arm: string;
  readonly estimate: number;
  readonly standardError: number;
  /** Holds the difference with 1 − alpha; of this comparison alone where there are several. */
  readonly interval: Interval;
  /** Null where the method is bayesian: it has none. */
  readonly pValue: number | null;
  /** By Holm over all treatments. */
  readonly adjustedPValue: number | null;
  /** Whether `adjustedPValue` is below alpha. */
  readonly significant: boolean | null;
  /** Rows of both arms. */
  readonly n: number;
  readonly means: { readonly control: number; readonly treatment: number };
  /** Of the fixed method. */
  readonly degreesOfFreedom?: number;
  /** With a covariate: its slope, and the share of the variance that it took away. */
  readonly theta?: number;
  readonly varianceReduction?: number;
  /** Of the bayesian method. */
  readonly chanceToWin?: number;
  readonly risk?: { readonly control: number; readonly treatment: number };
}

export interface Analysis {
  readonly metric: Experiment['metric'];
  readonly method: Method;
  readonly difference: DifferenceType;
  readonly alternative: Alternative;
  readonly alpha: number;
  readonly tuning?: number;
  readonly control: string;
  readonly comparisons: readonly Comparison[];
  /** Where shares were given. */
  readonly sampleRatio?: { readonly pValue: number };
  /** Why not to trust the figures, in words. */
  readonly warnings: readonly string[];
}

/**
 * Judges each treatment of an experiment against its control by one method. Throws `StatisticsError`, with the arm's name,
 * where the sums are degenerate.
 */
export function analyze(experiment: Experiment): Analysis {
  const { metric, method, arms, shares } = experiment;
  const { difference = 'absolute', alternative = 'two-sided', alpha = 0.05 } = experiment;
  const { tuning = defaultTuning } = experiment;
  requireAlpha(alpha, alternative);
  checkArms(experiment);
  const measured = arms.map((arm) => ofArm(arm.name, () => momentsOf(metric, arm)));
  const [control, ...treatments] = measured as [Moments, ...Moments[]];

  const judged = treatments.map((treatment, at) => {
    const arm = arms[at + 1]!.name;
    return ofArm(`${arm} against ${arms[0]!.name}`, () => {
      const effect = compare(experiment, at + 1, control, treatment, difference);
      const figures = judge(effect, { method, alpha, alternative, tuning, prior: experiment.prior });
      return { arm, means: { control: control.mean, treatment: treatment.mean }, n: effect.n, ...figures };
    });
  });
  const adjusted = method === 'bayesian' ? undefined : holm(judged.map(({ pValue }) => pValue ?? 1));
  const ratio =
    shares === undefined
      ? undefined
      : ratioOf(method, { observed: arms.map(({ n }) => n), expected: shares });
  return {
    metric,
    method,
    difference,
    alternative,
    alpha,
    ...(method === 'sequential' ? { tuning } : {}),
    control: arms[0]!.name,
    comparisons: judged.map((comparison, at) => ({
      ...comparison,
      adjustedPValue: adjusted?.[at] ?? null,
      significant: adjusted === undefined ? null : adjusted[at]! < alpha,
    })),
    ...(ratio === undefined ? {} : { sampleRatio: ratio }),
    warnings: [...doubts(experiment, measured, difference), ...ratioDoubts(ratio)],
  };
}

function checkArms({ arms, covariate, shares }: Experiment): void {
  if (arms.length < 2) throw new StatisticsError('there are fewer than two arms to compare');
  const names = new Set<string>();
  for (const { name } of arms) {
    if (names.has(name)) throw new StatisticsError(`two arms are called ${name}`);
    names.add(name);
  }
  for (const [what, given] of Object.entries({ covariates: covariate, shares })) {
    if (given !== undefined && given.length !== arms.length)
      throw new StatisticsError(`there are ${arms.length} arms and ${given.length} ${what}`);
  }
}

function momentsOf(metric: Experiment['metric'], arm: Arm): Moments {
  const { n, sum, sumSquares } = arm;
  if (metric === 'proportion') {
    if (sumSquares !== undefined && Math.abs(sumSquares - sum) > 1e-9 * Math.abs(sum))
      throw new StatisticsError(
        `sumSquares is ${sumSquares} and sum ${sum}: of a proportion, whose rows are 0 or 1, they are the same`,
      );
    return momentsOfProportion({ n, sum });
  }
  if (sumSquares === undefined) throw new StatisticsError('sumSquares is missing: a mean needs it');
  return momentsOfMean({ n, sum, sumSquares });
}

function compare(
  { metric, arms, covariate }: Experiment,
  at: number,
  control: Moments,
  treatment: Moments,
  difference: DifferenceType,
): Effect & { theta?: number; varianceReduction?: number } {
  if (covariate === undefined) return effectOf(control, treatment, difference);
  return cupedEffect(
    { moments: control, sum: arms[0]!.sum, covariate: covariate[0]! },
    { moments: treatment, sum: arms[at]!.sum, covariate: covariate[at]! },
    difference,
    metric,
  );
}

function judge(
  effect: Effect & { theta?: number; varianceReduction?: number },
  how: { method: Method; alpha: number; alternative: Alternative; tuning: number; prior?: NormalPrior },
) {
  const { method, alpha, alternative, tuning, prior } = how;
  const { estimate, standardError, degreesOfFreedom, theta, varianceReduction } = effect;
  const explained = theta === undefined ? {} : { theta, varianceReduction };
  if (method === 'bayesian')
    return { ...posteriorOf(effect, alpha, alternative, prior), pValue: null, ...explained };
  if (method === 'sequential')
    return { estimate, standardError, ...anytimeTest(effect, alpha, alternative, tuning), ...explained };
  const test = welchTest(effect, alpha, alternative);
  return { estimate, standardError, ...test, degreesOfFreedom, ...explained };
}

function ratioOf(method: Method, ratio: Parameters<typeof sampleRatio>[0]): { pValue: number } {
  const { pValue } = method === 'sequential' ? sequentialSampleRatio(ratio) : sampleRatio(ratio);
  return { pValue };
}

/** Where an approximation that all methods share begins to fail. */
function doubts(
  { metric, arms }: Experiment,
  measured: readonly Moments[],
  difference: DifferenceType,
): string[] {
  const found: string[] = [];
  for (const [at, { n, sum, name }] of arms.entries()) {
    if (metric === 'proportion' && Math.min(sum, n - sum) < fewestEvents)
      found.push(
        `arm ${name} has ${sum} of ${n}: with fewer than ${fewestEvents} rows of either sort the figures are rough`,
      );
    const { mean, variance } = measured[at]!;
    if (at === 0 && difference === 'relative' && mean * mean < 16 * (variance / n))
      found.push(
        `the mean of ${name} is within 4 of its standard errors from 0: relative differences from it are not to be trusted`,
      );
  }
  return found;
}

const fewestEvents = 10;

function ratioDoubts(ratio: { pValue: number } | undefined): string[] {
  if (ratio === undefined || ratio.pValue >= 0.001) return [];
  return [
    'the arms did not get the shares of rows that they were meant to: find out why before any other figure is believed',
  ];
}

/** Names the arm in what its sums are refused for. */
function ofArm<Result>(name: string, make: () => Result): Result {
  try {
    return make();
  } catch (thrown) {
    if (!(thrown instanceof StatisticsError)) throw thrown;
    throw new StatisticsError(`arm ${name}: ${thrown.message}`);
  }
}
