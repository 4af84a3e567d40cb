/**
 * What versions do, by their place: environment, deployment, version, and the role that they have now. Only versions that
 * the routing table holds are exposed, so that there are no more series than what is deployed, and none of what has gone.
 */
import { exposedLatencyBounds, withBounds } from '../dataplane/interface/latency-bounds.ts';
import type { Report } from '../dataplane/interface/messages.ts';
import type { OutlierCount, ProcessMetrics, VersionMetrics } from '../dataplane/interface/process-metrics.ts';
import { deploymentKey, type ServedDeployment, versionKey } from '../dataplane/interface/routing-table.ts';
import type { Roles } from '../table/roles.ts';
import { coarser } from './coarser-histogram.ts';
import type { ExpositionPage, Labels } from './exposition-page.ts';

type LookUps = Pick<NonNullable<VersionMetrics['cache']>, 'hits' | 'shared' | 'misses'>;
const noLookUps: LookUps = { hits: 0, shared: 0, misses: 0 };

/** How requests are shared out, as the newest table has it. */
export function describeWeights(page: ExpositionPage, deployments: readonly ServedDeployment[]): void {
  const help = 'Whole percent of the requests that the version answers, or sees as a shadow.';
  for (const { environment, name: deployment, variants } of deployments) {
    for (const { version, role, weight } of variants) {
      const labels = { environment, deployment, version, role };
      page.sample('switchyard_variant_weight_percent', 'gauge', help, labels, weight);
    }
  }
}

/**
 * What one process counted. What has not happened yet is 0 wherever its labels are known: a rate or an alert needs a series to begin
 * with. The report leaves zeros out, so that it stays small where there are many versions.
 */
export function describeCounts(
  page: ExpositionPage,
  { versions: held, metrics: { versions, waiting, caches = {} } }: Pick<Report, 'versions' | 'metrics'>,
  roles: Roles,
  process: Labels,
): void {
  for (const key of Object.keys(held)) {
    const role = roles.get(key);
    if (role === undefined) continue;
    const [environment = '', deployment = '', version = ''] = key.split('/');
    const labels = { environment, deployment, version, role, ...process };
    const help = 'Requests waiting for a run.';
    page.sample('switchyard_requests_waiting', 'gauge', help, labels, waiting[key] ?? 0);
  }
  for (const metrics of versions) {
    const { environment, deployment, version } = metrics;
    const place = { environment, name: deployment };
    const role = roles.get(versionKey(place, version));
    if (role === undefined) continue;
    const cache = metrics.cache ?? (caches[deploymentKey(place)] && noLookUps);
    describeVersion(page, { ...metrics, cache }, { environment, deployment, version, role, ...process });
  }
}

/** Rows that were judged for outliers, of each version that is held and has rules for it. */
export function describeOutliers(
  page: ExpositionPage,
  { versions: held, metrics: { predictionLog } }: Pick<Report, 'versions' | 'metrics'>,
  deployments: readonly ServedDeployment[],
  process: Labels,
): void {
  const counts = new Map<string, Pick<OutlierCount, 'scored' | 'outliers'>>();
  for (const deployment of deployments) {
    if ((deployment.logging?.outliers ?? []).length === 0) continue;
    for (const { version } of deployment.versions) {
      const key = versionKey(deployment, version);
      if (held[key] !== undefined) counts.set(key, { scored: 0, outliers: 0 });
    }
  }
  for (const { environment, deployment, version, ...count } of predictionLog?.outliers ?? []) {
    counts.set(versionKey({ environment, name: deployment }, version), count);
  }
  for (const [key, { scored, outliers }] of counts) {
    const [environment = '', deployment = '', version = ''] = key.split('/');
    const labels = { ...process, environment, deployment, version };
    const name = 'switchyard_predictions_scored_rows_total';
    page.sample(name, 'counter', 'Logged rows whose inputs were judged.', labels, scored);
    const help = 'Those of them with an input far from what is usual.';
    page.sample('switchyard_predictions_outliers_total', 'counter', help, labels, outliers);
  }
}

/** What deployments keep of their answers, in one process. */
export function describeCaches(
  page: ExpositionPage,
  caches: ProcessMetrics['caches'],
  process: Labels,
): void {
  for (const [key, { entries, bytes, evictions }] of Object.entries(caches ?? {})) {
    const [environment = '', deployment = ''] = key.split('/');
    const labels = { environment, deployment, ...process };
    page.sample('switchyard_cache_entries', 'gauge', 'Answers that are kept.', labels, entries);
    page.sample('switchyard_cache_bytes', 'gauge', 'Bytes of them.', labels, bytes);
    const help = 'Answers that went to make room for others.';
    page.sample('switchyard_cache_evictions_total', 'counter', help, labels, evictions);
  }
}

function describeVersion(
  page: ExpositionPage,
  {
    requests,
    seconds,
    batchRows,
    nanAnswers,
    left = 0,
    queueSeconds,
    exemplars,
    cache,
  }: Omit<VersionMetrics, 'cache'> & { readonly cache: LookUps | undefined },
  labels: Labels,
): void {
  let errors = nanAnswers;
  for (const [code, count] of Object.entries({ 200: 0, ...requests })) {
    if (Number(code) >= 500) errors += count;
    const help = 'Answers by HTTP status; those that a shadow gave to nobody among them.';
    page.sample('switchyard_requests_total', 'counter', help, { ...labels, code }, count);
  }
  const help = 'Answers that analyses take for errors: a status of 500 or above, or no finite number.';
  page.sample('switchyard_request_errors_total', 'counter', help, labels, errors);
  const leftHelp = 'Requests that left before their turn: whoever asked had gone away.';
  page.sample('switchyard_requests_cancelled_total', 'counter', leftHelp, labels, left);
  page.histogram(
    'switchyard_request_duration_seconds',
    'From the whole request read to the answer written.',
    labels,
    coarser(withBounds(seconds), exposedLatencyBounds),
    exemplars,
  );
  if (queueSeconds !== undefined) {
    const waited = 'How long requests waited for a run, also for one that did not come in time.';
    page.histogram('switchyard_request_queue_seconds', waited, labels, queueSeconds);
  }
  if (cache !== undefined) {
    const { hits, shared, misses } = cache;
    for (const [result, count] of Object.entries({ hit: hits, shared, miss: misses })) {
      const name = 'switchyard_cache_requests_total';
      page.sample(
        name,
        'counter',
        'Requests by whether their answer was kept.',
        { ...labels, result },
        count,
      );
    }
  }
  page.histogram('switchyard_batch_rows', 'Rows of each run of the model.', labels, batchRows);
}
