import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { GenerateOptions } from '../generate/run-prometheus-rules.ts';

const target = 'a registry, or a branch, tag or commit';
const config = 'the operator’s configuration, which says where plugins are (default: SWITCHYARD_CONFIG)';

/** Adds `switchyard generate prometheus-rules|grafana-dashboards [PATH|REF]`. */
export function addGenerate(program: Command, { terminal, act }: Context): void {
  const generate = program
    .command('generate')
    .description('make what others watch a platform by: Prometheus rules, Grafana dashboards')
    .addHelpText(
      'after',
      `
Examples:
  switchyard generate prometheus-rules --out deploy/prometheus
  switchyard generate grafana-dashboards --out deploy/grafana`,
    );
  generate
    .command('prometheus-rules')
    .description('alerting and recording rules of a registry')
    .argument('[target]', target, '.')
    .option('--out <dir>', 'write them into this folder (default: print them)')
    .option('--kubernetes', 'as PrometheusRule, with a ServiceMonitor, for the Prometheus Operator')
    .option('--config <file>', config)
    .addHelpText(
      'after',
      `
Rules about the platform, rules for the objectives of Deployments (spec.slo), and rules for AlertRules that speak of metrics.
An AlertRule that has no equal in Prometheus is named on standard error, with the reason; Switchyard itself tells it all the same.

Examples:
  switchyard generate prometheus-rules
  switchyard generate prometheus-rules --out deploy/prometheus
  switchyard generate prometheus-rules origin/main --kubernetes | kubectl apply -f -

Exit status: 0 when they were made, 4 when there is no registry.`,
    )
    .action(
      act(async (named: string, options: GenerateOptions) => {
        const { runPrometheusRules } = await import('../generate/run-prometheus-rules.ts');
        return runPrometheusRules(named, options, terminal);
      }),
    );
  generate
    .command('grafana-dashboards')
    .description('dashboards of a platform, and one for each model that a registry deploys')
    .argument('[target]', target, '.')
    .option('--out <dir>', 'write them into this folder, a file each (default: print them, by file)')
    .option(
      '--kubernetes',
      'as ConfigMaps with the label grafana_dashboard, for the sidecar of Grafana’s chart',
    )
    .option('--config <file>', config)
    .addHelpText(
      'after',
      `
Which Prometheus they ask is chosen in Grafana, by the variable at the top of each.

Examples:
  switchyard generate grafana-dashboards --out deploy/grafana
  switchyard generate grafana-dashboards origin/main --kubernetes | kubectl apply -f -

Exit status: 0 when they were made, 4 when there is no registry.`,
    )
    .action(
      act(async (named: string, options: GenerateOptions) => {
        const { runGrafanaDashboards } = await import('../generate/run-grafana-dashboards.ts');
        return runGrafanaDashboards(named, options, terminal);
      }),
    );
}
