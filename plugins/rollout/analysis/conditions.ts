import { type BuiltinMetric, builtinResults } from '../../../core/capabilities/metrics-source.ts';
import {
  type Condition,
  compileCondition,
  type Problem,
  type VariableType,
} from '../../../libraries/cel-condition/index.ts';
import type { AnalysisTemplateSpec } from '../../../schemas/generated/analysis-template.ts';

export type Metric = AnalysisTemplateSpec['metrics'][number];

/** Compiles a condition of a metric: names and types of `result` are checked as far as the provider's are known. */
export function compileMetricCondition(source: string, provider: Metric['provider']): Condition | Problem {
  return compileCondition(source, { result: resultType(provider) });
}

/** What must hold and what must not: `result.upper < 0.02; not result.lower > 0.01`. */
export function conditionInWords({
  successCondition,
  failureCondition,
}: {
  readonly successCondition?: string;
  readonly failureCondition?: string;
}): string | undefined {
  const parts = [
    ...(successCondition === undefined ? [] : [successCondition]),
    ...(failureCondition === undefined ? [] : [`not ${failureCondition}`]),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** The provider's name and its block: there is exactly one. */
export function providerOf(
  provider: Metric['provider'],
): readonly [string, Readonly<Record<string, unknown>>] {
  const [entry] = Object.entries(provider);
  return [entry?.[0] ?? '', (entry?.[1] ?? {}) as Readonly<Record<string, unknown>>];
}

function resultType({ builtin, prometheus }: Metric['provider']): VariableType {
  if (prometheus !== undefined) return 'double';
  if (builtin === undefined) return 'dyn';
  const fields = builtinResults[builtin.metric as BuiltinMetric] ?? [];
  return Object.fromEntries(fields.map((field) => [field, 'double']));
}
