import { quoted } from './rule-file.ts';

/** What clients are answered by: neither a shadow, nor a version that is merely kept warm. */
const answering = 'role=~"stable|candidate|arm"';

/**
 * PromQL of what `builtin` measures of a deployment, by version; or why there is none. `result.candidate` is what it gives.
 */
export function builtinQuery(
  { metric, quantile = 0.95 }: { readonly metric?: unknown; readonly quantile?: unknown },
  deployment: { readonly environment: string; readonly name: string },
  window: string,
): { readonly query: string } | { readonly problem: string } {
  const which = `environment=${quoted(deployment.environment)}, deployment=${quoted(deployment.name)}, ${answering}`;
  const rate = (name: string) => `sum by (version) (rate(${name}{${which}}[${window}]))`;
  switch (metric) {
    case 'errorRate':
      return { query: `${rate('switchyard_request_errors_total')} / ${rate('switchyard_requests_total')}` };
    case 'requests':
      return { query: `sum by (version) (increase(switchyard_requests_total{${which}}[${window}]))` };
    case 'latency': {
      const buckets = `sum by (version, le) (rate(switchyard_request_duration_seconds_bucket{${which}}[${window}]))`;
      return { query: `1000 * histogram_quantile(${quantile}, ${buckets})` };
    }
    default:
      return { problem: `\`builtin: ${metric}\` is not among the metrics that Prometheus is given` };
  }
}
