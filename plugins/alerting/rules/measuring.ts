import type { MetricQuestion, MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import { messageOf, type Providers, type Resource, type Status } from '../../../core/plugin.ts';
import type { Values, Variables } from '../../../libraries/cel-condition/index.ts';
import type { Metric } from './rule.ts';
import type { Reading } from './sight.ts';
import { compileTemplate } from './template.ts';

/** Asks a rule's source once. Never rejects: whatever goes wrong is a reading too. */
export async function measure(
  metric: Metric,
  values: Values,
  about: { readonly resource: Resource | undefined; readonly status: Status | undefined } | undefined,
  sources: Providers<MetricsSource>,
  now: () => number,
  signal: AbortSignal,
): Promise<Reading> {
  try {
    const source = sources.get(metric.provider);
    const both = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
    const measured = await source.measure(questionOf(metric, values, about), both);
    if (measured.type === 'noData') return { type: 'noData', reason: measured.reason, at: now() };
    return { type: 'value', result: measured.result, at: now() };
  } catch (error) {
    return { type: 'error', message: messageOf(error).slice(0, 500), at: now() };
  }
}

/** A source has limits of its own; this is for one that has not. */
const longestMs = 60_000;

function questionOf(
  metric: Metric,
  values: Values,
  about: { readonly resource: Resource | undefined; readonly status: Status | undefined } | undefined,
): MetricQuestion {
  const { metadata, spec } = about?.resource ?? {};
  const { model = '', version = '' } = (spec ?? {}) as { readonly model?: string; readonly version?: string };
  return {
    environment: metadata?.environment ?? '',
    deployment: metadata?.name ?? '',
    model,
    variants: { candidate: answering(about?.status) ?? version },
    windowMs: metric.windowMs,
    query: filled(metric.query, values) as Readonly<Record<string, unknown>>,
  };
}

/** The version that a deployment says answers. */
function answering(status: Status | undefined): string | undefined {
  const { serving } = (status?.facts ?? {}) as {
    readonly serving?: readonly { role?: string; version?: string }[];
  };
  return Array.isArray(serving) ? serving.find(({ role }) => role === 'stable')?.version : undefined;
}

/** Every text of a query with its templates filled in. */
function filled(value: unknown, values: Values): unknown {
  if (typeof value === 'string') {
    if (!value.includes('{{')) return value;
    const variables: Variables = Object.fromEntries(Object.keys(values).map((name) => [name, 'dyn']));
    const template = compileTemplate(value, variables);
    if ('problem' in template) throw new Error(template.problem);
    return template.render(values);
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, values)]));
}
