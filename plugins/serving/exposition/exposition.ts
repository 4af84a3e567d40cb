/** What the inference processes count, as Prometheus text exposition. */
import { keyedResults } from '../dataplane/interface/process-metrics.ts';
import type { RoutingTable, ServedDeployment } from '../dataplane/interface/routing-table.ts';
import type { InferenceProcess } from '../processes/inference-processes.ts';
import type { LossCause } from '../processes/lost-processes.ts';
import { type Roles, rolesIn } from '../table/roles.ts';
import { ExpositionPage } from './exposition-page.ts';
import { describeHeld } from './held-metrics.ts';
import { describeCaches, describeCounts, describeOutliers, describeWeights } from './variant-metrics.ts';

export interface ServingMetrics {
  readonly processes: readonly InferenceProcess[];
  /** How often a process of that id ended without being asked to. */
  readonly losses: (id: string) => Readonly<Record<LossCause, number>>;
  /** Inference processes that there should be; undefined where nobody said. */
  readonly expected: number | undefined;
  readonly table: Pick<RoutingTable, 'revision' | 'deployments'>;
  readonly isTablePersisted: boolean;
  readonly artifacts: {
    readonly fetched: number;
    readonly failed: number;
    readonly repaired: number;
    readonly bytes: number;
  };
}

/**
 * Every series of a process carries its id: its counters begin at zero when it does, and not when control restarts. Sum
 * over `process`.
 */
export function exposition(metrics: ServingMetrics): string {
  const page = new ExpositionPage();
  const { revision, deployments } = metrics.table;
  const roles = rolesIn(deployments);
  for (const process of metrics.processes) {
    describeProcess(page, process, deployments, roles);
    describeLosses(page, process.id, metrics.losses(process.id));
  }
  describeWeights(page, deployments);
  page.sample('switchyard_routing_table_revision', 'gauge', 'Revision of the routing table.', {}, revision);
  page.sample(
    'switchyard_routing_table_persisted',
    'gauge',
    'Whether the newest routing table is on disk.',
    {},
    metrics.isTablePersisted ? 1 : 0,
  );
  page.sample(
    'switchyard_served_deployments',
    'gauge',
    'Deployments in the routing table.',
    {},
    deployments.length,
  );
  if (metrics.expected !== undefined) {
    const help = 'Inference processes that there should be.';
    page.sample('switchyard_inference_processes_expected', 'gauge', help, {}, metrics.expected);
  }
  const { fetched, failed, repaired, bytes } = metrics.artifacts;
  page.sample(
    'switchyard_artifacts_fetched_total',
    'counter',
    'Artifacts brought to this disk.',
    {},
    fetched,
  );
  page.sample('switchyard_artifact_bytes_fetched_total', 'counter', 'Bytes of those artifacts.', {}, bytes);
  page.sample(
    'switchyard_artifact_fetch_failures_total',
    'counter',
    'Artifacts that could not be.',
    {},
    failed,
  );
  page.sample(
    'switchyard_artifacts_repaired_total',
    'counter',
    'Cached artifacts that had gone bad.',
    {},
    repaired,
  );
  return page.text();
}

function describeLosses(
  page: ExpositionPage,
  process: string,
  losses: Readonly<Record<LossCause, number>>,
): void {
  const name = 'switchyard_inference_process_losses_total';
  const help = 'Ends that nobody asked for, by how.';
  for (const [cause, count] of Object.entries(losses)) {
    page.sample(name, 'counter', help, { process, cause }, count);
  }
}

function describeProcess(
  page: ExpositionPage,
  { id, state, starts, report }: InferenceProcess,
  deployments: readonly ServedDeployment[],
  roles: Roles,
): void {
  const process = { process: id };
  const isUp = state === 'live';
  page.sample('switchyard_inference_process_up', 'gauge', 'Whether it reports.', process, isUp ? 1 : 0);
  page.sample(
    'switchyard_inference_process_starts_total',
    'counter',
    'Starts that control saw.',
    process,
    starts,
  );
  if (report === undefined || !isUp) return;
  const { metrics } = report;
  const isReady = report.ready ? 1 : 0;
  page.sample(
    'switchyard_inference_process_ready',
    'gauge',
    'Whether all that it routes is ready.',
    process,
    isReady,
  );
  page.sample(
    'switchyard_inference_process_rss_bytes',
    'gauge',
    'Resident memory.',
    process,
    metrics.rssBytes,
  );
  if (report.memoryLimit !== undefined) {
    const name = 'switchyard_inference_process_memory_limit_bytes';
    const help = 'Resident memory beyond which it is replaced.';
    page.sample(name, 'gauge', help, process, report.memoryLimit);
  }
  if (report.workerProcessors !== undefined) {
    const name = 'switchyard_inference_process_worker_processors';
    const help = 'Processors that worker threads may run on now.';
    page.sample(name, 'gauge', help, process, report.workerProcessors);
  }
  page.sample(
    'switchyard_inference_process_cpu_seconds_total',
    'counter',
    'Processor time since its start.',
    process,
    metrics.cpuSeconds,
  );
  const { taken, written, dropped } = metrics.predictionLog ?? {};
  if (taken !== undefined) {
    const name = 'switchyard_predictions_logged_total';
    page.sample(name, 'counter', 'Predictions handed in to the log.', process, written ?? 0);
    const help = 'Predictions that were to be logged and found no room.';
    page.sample('switchyard_predictions_unlogged_total', 'counter', help, process, dropped ?? 0);
  }
  if (metrics.spans !== undefined) {
    const { sent, dropped } = metrics.spans;
    page.sample('switchyard_spans_sent_total', 'counter', 'Spans that a collector took.', process, sent);
    const help = 'Spans that found no room, or that no collector took.';
    page.sample('switchyard_spans_dropped_total', 'counter', help, process, dropped);
  }
  if (metrics.keyed !== undefined) {
    const help = 'Requests with an Idempotency-Key, by what came of it.';
    for (const result of keyedResults) {
      const count = metrics.keyed[result] ?? 0;
      page.sample('switchyard_idempotent_requests_total', 'counter', help, { result, ...process }, count);
    }
  }
  if (metrics.accessLog !== undefined) {
    const { lines, dropped } = metrics.accessLog;
    page.sample('switchyard_access_log_lines_total', 'counter', 'Lines of the access log.', process, lines);
    const help = 'Lines of the access log that found no room.';
    page.sample('switchyard_access_log_dropped_total', 'counter', help, process, dropped);
  }
  describeOutliers(page, report, deployments, process);
  page.sample('switchyard_inference_connections', 'gauge', 'Connections open.', process, metrics.connections);
  page.sample('switchyard_model_loads_total', 'counter', 'Versions made ready.', process, metrics.loads);
  page.sample(
    'switchyard_model_load_failures_total',
    'counter',
    'Versions that could not be.',
    process,
    metrics.loadFailures,
  );
  page.sample(
    'switchyard_worker_restarts_total',
    'counter',
    'Worker threads lost.',
    process,
    metrics.workerRestarts,
  );
  for (const [code, count] of Object.entries({ 404: 0, ...metrics.otherRequests })) {
    const help = 'Answers that belong to no version: unknown paths, unknown models.';
    page.sample('switchyard_other_requests_total', 'counter', help, { code, ...process }, count);
  }
  if (metrics.refusedRequests !== undefined) {
    const help = 'Answers to what no handler could answer: no request of HTTP, or none that came whole.';
    for (const [code, count] of Object.entries({ 400: 0, 408: 0, ...metrics.refusedRequests })) {
      page.sample('switchyard_refused_requests_total', 'counter', help, { code, ...process }, count);
    }
  }
  describeHeld(page, report, roles, process);
  describeCounts(page, report, roles, process);
  describeCaches(page, metrics.caches, process);
}
