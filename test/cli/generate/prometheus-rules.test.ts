import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { alertRuleGroup } from '../../../cli/generate/prometheus/alert-rule.ts';
import { monitorGroup } from '../../../cli/generate/prometheus/monitor-rules.ts';
import { objectivesOf } from '../../../cli/generate/prometheus/objectives.ts';
import type { AlertingRule, RecordingRule, RuleGroup } from '../../../cli/generate/prometheus/rule-file.ts';
import { exposedBounds, type Objective, sloGroup } from '../../../cli/generate/prometheus/slo-rules.ts';
import { exposedLatencyBounds } from '../../../plugins/serving/dataplane/interface/latency-bounds.ts';
import type { AlertRuleSpec } from '../../../schemas/generated/alert-rule.ts';
import type { MonitorSpec } from '../../../schemas/generated/monitor.ts';
import { resourceOf } from '../../fixtures/resources.ts';
import { run } from '../run.ts';
import { exposedMetrics, metricsIn, RegistryOnDisk } from './fixtures.ts';

const registry = new RegistryOnDisk();
beforeAll(() => registry.make());
afterAll(() => registry.remove());

async function generate(...words: string[]) {
  return run(['generate', 'prometheus-rules', ...words], { folder: registry.folder });
}

function rulesOf(groups: readonly RuleGroup[]): readonly (AlertingRule | RecordingRule)[] {
  return groups.flatMap(({ rules }) => rules);
}

function alertRule(name: string, spec: string): string {
  return `apiVersion: switchyard/v1\nkind: AlertRule\nmetadata: { name: ${name} }\nspec:\n${spec}`;
}

const deployment = resourceOf({
  kind: 'Deployment',
  name: 'bird-strike',
  scope: 'production',
  spec: { model: 'bird-strike' },
});

/** What becomes of an AlertRule of that name: its rules, or why there are none. */
function madeOf(name: string, text: string): readonly unknown[] | string {
  const { spec } = parse(alertRule(name, text)) as { spec: AlertRuleSpec };
  const made = alertRuleGroup(resourceOf({ kind: 'AlertRule', name, spec }), [deployment]);
  return 'rules' in made ? made.rules : made.reason;
}

const summary = '  annotations: { summary: it is so }\n';
const deployments = '  resources: { kinds: [Deployment], environments: [production] }\n';

describe('switchyard generate prometheus-rules', () => {
  it('speaks of metrics alone that are exposed, or that it records', async () => {
    const { groups } = parse((await generate()).out) as { groups: RuleGroup[] };
    const rules = [
      ...rulesOf(groups),
      ...sloGroup(availability).rules,
      ...sloGroup(latency).rules,
      ...monitors('{ every: 1h }'),
    ];
    const exposed = exposedMetrics();
    const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])));
    const asked = new Set(rules.flatMap(({ expr }) => metricsIn(expr)));
    expect(asked.size).toBeGreaterThan(20);
    expect([...asked].filter((name) => !exposed.has(name) && !recorded.has(name))).toEqual([]);
  });

  it('names no alert twice, and says of each what it means', async () => {
    const { groups } = parse((await generate()).out) as { groups: RuleGroup[] };
    const alerts = rulesOf(groups).filter((rule) => 'alert' in rule) as readonly AlertingRule[];
    const own = alerts.filter(({ alert }) => alert.startsWith('Switchyard'));
    expect(own.length).toBeGreaterThan(20);
    expect(new Set(own.map(({ alert }) => alert)).size).toBe(own.length);
    for (const { alert, labels, annotations } of own) {
      expect(labels.severity, alert).toMatch(/^(critical|warning)$/);
      expect(annotations.summary, alert).toBeTruthy();
      expect(annotations.description, alert).toBeTruthy();
    }
    expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
  });

  it('takes over what an AlertRule measures by Prometheus, and what it says of a resource', () => {
    const rules = madeOf(
      'slow-answers',
      `${deployments}  metric:
    provider:
      prometheus:
        query: max(probe_seconds{target="{{resource.environment}}-{{resource.name}}"})
    interval: 30s
  when: result > 0.5 && !(result >= 60.0)
  for: 10m
  keepFiringFor: 5m
  severity: critical
  labels: { team: safety }
  annotations:
    summary: '{{resource.name}} takes {{result}} seconds'
    command: switchyard describe deployment {{resource.name}}
    since: '{{conditions.Ready.since}}'
  runbook: https://wiki.example.com/slow
`,
    );
    const query = 'max(probe_seconds{target="production-bird-strike"})';
    expect(rules).toEqual([
      {
        alert: 'slow-answers',
        expr: `((${query}) > 0.5) and ((${query}) < 60)`,
        for: '10m',
        keep_firing_for: '5m',
        labels: {
          team: 'safety',
          kind: 'Deployment',
          name: 'bird-strike',
          environment: 'production',
          model: 'bird-strike',
          severity: 'critical',
        },
        annotations: {
          summary: 'bird-strike takes {{ $value }} seconds',
          command: 'switchyard describe deployment bird-strike',
          runbook_url: 'https://wiki.example.com/slow',
        },
      },
    ]);
  });

  const which = 'environment="production", deployment="bird-strike", role=~"stable|candidate|arm"';
  it.each([
    [
      'errorRate',
      'result.candidate > 0.05',
      `(sum by (version) (rate(switchyard_request_errors_total{${which}}[5m])) / sum by (version) (rate(switchyard_requests_total{${which}}[5m]))) > 0.05`,
    ],
    [
      'requests',
      'result.candidate < 1.0',
      `(sum by (version) (increase(switchyard_requests_total{${which}}[5m]))) < 1`,
    ],
    [
      'latency, quantile: 0.99',
      '250.0 <= result.candidate',
      `250 <= (1000 * histogram_quantile(0.99, sum by (version, le) (rate(switchyard_request_duration_seconds_bucket{${which}}[5m]))))`,
    ],
  ])('asks Prometheus what `builtin: %s` measures', (metric, when, expr) => {
    const spec = `${deployments}  metric: { provider: { builtin: { metric: ${metric} } } }\n  when: '${when}'\n${summary}`;
    const rules = madeOf('measured', spec);
    expect(rules).toMatchObject([{ alert: 'measured', expr }]);
  });

  it('makes absence of data fire where the rule says so', () => {
    const spec =
      "  metric: { provider: { prometheus: { query: sum(up) } }, noData: fire }\n  when: 'result < 1.0 || result > 9.0'\n";
    expect(madeOf('silent', spec + summary)).toMatchObject([
      { expr: '(((sum(up)) < 1) or ((sum(up)) > 9)) or absent(sum(up))' },
    ]);
  });

  it.each([
    ["  platform: true\n  when: 'has(platform.error)'\n", 'switchyard_source_up == 0'],
    [
      '  platform: true\n  when: \'platform.held.reason == "SnapshotRejected"\'\n',
      'switchyard_snapshot_rejected == 1',
    ],
    [
      `${deployments}  when: 'conditions.Progressing.reason == "Paused"'\n`,
      'switchyard_rollout_phase{environment="production", deployment="bird-strike", phase="paused"} == 1',
    ],
  ])('knows which conditions are metrics, too: %s', (spec, expr) => {
    expect(madeOf('known', spec + summary)).toMatchObject([{ expr }]);
  });

  it.each([
    ["  journal: { types: [proposal.merged] }\n  when: 'true'\n", 'entries of the journal are no metrics'],
    [
      `${deployments}  when: 'conditions.Ready.status == "False"'\n`,
      'what it looks at is no metric: conditions and facts are told by Switchyard alone',
    ],
    [
      `${deployments}  metric: { provider: { builtin: { metric: scoreShift } } }\n  when: 'result.candidate > 1.0'\n`,
      '`builtin: scoreShift` is not among the metrics that Prometheus is given',
    ],
    [
      `${deployments}  metric: { provider: { builtin: { metric: errorRate } } }\n  when: 'result.upper > 0.1'\n`,
      '`result.upper` is not among the metrics that Prometheus is given',
    ],
    [
      "  metric: { provider: { web: { url: 'https://example.com/x', value: body.x } } }\n  when: 'result > 1.0'\n",
      'it measures by `web`, which Prometheus does not know',
    ],
    [
      "  metric: { provider: { prometheus: { query: up, server: other } } }\n  when: 'result > 1.0'\n",
      'it asks the server `other`: evaluate it there',
    ],
    [
      `${deployments}  metric: { provider: { prometheus: { query: 'up{since="{{conditions.Ready.since}}"}' } } }\n  when: 'result > 1.0'\n`,
      'its query speaks of what only the platform knows',
    ],
    [
      '  metric: { provider: { prometheus: { query: up } } }\n  when: \'string(result).startsWith("1")\'\n',
      '`startsWith` in its condition has no equal in PromQL',
    ],
    [
      "  resources: { kinds: [Deployment], environments: [nowhere] }\n  when: 'true'\n",
      'the registry holds no resource that it looks at',
    ],
  ])('names an AlertRule that has no equal, and why', (spec, reason) => {
    expect(madeOf('unequal', spec + summary)).toBe(reason);
  });

  it('takes over the AlertRules of a registry, and names those that it leaves out', async () => {
    const measured = `  metric: { provider: { prometheus: { query: up } }, interval: 30s }\n  when: 'result < 1.0'\n${summary}`;
    registry.write('alerts/target-down.yaml', alertRule('target-down', measured));
    registry.write(
      'alerts/merged.yaml',
      alertRule('merged', `  journal: { types: [proposal.merged] }\n  when: 'true'\n${summary}`),
    );
    const { out, err } = await generate();
    const { groups } = parse(out) as { groups: RuleGroup[] };
    const rules = groups.filter(({ name }) => name.startsWith('alertrule-'));
    expect(rules.map(({ name, interval }) => [name, interval])).toEqual([
      ['alertrule-target-down', '30s'],
      ['alertrule-waiting-rollout', undefined],
    ]);
    expect(err).toBe('! AlertRule/merged is left out: entries of the journal are no metrics\n');
  });

  it('wraps them for the Prometheus Operator', async () => {
    const { out } = await generate('--kubernetes');
    const documents = parseAllDocuments(out).map((one) => one.toJS() as { kind: string; spec: object });
    expect(documents.map(({ kind }) => kind)).toEqual(['PrometheusRule', 'ServiceMonitor']);
    expect(documents[0]?.spec).toEqual(parse((await generate()).out));
  });

  it('leaves out what is broken, and says so', async () => {
    registry.write('alerts/broken.yaml', alertRule('broken', "  when: '1 +'\n"));
    const { status, err } = await generate();
    expect(status).toBe(0);
    expect(err).toContain('Left out, since they have errors (see `switchyard check`): alerts/broken.yaml');
  });

  it('answers 4 where there is no registry', async () => {
    expect((await generate('no-such-branch')).status).toBe(4);
  });
});

const availability: Objective = {
  environment: 'production',
  deployment: 'bird-strike',
  slo: 'availability',
  budget: 0.001,
  window: '30d',
  minRequests: 30,
};
const latency: Objective = { ...availability, slo: 'p95', budget: 0.05, slowerThan: 0.08 };

describe('the rules of what a deployment promises', () => {
  it('are made of each objective that it names', () => {
    const spec = { model: 'm', version: '1.0.0', slo: { availability: 99.9, p95: '80ms', window: '7d' } };
    const of = objectivesOf(resourceOf({ kind: 'Deployment', name: 'm', scope: 'p', spec }));
    const common = { environment: 'p', deployment: 'm', window: '7d', minRequests: 30 };
    expect(of).toEqual([
      { ...common, slo: 'availability', budget: 0.001 },
      { ...common, slo: 'p95', budget: 0.05, slowerThan: 0.08 },
    ]);
    const other = { model: 'm', version: '1.0.0' };
    expect(objectivesOf(resourceOf({ kind: 'Deployment', name: 'm', scope: 'p', spec: other }))).toEqual([]);
  });

  it('fire where both windows burn faster than they may, and enough was asked', () => {
    const alerts = sloGroup(availability).rules.filter((rule) => 'alert' in rule) as AlertingRule[];
    const which = '{environment="production", deployment="bird-strike", slo="availability"}';
    const pairs = alerts.map(({ expr, labels }) => [labels.severity, expr.split(' and on ')[0]]);
    expect(pairs).toEqual([
      [
        'critical',
        `switchyard:slo_errors:ratio_rate1h${which} > 0.0144 and switchyard:slo_errors:ratio_rate5m${which} > 0.0144`,
      ],
      [
        'critical',
        `switchyard:slo_errors:ratio_rate6h${which} > 0.006 and switchyard:slo_errors:ratio_rate30m${which} > 0.006`,
      ],
      [
        'warning',
        `switchyard:slo_errors:ratio_rate3d${which} > 0.001 and switchyard:slo_errors:ratio_rate6h${which} > 0.001`,
      ],
    ]);
    expect(alerts[0]?.expr).toMatch(/\[1h\]\)\) \* 3600 >= 30$/);
    const large = sloGroup({ ...latency, slo: 'p50', budget: 0.5 }).rules.at(-3) as AlertingRule;
    expect(large.expr).toContain('> 0.9 and');
  });

  it('take a latency to be bad from the next bound on that Prometheus knows', () => {
    const [fiveMinutes] = sloGroup(latency).rules;
    expect(fiveMinutes?.expr).toMatch(
      /^\(sum by .*_count\{.* - sum by .*_bucket\{.*, le="0\.1"\}\[5m\]\)\)\) \/ sum by /,
    );
    expect(exposedBounds).toEqual(exposedLatencyBounds);
  });
});

/** The rules about a monitor with this schedule, or why there are none. */
function monitors(schedule: string, window = '{ size: 1d }'): readonly (AlertingRule | RecordingRule)[] {
  const made = monitorOf(schedule, window);
  return 'rules' in made ? made.rules : [];
}

function monitorOf(schedule: string, window: string) {
  const target = { deployment: 'm', environment: 'p' };
  const spec = { target, window: parse(window), ...(schedule === '' ? {} : { schedule: parse(schedule) }) };
  return monitorGroup(resourceOf({ kind: 'Monitor', name: 'drift', spec: spec as MonitorSpec }));
}

describe('the rules of a monitor', () => {
  it.each([
    ['{ every: 1h }', '{ size: 1d }', 10_800],
    ['{ every: 10s }', '{ size: 1d }', 300],
    ['', '{ size: 6h }', 64_800],
    ['', '{ size: 7d }', 259_200],
    ['', '{ rows: 1000 }', 900],
  ])('tell of one that has missed three checks: %s %s', (schedule, window, seconds) => {
    expect(monitors(schedule, window)).toMatchObject([
      {
        alert: 'SwitchyardMonitorSilent',
        expr: `time() - switchyard_monitor_last_run_timestamp_seconds{monitor="drift"} > ${seconds}`,
        labels: { monitor: 'drift', environment: 'p', deployment: 'm' },
      },
    ]);
  });

  it('are none where cron says when it is due', () => {
    expect(monitorOf("{ cron: '15 6 * * *' }", '{ size: 1d }')).toMatchObject({
      reason: expect.stringMatching(/cron/),
    });
  });
});
