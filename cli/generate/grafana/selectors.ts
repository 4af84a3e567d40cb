import type { Variable } from './dashboard.ts';

/** Of the deployments that the reader chose. */
export const chosen = 'environment=~"$environment", deployment=~"$deployment"';
/** As clients are answered: what a shadow gave goes to nobody. */
export const answered = `${chosen}, role!="shadow"`;

export const placeVariables: readonly Variable[] = [
  { name: 'environment', label: 'Environment', metric: 'switchyard_rollout_phase' },
  {
    name: 'deployment',
    label: 'Deployment',
    metric: 'switchyard_rollout_phase{environment=~"$environment"}',
    of: 'deployment',
  },
];

export const place = '{{environment}}/{{deployment}}';
/** A step that fits to the width of the graph, and never less than four scrapes. */
export const step = '$__rate_interval';

export function rateOf(series: string, by: string): string {
  return `sum by (${by}) (rate(${series}[${step}]))`;
}

export function quantileOf(quantile: number, labels: string, by: string): string {
  const buckets = `sum by (${by}, le) (rate(switchyard_request_duration_seconds_bucket{${labels}}[${step}]))`;
  return `histogram_quantile(${quantile}, ${buckets})`;
}

/** Errors as a share of answers. */
export function errorShare(labels: string, by: string): string {
  const errors = rateOf(`switchyard_request_errors_total{${labels}}`, by);
  return `${errors} / ${rateOf(`switchyard_requests_total{${labels}}`, by)}`;
}
