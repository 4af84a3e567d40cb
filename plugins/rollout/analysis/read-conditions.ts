import { type Condition, EvaluationError } from '../../../libraries/cel-condition/index.ts';
import { substitute } from './arguments.ts';
import { compileMetricCondition, type Metric } from './conditions.ts';
import type { MetricDefinition } from './metric-definition.ts';
import type { ErrorReading, NoDataReading, ValueReading } from './reading.ts';

type Conditions = Pick<MetricDefinition, 'provider' | 'query' | 'successCondition' | 'failureCondition'>;

/**
 * What a metric's conditions say of a result: pure, so that it can be said again later. Where one of them needs what
 * `builtin` could not tell (stable answered nothing, bounds are not known), there is no data; what cannot be said otherwise is an error.
 */
export function readConditions(
  definition: Conditions,
  facts: ReadonlyMap<string, string>,
  result: unknown,
  unsure?: string,
): Pick<ValueReading, 'conditions'> | NoDataReading | ErrorReading {
  const conditions: { success?: boolean; failure?: boolean } = {};
  for (const name of ['failure', 'success'] as const) {
    const source = definition[`${name}Condition`];
    if (source === undefined) continue;
    const provider = { [definition.provider]: definition.query } as Metric['provider'];
    const compiled = compileMetricCondition(substitute(source, 'run', facts), provider);
    if ('problem' in compiled) return conditionError(name, compiled.problem);
    try {
      conditions[name] = (compiled as Condition).holds({ result });
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      if (error.isKeyMissing && definition.provider === 'builtin') {
        const why = unsure ?? 'it compares with stable, which answered nothing';
        const reason = `${name}Condition cannot be told: ${why} (${error.message})`;
        return { type: 'noData', reason };
      }
      return conditionError(name, error.message);
    }
    // A failure decides alone; the other may need what is not there.
    if (name === 'failure' && conditions.failure === true) break;
  }
  return { conditions };
}

function conditionError(name: 'success' | 'failure', message: string): ErrorReading {
  return { type: 'error', code: 'MetricConditionFailed', message: `${name}Condition: ${message}` };
}
