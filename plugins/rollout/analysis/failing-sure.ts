import type { BuiltinMetric } from '../../../core/capabilities/metrics-source.ts';
import { builtinResults } from '../../../core/capabilities/metrics-source.ts';
import { type Comparison, impliesComparison } from '../../../libraries/cel-condition/implied-comparison.ts';
import { runFacts, substitute } from './arguments.ts';
import type { MetricDefinition } from './metric-definition.ts';

type Judged = Pick<MetricDefinition, 'provider' | 'query' | 'successCondition' | 'failureCondition'>;

/** Whether the source gives bounds with what the metric measures. */
export function hasBounds({ provider, query }: Pick<Judged, 'provider' | 'query'>): boolean {
  if (provider !== 'builtin') return false;
  const fields: readonly string[] = builtinResults[query.metric as BuiltinMetric] ?? [];
  return fields.includes('lower');
}

/**
 * Whether a measurement can only fail where the bounds say that the truth is beyond a limit: then it fails a version within the
 * limit no more often than bounds miss the truth. `result.lower > 0.01` is such a failureCondition, `result.lower <= 0.01` such
 * a successCondition where it stands alone.
 */
export function failsOnlyWhenSure(metric: Judged): boolean {
  const { successCondition, failureCondition } = metric;
  const source = failureCondition ?? successCondition;
  if (source === undefined || !hasBounds(metric)) return false;
  return impliesComparison(substitute(source, 'run', anyRun), failureCondition !== undefined, isSure);
}

/** Whether a measurement, too, can only succeed where the bounds say that the truth is on the good side of a limit. */
export function succeedsOnlyWhenSure(metric: Judged): boolean {
  const { successCondition } = metric;
  if (successCondition === undefined || !hasBounds(metric)) return false;
  return impliesComparison(substitute(successCondition, 'run', anyRun), true, isSure);
}

function isSure({ path, operator }: Comparison): boolean {
  if (path === 'result.lower') return operator === '>' || operator === '>=';
  return path === 'result.upper' && (operator === '<' || operator === '<=');
}

/** Facts of a run stand in texts and in numbers; which they are does not matter here. */
export const anyRun = new Map(runFacts.map((name) => [name as string, '1.0']));
