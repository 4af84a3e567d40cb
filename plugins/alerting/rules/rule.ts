import { createHash } from 'node:crypto';
import type { Severity } from '../../../core/capabilities/notifier.ts';
import type { Ref, Resource } from '../../../core/plugin.ts';
import {
  type Condition,
  compileCondition,
  EvaluationError,
  type Values,
  type Variables,
} from '../../../libraries/cel-condition/index.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import type { AlertRuleSpec } from '../../../schemas/generated/alert-rule.ts';
import type { Patience } from '../alert-life.ts';
import { compileTemplate, type Template } from './template.ts';

/** What a rule looks at. */
export type Scope =
  | { readonly type: 'resources'; readonly of: NonNullable<AlertRuleSpec['resources']> }
  | { readonly type: 'platform' }
  | { readonly type: 'journal'; readonly types: readonly string[] }
  /** Nothing but a metric. */
  | { readonly type: 'metric' };

/** A rule that can be asked. */
export interface Rule extends Patience {
  readonly name: string;
  /** Of its manifest; absent for one that comes along. */
  readonly ref?: Ref;
  readonly scope: Scope;
  readonly metric?: Metric;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly runbook?: string;
  readonly annotations: ReadonlyMap<string, Template>;
  readonly isMandatory: boolean;
  /** Time alone changes what it says. */
  readonly isTimed: boolean;
  /** Throws `EvaluationError` where that cannot be said. */
  holds(values: Values): boolean;
}

export interface Metric {
  readonly provider: string;
  /** Texts in it are templates. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly intervalMs: number;
  readonly windowMs: number;
  readonly noDataFires: boolean;
}

export interface RuleProblem {
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
}

const longestKept = '24h';

/** Compiles a rule, or says all that is wrong with it. */
export function compileRule(
  name: string,
  spec: AlertRuleSpec,
  more: { readonly ref?: Ref; readonly isMandatory?: boolean } = {},
): Rule | readonly RuleProblem[] {
  const problems: RuleProblem[] = [];
  const scope = scopeOf(spec);
  if (scope === undefined) {
    return [
      {
        pointer: '/spec',
        message: 'the rule does not say what it looks at, or says more than one thing',
        hint: 'Write one of `resources`, `platform: true`, `journal`; or `metric`, alone or beside one of the first two.',
      },
    ];
  }
  const { metric } = spec;
  if (scope.type === 'journal' && metric !== undefined) {
    problems.push({ pointer: '/spec/metric', message: 'an entry of the journal is not measured' });
  }
  const variables = variablesOf(scope, metric !== undefined);
  const condition = compileCondition(spec.when, variables);
  if ('problem' in condition) {
    problems.push({
      pointer: '/spec/when',
      message: condition.problem,
      hint: `Here it may speak of ${Object.keys(variables).join(', ')}: see docs/alerts.md.`,
    });
  }
  const annotations = new Map<string, Template>();
  for (const [key, text] of Object.entries(spec.annotations)) {
    const template = compileTemplate(text ?? '', variables);
    if ('problem' in template) {
      problems.push({ pointer: `/spec/annotations/${key}`, message: template.problem });
    } else annotations.set(key, template);
  }
  if (problems.length > 0 || 'problem' in condition) return problems;
  const keep = spec.keepFiringFor ?? (scope.type === 'journal' ? longestKept : '0s');
  return {
    name,
    ...(more.ref === undefined ? {} : { ref: more.ref }),
    scope,
    ...(metric === undefined ? {} : { metric: metricOf(metric) }),
    severity: spec.severity ?? 'warning',
    labels: Object.fromEntries(Object.entries(spec.labels ?? {}).map(([key, value]) => [key, value ?? ''])),
    ...(spec.runbook === undefined ? {} : { runbook: spec.runbook }),
    annotations,
    isMandatory: more.isMandatory ?? false,
    isTimed: /\bnow\b/.test(spec.when),
    forMs: parseDuration(spec.for ?? '0s'),
    keepMs: parseDuration(keep),
    holds: (values) => holds(condition, values),
  };
}

/** Whether a rule looks at a resource at all. `resource` is absent for a document that was never valid. */
export function looksAt(
  scope: Extract<Scope, { type: 'resources' }>,
  ref: Ref,
  resource: Resource | undefined,
): boolean {
  const { kinds, environments, names, labels } = scope.of;
  const [kind = '', ...path] = ref.split('/');
  if (!kinds.includes(kind)) return false;
  if (names !== undefined && !names.includes(path.at(-1) ?? '')) return false;
  if (environments !== undefined) {
    const own = kind === 'Environment' ? path[0] : resource?.metadata.environment;
    if (own === undefined || !environments.includes(own)) return false;
  }
  const has = resource?.metadata.labels ?? {};
  return Object.entries(labels ?? {}).every(([key, value]) => has[key] === value);
}

/** What an alert is known by: short enough to be typed, long enough to be its own. */
export function alertId(rule: string, about: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, ...about]))
    .digest('hex')
    .slice(0, 12);
}

function scopeOf({ resources, platform, journal, metric }: AlertRuleSpec): Scope | undefined {
  const named = [resources, platform, journal].filter((one) => one !== undefined);
  if (named.length > 1) return undefined;
  if (resources !== undefined) return { type: 'resources', of: resources };
  if (platform !== undefined) return { type: 'platform' };
  if (journal !== undefined) return { type: 'journal', types: journal.types };
  return metric === undefined ? undefined : { type: 'metric' };
}

/** CEL's name for a moment. */
const instant = 'google.protobuf.Timestamp';

function variablesOf(scope: Scope, isMeasured: boolean): Variables {
  const result: Variables = isMeasured ? { result: 'dyn' } : {};
  switch (scope.type) {
    case 'resources':
      return { resource: 'dyn', conditions: 'dyn', facts: 'dyn', now: instant, ...result };
    case 'platform':
      return { platform: 'dyn', now: instant, ...result };
    case 'journal':
      return { entry: 'dyn' };
    case 'metric':
      return result;
  }
}

function metricOf(metric: NonNullable<AlertRuleSpec['metric']>): Metric {
  const [[provider, query] = ['', {}]] = Object.entries(metric.provider);
  return {
    provider,
    query: query as Readonly<Record<string, unknown>>,
    intervalMs: parseDuration(metric.interval ?? '1m'),
    windowMs: parseDuration(metric.window ?? '5m'),
    noDataFires: metric.noData === 'fire',
  };
}

/** What is not there is not so: most things have no `Degraded` condition. */
function holds(condition: Condition, values: Values): boolean {
  try {
    return condition.holds(values);
  } catch (error) {
    if (error instanceof EvaluationError && error.isKeyMissing) return false;
    throw error;
  }
}
