/** Makes Prometheus alerting rules of an AlertRule, or says why it has no equal. */
import type { Ref, Resource } from '../../../core/plugin.ts';
import { compileExpression } from '../../../libraries/cel-condition/index.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import type { AlertRuleSpec } from '../../../schemas/generated/alert-rule.ts';
import { builtinQuery } from './builtin-query.ts';
import { conditionToPromql, type Measured, type Translated } from './condition-to-promql.ts';
import {
  type AlertingRule,
  labelName,
  literally,
  promDuration,
  quoted,
  type RuleGroup,
} from './rule-file.ts';

/** An AlertRule, or an objective, that Prometheus cannot be asked for. */
export interface LeftOut {
  readonly ref: Ref;
  readonly reason: string;
}

type Metric = NonNullable<AlertRuleSpec['metric']>;

/** A group for the rule, with an alerting rule for each resource that it looks at. */
export function alertRuleGroup(
  rule: Resource<AlertRuleSpec>,
  resources: readonly Resource[],
): RuleGroup | LeftOut {
  const { spec, metadata, ref } = rule;
  const { metric } = spec;
  const subjects: readonly (Resource | undefined)[] =
    spec.resources === undefined ? [undefined] : resources.filter((one) => looksAt(spec, one));
  if (subjects.length === 0) return { ref, reason: 'the registry holds no resource that it looks at' };
  const rules: AlertingRule[] = [];
  for (const subject of subjects) {
    const said = metric === undefined ? withoutMetric(spec, subject) : withMetric(spec, metric, subject);
    if ('problem' in said) return { ref, reason: said.problem };
    rules.push(alertingRule(rule, subject, said.expr));
  }
  const interval = metric === undefined ? {} : { interval: duration(metric.interval ?? '1m') };
  return { name: `alertrule-${metadata.name}`, ...interval, rules };
}

function withMetric(spec: AlertRuleSpec, metric: Metric, subject: Resource | undefined): Translated {
  const window = duration(metric.window ?? '5m');
  const { builtin, prometheus } = metric.provider;
  if (builtin !== undefined) {
    if (subject?.kind !== 'Deployment') return { problem: '`builtin` measures Deployments' };
    const { environment = '', name } = subject.metadata;
    const asked = builtinQuery(builtin, { environment, name }, window);
    if ('problem' in asked) return asked;
    return measuredBy(spec, metric, asked.query, new Map([['result.candidate', asked.query]]));
  }
  if (prometheus === undefined) {
    const [provider] = Object.keys(metric.provider);
    return { problem: `it measures by \`${provider}\`, which Prometheus does not know` };
  }
  const { server = 'default' } = prometheus;
  if (server !== 'default') return { problem: `it asks the server \`${server}\`: evaluate it there` };
  const query = filledIn(prometheus.query, subject);
  if (query === undefined) return { problem: 'its query speaks of what only the platform knows' };
  return measuredBy(spec, metric, query, new Map([['result', query]]));
}

function measuredBy(spec: AlertRuleSpec, metric: Metric, query: string, measured: Measured): Translated {
  const made = conditionToPromql(spec.when, measured);
  if ('problem' in made || metric.noData !== 'fire') return made;
  return { expr: `(${made.expr}) or absent(${query})` };
}

/** Conditions that are metrics, too. */
const ofPlatform: Readonly<Record<string, string>> = {
  'has(platform.error)': 'switchyard_source_up == 0',
  'platform.held.reason == "SnapshotRejected"': 'switchyard_snapshot_rejected == 1',
  'platform.held.reason == "MassRemovalHeld"':
    'switchyard_snapshot_held == 1 unless switchyard_snapshot_rejected == 1',
  'has(platform.unwritten)': 'switchyard_alerting_unwritten == 1',
};
const ofDeployment: Readonly<Record<string, string>> = {
  'conditions.Progressing.reason == "Paused"': 'paused',
};

function withoutMetric(spec: AlertRuleSpec, subject: Resource | undefined): Translated {
  const when = spec.when.trim().replaceAll(/\s+/g, ' ').replaceAll("'", '"');
  if (spec.journal !== undefined) return { problem: 'entries of the journal are no metrics' };
  const platform = spec.platform === true ? ofPlatform[when] : undefined;
  if (platform !== undefined) return { expr: platform };
  const phase = subject?.kind === 'Deployment' ? ofDeployment[when] : undefined;
  if (subject !== undefined && phase !== undefined) {
    const { environment = '', name } = subject.metadata;
    const which = `environment=${quoted(environment)}, deployment=${quoted(name)}, phase=${quoted(phase)}`;
    return { expr: `switchyard_rollout_phase{${which}} == 1` };
  }
  return { problem: 'what it looks at is no metric: conditions and facts are told by Switchyard alone' };
}

function alertingRule(
  { metadata, spec }: Resource<AlertRuleSpec>,
  subject: Resource | undefined,
  expr: string,
): AlertingRule {
  const annotations: Record<string, string> = {};
  for (const [key, text] of Object.entries(spec.annotations)) {
    const said = annotation(text ?? '', subject);
    if (said !== undefined) annotations[labelName(key)] = said;
  }
  if (spec.runbook !== undefined) annotations.runbook_url = literally(spec.runbook);
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(spec.labels ?? {})) labels[key] = literally(value ?? '');
  if (subject !== undefined) {
    const { name, environment, model } = subject.metadata;
    Object.assign(labels, { kind: subject.kind, name });
    if (environment !== undefined) labels.environment = environment;
    const served = (subject.spec as { readonly model?: unknown } | undefined)?.model ?? model;
    if (typeof served === 'string') labels.model = served;
  }
  const wait = parseDuration(spec.for ?? '0s');
  const keep = parseDuration(spec.keepFiringFor ?? '0s');
  return {
    alert: metadata.name,
    expr,
    ...(wait === 0 ? {} : { for: promDuration(wait) }),
    ...(keep === 0 ? {} : { keep_firing_for: promDuration(keep) }),
    labels: { ...labels, severity: spec.severity ?? 'warning' },
    annotations,
  };
}

function looksAt(spec: AlertRuleSpec, { kind, metadata }: Resource): boolean {
  const { kinds = [], environments, names, labels = {} } = spec.resources ?? {};
  const environment = kind === 'Environment' ? metadata.name : metadata.environment;
  if (!kinds.includes(kind) || names?.includes(metadata.name) === false) return false;
  if (environments !== undefined && !environments.includes(environment ?? '')) return false;
  return Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value);
}

/** A text with what manifests say put in; undefined where it speaks of something else. */
function filledIn(text: string, subject: Resource | undefined): string | undefined {
  const parts = partsOf(text, subject);
  return parts.every(({ isKnown }) => isKnown) ? parts.map((part) => part.text).join('') : undefined;
}

/** What only the platform knows is left out; an annotation of nothing else is left out as a whole. */
function annotation(text: string, subject: Resource | undefined): string | undefined {
  const parts = partsOf(text, subject).map((part) => {
    if (part.expression === 'result' || part.expression === 'result.candidate') return '{{ $value }}';
    return part.isKnown ? literally(part.text) : '';
  });
  const said = parts.join('').trim();
  return said === '' ? undefined : said;
}

interface Part {
  readonly text: string;
  readonly isKnown: boolean;
  readonly expression?: string;
}

function partsOf(text: string, subject: Resource | undefined): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(/\{\{(.*?)\}\}/gs)) {
    parts.push({ text: text.slice(end, match.index), isKnown: true });
    const expression = (match[1] ?? '').trim();
    const value = subject === undefined ? undefined : evaluated(expression, subject);
    parts.push({ text: value ?? '', isKnown: value !== undefined, expression });
    end = match.index + match[0].length;
  }
  parts.push({ text: text.slice(end), isKnown: true });
  return parts;
}

function evaluated(source: string, subject: Resource): string | undefined {
  const expression = compileExpression(source, { resource: 'dyn' });
  if ('problem' in expression) return undefined;
  const { ref, kind, metadata, spec, origin } = subject;
  const { labels = {}, annotations = {} } = metadata;
  const resource = { ref, kind, ...metadata, labels, annotations, spec, commit: origin.commit };
  try {
    const value = expression.evaluate({ resource });
    if (value === null || value === undefined) return undefined;
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  } catch {
    return undefined;
  }
}

function duration(text: string): string {
  return promDuration(parseDuration(text));
}
