/** How a model's error budget is spent by one analysis: which of its metrics may fail a good version how often. */
import { splitErrorBudget } from '../../../libraries/statistics/index.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import { failsOnlyWhenSure, hasBounds } from './failing-sure.ts';
import type { MetricDefinition } from './metric-definition.ts';

/** What the owners of a model accept, for a whole rollout. */
export interface ErrorBudget {
  readonly alpha: number;
  /** Whether the model says so; else it is the default. */
  readonly isDeclared: boolean;
}

export const defaultErrorBudget: ErrorBudget = { alpha: 0.05, isDeclared: false };

/** That of a model, where it declares one. */
export function errorBudgetOf(model: Pick<ModelSpec, 'errorBudget'> | undefined): ErrorBudget {
  const { errorBudget } = model ?? {};
  return errorBudget === undefined ? defaultErrorBudget : { alpha: errorBudget.alpha, isDeclared: true };
}

/** JSON. Kept with the analysis, so that a verdict says what it rested on. */
export interface AnalysisBudget extends ErrorBudget {
  /** Analyses of the rollout, which have equal parts. */
  readonly analyses: number;
  /** Those that can fail a version, dry runs aside. */
  readonly metrics: readonly BudgetedMetric[];
}

export interface BudgetedMetric {
  readonly name: string;
  /** What it spends over all its looks; null where nothing bounds how often it fails a good version. */
  readonly alpha: number | null;
  /** `any`: its bounds hold at all looks together. Else they hold at one look, and so many share alpha. */
  readonly looks?: Looks;
  /** How far its bounds can be trusted. */
  readonly bounds?: BoundsMethod;
  /** Why nothing bounds it. */
  readonly because?: string;
}

/** `mixed`: exact from the first row on, and narrower by large samples once there are some dozens of either sort. */
type BoundsMethod = 'exact' | 'mixed' | 'largeSamples';

const methods: Readonly<Record<BoundsMethod, string>> = {
  exact: 'exact',
  mixed: 'exact at first, then for large samples',
  largeSamples: 'for large samples',
};

function methodOf({ query }: MetricDefinition): BoundsMethod {
  if (query.metric === 'latency' || query.metric === 'disagreement') return 'exact';
  return query.metric === 'errorRate' || query.metric === 'accuracy' ? 'mixed' : 'largeSamples';
}

type Looks = number | 'any' | 'unbounded';

/**
 * Splits a budget evenly over the analyses of a rollout and, by Bonferroni's inequality, over those metrics of this one that fail
 * only where their bounds are beyond a limit. Looks cost nothing where all looks see the same data grow; where a window moves on,
 * each look has its part.
 */
export function budgetOf(
  budget: ErrorBudget,
  analyses: number,
  definitions: readonly MetricDefinition[],
): AnalysisBudget {
  const judging = definitions.filter(({ limits }) => limits.dryRun !== true);
  const sure = judging.filter((one) => becauseUnsure(one) === undefined);
  const split = sure.length === 0 ? undefined : splitOver(budget.alpha / analyses, sure);
  const metrics = judging.map((one): BudgetedMetric => {
    const { name } = one.limits;
    const because = becauseUnsure(one);
    if (because !== undefined) return { name, alpha: null, because };
    const alpha = split?.metrics.find((share) => share.name === name)?.alpha ?? 0;
    return { name, alpha, looks: looksOf(one), bounds: methodOf(one) };
  });
  return { ...budget, analyses, metrics };
}

/**
 * The chance that the bounds of this look may miss the truth; looks are counted from 1. What has no part of the budget is shown
 * with bounds for all of it; undefined where a metric has no bounds.
 */
export function alphaAt(
  budget: AnalysisBudget,
  definition: MetricDefinition,
  look: number,
): number | undefined {
  if (!hasBounds(definition)) return undefined;
  const { name } = definition.limits;
  const share = budget.metrics.find((one) => one.name === name);
  const { alpha = null, looks = 'any' } = share ?? {};
  if (alpha === null) return budget.alpha;
  const [metric] = splitErrorBudget(alpha, [{ name, looks }]).metrics;
  return metric?.alphaAt(typeof looks === 'number' ? Math.min(look, looks) : look);
}

/** What the budget promises, and what it does not, in sentences for a report. */
export function boundInWords({ alpha, isDeclared, analyses, metrics }: AnalysisBudget): string {
  const bounded = metrics.filter((one) => one.alpha !== null);
  const open = metrics.filter((one) => one.alpha === null);
  const without = open.map(({ name, because }) => `${name} (${because})`).join(', ');
  const chance = 'P(a good version is rolled back by this analysis)';
  if (bounded.length === 0) return `${chance} has no bound: ${without === '' ? 'nothing judges' : without}.`;
  const spent = bounded.reduce((sum, one) => sum + (one.alpha ?? 0), 0);
  const parts = bounded.map(({ name, alpha: part, looks, bounds = 'largeSamples' }) => {
    return `${name} ${figure(part ?? 0)} over ${inWords(looks)} (${methods[bounds]})`;
  });
  const whole = `${isDeclared ? "the model's" : 'the default'} error budget of ${figure(alpha)}`;
  const of = analyses === 1 ? whole : `${whole} over ${analyses} analyses`;
  return [
    `${open.length === 0 ? chance : `${chance} by these metrics`} ≤ ${figure(spent)} (${of}): ${parts.join(', ')}.`,
    ...(without === '' ? [] : [`No bound: ${without}.`]),
  ].join(' ');
}

function inWords(looks: Looks | undefined): string {
  return typeof looks === 'number' ? `${looks} ${looks === 1 ? 'look' : 'looks'}` : 'any number of looks';
}

function figure(share: number): string {
  return String(Number(share.toPrecision(3)));
}

function splitOver(alpha: number, definitions: readonly MetricDefinition[]) {
  return splitErrorBudget(
    alpha,
    definitions.map((one) => ({ name: one.limits.name, looks: looksOf(one) })),
  );
}

/** A window that moves on sees other data at each look. */
function looksOf({ limits, window }: MetricDefinition): Looks {
  if (window === undefined) return 'any';
  return limits.count ?? (limits.interval === undefined ? 1 : 'unbounded');
}

function becauseUnsure(definition: MetricDefinition): string | undefined {
  const { limits } = definition;
  if (!failsOnlyWhenSure(definition)) return 'a threshold without an interval';
  return limits.noData === 'fail' ? 'noData: fail' : undefined;
}
