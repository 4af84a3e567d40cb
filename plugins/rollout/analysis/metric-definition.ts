import { parseDuration } from '../../../libraries/duration/index.ts';
import type { AnalysisTemplateSpec } from '../../../schemas/generated/analysis-template.ts';
import type { MetricLimits } from './analysis-run.ts';
import { substitute } from './arguments.ts';
import { type Metric, providerOf } from './conditions.ts';

/** A metric as one run measures it: arguments are in, what is known of every run is not yet. JSON. */
export interface MetricDefinition {
  readonly limits: MetricLimits;
  readonly provider: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly successCondition?: string;
  readonly failureCondition?: string;
  /** Milliseconds. Without it, back to where the run begins. */
  readonly window?: number;
  /** What it should find, and the error rate that stable is expected to have: for the plan alone. */
  readonly minimumEffect?: number;
  readonly baseline?: number;
}

export interface GivenArgument {
  readonly name: string;
  readonly value: string;
}

export interface NamedTemplate {
  readonly name: string;
  readonly spec: AnalysisTemplateSpec;
}

/**
 * The metrics of these templates with their arguments put in; named `template/metric`. Or the first thing that is wrong, in
 * a sentence: an argument that must be given and is not, or one that no template takes.
 */
export function defineMetrics(
  templates: readonly NamedTemplate[],
  given: readonly GivenArgument[],
): readonly MetricDefinition[] | { readonly problem: string } {
  const values = new Map(given.map(({ name, value }) => [name, value]));
  const declared = new Set(templates.flatMap(({ spec }) => (spec.args ?? []).map(({ name }) => name)));
  for (const name of values.keys()) {
    if (declared.has(name)) continue;
    return { problem: `no template takes the argument ${name}${namesOf(declared)}` };
  }
  const definitions: MetricDefinition[] = [];
  for (const { name: template, spec } of templates) {
    const own = new Map<string, string>();
    for (const { name, value } of spec.args ?? []) {
      const text = values.get(name) ?? value;
      if (text === undefined) return { problem: `${template} must be given the argument ${name}` };
      own.set(name, text);
    }
    for (const metric of spec.metrics) {
      definitions.push(define(`${template}/${metric.name}`, substitute(metric, 'args', own)));
    }
  }
  return definitions;
}

function namesOf(declared: ReadonlySet<string>): string {
  return declared.size === 0 ? '' : `: they take ${[...declared].join(', ')}`;
}

function define(name: string, metric: Metric): MetricDefinition {
  const { interval, initialDelay, maxAge, window, ...rest } = metric;
  const { successCondition, failureCondition, provider, minimumEffect, baseline, ...counts } = rest;
  const [source, query] = providerOf(provider);
  return {
    limits: {
      ...counts,
      name,
      ...(interval === undefined ? {} : { interval: parseDuration(interval) }),
      ...(initialDelay === undefined ? {} : { initialDelay: parseDuration(initialDelay) }),
      ...(maxAge === undefined ? {} : { maxAge: parseDuration(maxAge) }),
    },
    provider: source,
    query,
    ...(successCondition === undefined ? {} : { successCondition }),
    ...(failureCondition === undefined ? {} : { failureCondition }),
    ...(window === undefined ? {} : { window: parseDuration(window) }),
    ...(minimumEffect === undefined ? {} : { minimumEffect }),
    ...(baseline === undefined ? {} : { baseline }),
  };
}
