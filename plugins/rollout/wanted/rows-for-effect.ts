import { type Comparison, impliesComparison } from '../../../libraries/cel-condition/implied-comparison.ts';
import {
  type ExpectedArm,
  expectedProportion,
  minimumSampleSize,
  StatisticsError,
} from '../../../libraries/statistics/index.ts';
import { type AnalysisBudget, alphaAt } from '../analysis/budget.ts';
import type { MetricDefinition } from '../analysis/metric-definition.ts';

/** Of stable, where the template does not say. */
const usualErrorRate = 0.01;

/**
 * How many requests of the candidate it takes that a metric finds the effect that it should, with a chance of 0.8 at one look
 * (looking before can only find it sooner), where the candidate gets such a share of what both answer. Undefined where nothing
 * says: without an effect, without bounds that are judged, or for a metric whose spread is not known before.
 */
export function rowsForEffect(
  definition: MetricDefinition,
  budget: AnalysisBudget,
  share: number,
): number | 'never' | undefined {
  const { minimumEffect: effect, limits } = definition;
  const alpha = alphaAt(budget, definition, limits.count ?? 1);
  const limit = limitOf(definition);
  if (effect === undefined || alpha === undefined || limit === undefined || !(share > 0 && share < 1))
    return undefined;
  if (effect <= limit) return 'never';
  const arms = armsOf(definition, effect, limit);
  if (arms === undefined) return undefined;
  const design = { ...arms, share, difference: 'absolute', alternative: 'two-sided', alpha } as const;
  try {
    return minimumSampleSize({ ...design, method: 'sequential' }).treatment;
  } catch (error) {
    if (error instanceof StatisticsError) return 'never';
    throw error;
  }
}

/** What the lower bound is to be above, where that alone fails the metric. */
function limitOf({ failureCondition, successCondition }: MetricDefinition): number | undefined {
  const source = failureCondition ?? successCondition;
  let limit: number | undefined;
  const isSure = ({ path, operator, number }: Comparison): boolean => {
    if (path !== 'result.lower' || !operator.startsWith('>')) return false;
    limit = Math.max(limit ?? number, number);
    return true;
  };
  if (source === undefined) return undefined;
  return impliesComparison(source, failureCondition !== undefined, isSure) ? limit : undefined;
}

/** Of two arms that differ by what is left of the effect beyond the limit, each with the variance that it will have. */
function armsOf(
  { query, baseline = usualErrorRate }: MetricDefinition,
  effect: number,
  limit: number,
): { readonly control: ExpectedArm; readonly treatment: ExpectedArm } | undefined {
  if (query.metric === 'scoreShift') {
    return { control: { mean: 0, variance: 1 }, treatment: { mean: effect - limit, variance: 1 } };
  }
  if (query.metric !== 'errorRate' || baseline + effect >= 1) return undefined;
  const control = expectedProportion(baseline);
  const { variance } = expectedProportion(baseline + effect);
  return { control, treatment: { mean: baseline + effect - limit, variance } };
}
