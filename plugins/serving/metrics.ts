/** What the inference processes count, as Prometheus text exposition. */
import { coarser, type HistogramSnapshot } from './dataplane/control/histogram.ts';
import { exposedLatencyBounds } from './dataplane/control/latency-bounds.ts';
import type { InferenceProcess } from './inference-processes.ts';

export interface ServingMetrics {
  readonly processes: readonly InferenceProcess[];
  /** Inference processes that there should be; undefined where nobody said. */
  readonly expected: number | undefined;
  readonly tableRevision: number;
  readonly isTablePersisted: boolean;
  readonly deployments: number;
  readonly artifacts: {
    readonly fetched: number;
    readonly failed: number;
    readonly repaired: number;
    readonly bytes: number;
  };
}

type Labels = Readonly<Record<string, string>>;

/**
 * Every series of a process carries its id: its counters begin at zero when it does, and not when control restarts. Sum
 * over `process`.
 */
export function exposition(metrics: ServingMetrics): string {
  const page = new Page();
  for (const process of metrics.processes) describeProcess(page, process);
  page.sample(
    'switchyard_routing_table_revision',
    'gauge',
    'Revision of the routing table.',
    {},
    metrics.tableRevision,
  );
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
    metrics.deployments,
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

function describeProcess(page: Page, { id, state, starts, report }: InferenceProcess): void {
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
  for (const [code, count] of Object.entries(metrics.otherRequests)) {
    const help = 'Answers that belong to no version: unknown paths, unknown models.';
    page.sample('switchyard_other_requests_total', 'counter', help, { code, ...process }, count);
  }
  for (const [key, waiting] of Object.entries(metrics.waiting)) {
    const [environment = '', deployment = '', version = ''] = key.split('/');
    const labels = { environment, deployment, version, ...process };
    page.sample('switchyard_requests_waiting', 'gauge', 'Requests waiting for a run.', labels, waiting);
  }
  for (const { environment, deployment, version, requests, seconds, batchRows } of metrics.versions) {
    const labels = { environment, deployment, version, ...process };
    for (const [code, count] of Object.entries(requests)) {
      page.sample(
        'switchyard_requests_total',
        'counter',
        'Answers by HTTP status.',
        { ...labels, code },
        count,
      );
    }
    const help = 'From the whole request read to the answer written.';
    page.histogram(
      'switchyard_request_duration_seconds',
      help,
      labels,
      coarser(seconds, exposedLatencyBounds),
    );
    page.histogram('switchyard_batch_rows', 'Rows of each run of the model.', labels, batchRows);
  }
}

/** Samples grouped by metric, as the format asks. */
class Page {
  readonly #metrics = new Map<string, string[]>();

  sample(name: string, type: 'counter' | 'gauge', help: string, labels: Labels, value: number): void {
    this.#lines(name, type, help).push(`${name}${written(labels)} ${value}`);
  }

  histogram(name: string, help: string, labels: Labels, { bounds, counts, sum }: HistogramSnapshot): void {
    const lines = this.#lines(name, 'histogram', help);
    let total = 0;
    for (const [index, count] of counts.entries()) {
      total += count;
      const le = index < bounds.length ? String(bounds[index]) : '+Inf';
      lines.push(`${name}_bucket${written({ ...labels, le })} ${total}`);
    }
    lines.push(`${name}_sum${written(labels)} ${sum}`, `${name}_count${written(labels)} ${total}`);
  }

  text(): string {
    return [...this.#metrics.values()]
      .flat()
      .map((line) => `${line}\n`)
      .join('');
  }

  #lines(name: string, type: string, help: string): string[] {
    let lines = this.#metrics.get(name);
    if (lines === undefined) {
      lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
      this.#metrics.set(name, lines);
    }
    return lines;
  }
}

function written(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
