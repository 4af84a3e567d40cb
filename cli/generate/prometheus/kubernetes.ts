/** What the Prometheus Operator of Kubernetes takes, and the sidecar of Grafana's chart. */
import type { RuleGroup } from './rule-file.ts';

const labels = { 'app.kubernetes.io/name': 'switchyard' };

export function prometheusRule(groups: readonly RuleGroup[]): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'switchyard', labels },
    spec: { groups },
  };
}

/** Scrapes the port `api` of the Service that is labelled so. */
export function serviceMonitor(): object {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'switchyard', labels },
    spec: {
      selector: { matchLabels: labels },
      endpoints: [{ port: 'api', path: '/metrics', interval: '15s' }],
    },
  };
}

/** A dashboard in a ConfigMap, which the sidecar finds by its label. */
export function dashboardConfigMap(file: string, text: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `switchyard-${file.replace(/\.json$/, '')}`,
      labels: { ...labels, grafana_dashboard: '1' },
    },
    data: { [file]: text },
  };
}
