import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { alertRuleGroup } from '../../cli/generate/prometheus/alert-rule.ts';
import { sloGroup } from '../../cli/generate/prometheus/slo-rules.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { run } from '../cli/run.ts';
import { resourceOf } from '../fixtures/resources.ts';
import { shownBlock } from '../fixtures/shown-block.ts';
import { putTemplateRegistry } from '../fixtures/template-registry.ts';
import { whyMissing } from './installed.ts';

const missing = whyMissing('promtool', 'prometheus');
const folder = mkdtempSync(join(tmpdir(), 'switchyard-promtool-'));
const registry = join(folder, 'registry');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function promtool(...words: string[]): { readonly status: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd: folder, encoding: 'utf8' });
  return { status, out: stdout + stderr };
}

function write(name: string, value: unknown): string {
  writeFileSync(join(folder, name), stringify(value, { aliasDuplicateObjects: false }));
  return name;
}

describe.skipIf(missing !== undefined)(
  `a real promtool${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    beforeAll(async () => {
      await putTemplateRegistry(registry);
    });

    it('takes the rules of a registry', async () => {
      const { out } = await run(['generate', 'prometheus-rules'], { folder: registry });
      writeFileSync(join(folder, 'switchyard.rules.yaml'), out);
      const checked = promtool('check', 'rules', 'switchyard.rules.yaml');
      expect(checked.out).toMatch(/SUCCESS: \d\d+ rules found/);
      expect(checked.status).toBe(0);
    });

    it('takes what every panel asks', async () => {
      const { out } = await run(['generate', 'grafana-dashboards'], { folder: registry });
      const dashboards = Object.values(JSON.parse(out)) as {
        panels: { title: string; targets?: { expr: string }[] }[];
      }[];
      const asked = dashboards.flatMap(({ panels }) =>
        panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
      );
      const filledIn = asked.map((expr) =>
        expr
          .replaceAll('$__rate_interval', '5m')
          .replaceAll('$__range', '6h')
          .replaceAll(/"\$\w+"/g, '".*"')
          .replaceAll(/\$\w+/g, '1'),
      );
      const rules = filledIn.map((expr, index) => ({ record: `asked:${index}`, expr }));
      const checked = promtool('check', 'rules', write('asked.yaml', { groups: [{ name: 'asked', rules }] }));
      expect(checked.out).toContain(`SUCCESS: ${asked.length} rules found`);
    });

    it('takes the scrape configuration that the docs show', () => {
      const page = readFileSync(packageFile('docs/observability.md'), 'utf8');
      const [, example = ''] = /```yaml\n(# prometheus.yml\n[\s\S]*?)```/.exec(page) ?? [];
      writeFileSync(join(folder, 'prometheus.yml'), example);
      const checked = promtool('check', 'config', 'prometheus.yml');
      expect(checked.out).toContain('SUCCESS: 1 rule files found');
      expect(checked.status).toBe(0);
    });

    it('answers what docs/metrics.md asks by PromQL', () => {
      const queries = (words: string) =>
        shownBlock('docs/metrics.md', words)
          .split('\n\n')
          .map((query) => query.replaceAll(/^#.*\n/gm, '').trim());
      const [errors = '', percentile = ''] = queries('promql versions');
      const [decide = ''] = queries('promql rollouts');
      const of = (version: string, role: string, more = '') =>
        `{environment="p", deployment="m", version="${version}", role="${role}", process="0"${more}}`;
      const counted = (name: string, labels: string, each: number) => ({
        series: `switchyard_${name}${labels}`,
        values: `0+${each}x20`,
      });
      const buckets = [
        ['0.1', 50],
        ['0.2', 90],
        ['0.4', 100],
        ['+Inf', 100],
      ] as const;
      const phase = (deployment: string, name: string, value: number) => ({
        series: `switchyard_rollout_phase{environment="p", deployment="${deployment}", phase="${name}"}`,
        values: `${value}x20`,
      });
      const found = (expr: string, ...samples: readonly (readonly [string, number])[]) => ({
        expr,
        eval_time: '10m',
        exp_samples: samples.map(([labels, value]) => ({ labels, value })),
      });
      const ran = promtool(
        'test',
        'rules',
        write('asked-by-docs.yaml', {
          rule_files: [],
          evaluation_interval: '1m',
          tests: [
            {
              interval: '1m',
              input_series: [
                counted('requests_total', of('1.0.0', 'stable', ', code="200"'), 540),
                counted('requests_total', of('1.0.0', 'stable', ', code="500"'), 60),
                counted('request_errors_total', of('1.0.0', 'stable'), 60),
                counted('requests_total', of('1.1.0', 'candidate', ', code="200"'), 60),
                counted('request_errors_total', of('1.1.0', 'candidate'), 15),
                ...buckets.map(([le, each]) =>
                  counted('request_duration_seconds_bucket', of('1.1.0', 'candidate', `, le="${le}"`), each),
                ),
                phase('m', 'undecided', 1),
                phase('m', 'steady', 0),
                phase('other', 'undecided', 0),
                phase('other', 'walking', 1),
                phase('back', 'rolledBack', 1),
              ],
              promql_expr_test: [
                found(
                  errors,
                  ['{deployment="m", role="candidate"}', 0.25],
                  ['{deployment="m", role="stable"}', 0.1],
                ),
                // Beyond a tenth of a millisecond a sum of floating-point numbers is not to be relied on.
                found(`round(${percentile}, 0.0001)`, ['{deployment="m", version="1.1.0"}', 0.3]),
                found(
                  decide,
                  ['{environment="p", deployment="back"}', 1],
                  ['{environment="p", deployment="m"}', 1],
                ),
              ],
            },
          ],
        }),
      );
      expect(ran.out).toContain('SUCCESS');
      expect(ran.status).toBe(0);
    });

    it('sees the alert of an AlertRule fire for the version that errs, and for no other', () => {
      const rule = resourceOf({
        kind: 'AlertRule',
        name: 'errors',
        spec: {
          resources: { kinds: ['Deployment'] },
          metric: { provider: { builtin: { metric: 'errorRate' } } },
          when: 'result.candidate > 0.05',
          for: '2m',
          annotations: { summary: '{{result}} of {{resource.name}}' },
        } as const,
      });
      const deployment = resourceOf({ kind: 'Deployment', name: 'm', scope: 'p', spec: { model: 'm' } });
      const group = alertRuleGroup(rule as never, [deployment]);
      const series = (metric: string, version: string, role: string, each: number) => ({
        series: `${metric}{environment="p", deployment="m", version="${version}", role="${role}", process="0"}`,
        values: `0+${each}x20`,
      });
      const ran = promtool(
        'test',
        'rules',
        write('fires.yaml', {
          rule_files: [write('errors.rules.yaml', { groups: [group] })],
          evaluation_interval: '1m',
          tests: [
            {
              interval: '1m',
              input_series: [
                series('switchyard_requests_total', '1.0.0', 'stable', 600),
                series('switchyard_request_errors_total', '1.0.0', 'stable', 6),
                series('switchyard_requests_total', '1.1.0', 'candidate', 60),
                series('switchyard_request_errors_total', '1.1.0', 'candidate', 6),
                series('switchyard_requests_total', '1.2.0', 'shadow', 60),
                series('switchyard_request_errors_total', '1.2.0', 'shadow', 60),
              ],
              alert_rule_test: [
                { eval_time: '2m', alertname: 'errors', exp_alerts: [] },
                {
                  eval_time: '10m',
                  alertname: 'errors',
                  exp_alerts: [
                    {
                      exp_labels: {
                        severity: 'warning',
                        kind: 'Deployment',
                        name: 'm',
                        environment: 'p',
                        model: 'm',
                        version: '1.1.0',
                      },
                      exp_annotations: { summary: '0.1 of m' },
                    },
                  ],
                },
              ],
            },
          ],
        }),
      );
      expect(ran.out).toContain('SUCCESS');
      expect(ran.status).toBe(0);
    });

    it('sees the budget of an objective burn: fast at once, and not at half the speed that it may', () => {
      const place = { environment: 'p', deployment: 'm' };
      const objective = { ...place, slo: 'availability', budget: 0.01, window: '30d', minRequests: 30 };
      const rules = write('slo.rules.yaml', { groups: [sloGroup(objective)] });
      const input = (errors: number, minutes: number) => [
        {
          series: `switchyard_requests_total{environment="p", deployment="m", role="stable", code="200"}`,
          values: `0+1000x${minutes}`,
        },
        {
          series: `switchyard_request_errors_total{environment="p", deployment="m", role="stable"}`,
          values: `0+${errors}x${minutes}`,
        },
      ];
      const fires = (severity: string, rate: number, share: string, long: string) => ({
        exp_labels: { ...place, slo: 'availability', severity },
        exp_annotations: {
          summary: `p/m burns the error budget of availability more than ${rate} times as fast as it may`,
          description: `${share} of its requests in ${long} were not answered; 1 % may be, over 30d.`,
          command: 'switchyard slo p/m',
        },
      });
      const silent = (burn: string, time: string) => ({
        eval_time: time,
        alertname: `SwitchyardErrorBudgetBurns${burn}`,
        exp_alerts: [],
      });
      const ran = promtool(
        'test',
        'rules',
        write('burns.yaml', {
          rule_files: [rules],
          evaluation_interval: '1m',
          tests: [
            {
              name: 'all fail',
              interval: '1m',
              input_series: input(1000, 60),
              alert_rule_test: [
                {
                  eval_time: '10m',
                  alertname: 'SwitchyardErrorBudgetBurnsFast',
                  exp_alerts: [fires('critical', 14.4, '100%', '1h')],
                },
              ],
            },
            {
              name: 'twice the budget',
              interval: '5m',
              input_series: input(20, 90),
              alert_rule_test: [
                silent('Fast', '7h'),
                silent('Steadily', '7h'),
                {
                  eval_time: '7h',
                  alertname: 'SwitchyardErrorBudgetBurnsSlowly',
                  exp_alerts: [fires('warning', 1, '2%', '3d')],
                },
              ],
            },
            {
              name: 'half the budget',
              interval: '5m',
              input_series: input(5, 90),
              alert_rule_test: [silent('Fast', '7h'), silent('Steadily', '7h'), silent('Slowly', '7h')],
            },
          ],
        }),
      );
      expect(ran.out).toContain('SUCCESS');
      expect(ran.status).toBe(0);
    });
  },
);
