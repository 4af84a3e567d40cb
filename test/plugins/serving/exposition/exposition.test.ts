/** Every series of serving, each with a value of its own: whoever mixes two up is found out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OutlierRule } from '../../../../core/capabilities/serving-runtime.ts';
import { packageFile } from '../../../../libraries/package-files/index.ts';
import { Histogram } from '../../../../plugins/serving/dataplane/counters/histogram.ts';
import { Metrics } from '../../../../plugins/serving/dataplane/counters/metrics.ts';
import { exposedLatencyBounds } from '../../../../plugins/serving/dataplane/interface/latency-bounds.ts';
import type { Report } from '../../../../plugins/serving/dataplane/interface/messages.ts';
import {
  keyedResults,
  type VersionMetrics,
} from '../../../../plugins/serving/dataplane/interface/process-metrics.ts';
import type { ServedDeployment } from '../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { exposition, type ServingMetrics } from '../../../../plugins/serving/exposition/exposition.ts';

const place = { environment: 'production', deployment: 'bird-strike' };
/** Of one bound: so many at most 1, so many above. */
const histogram = (below: number, above: number, sum: number) => ({
  ...{ bounds: [1], counts: [below, above], sum },
});
const digest = (version: string) => `sha256:${version.replaceAll('.', '').padStart(64, '0')}`;

const entry: ServedDeployment = {
  ...{ generation: 'g', environment: 'production', name: 'bird-strike', model: 'bird-strike' },
  commit: 'c'.repeat(40),
  versions: ['1.0.0', '1.1.0', '0.9.0'].map((version) => ({
    ...{ version, digest: digest(version), path: `/cache/${version}`, size: 1 },
    ...{ signature: { inputs: [], outputs: [] }, examples: [] },
  })),
  variants: [
    { version: '1.0.0', role: 'stable', weight: 93 },
    { version: '1.1.0', role: 'candidate', weight: 7 },
  ],
  batching: { maxBatchSize: 32, maxDelayMs: 0 },
  limits: { maxQueue: 100, timeoutMs: 1_000 },
};

const stable: VersionMetrics = {
  ...{ ...place, version: '1.0.0', requests: { 200: 201, 404: 202, 500: 203, 503: 204 } },
  ...{
    seconds: { bounds: [0.25, 10], counts: [205, 206, 207], sum: 208.5 },
    batchRows: histogram(209, 210, 211),
  },
  ...{ left: 212, nanAnswers: 213, scores: [], distances: histogram(0, 0, 0) },
  queueSeconds: histogram(214, 215, 216.5),
  cache: { hits: 217, hitMs: 1, shared: 218, misses: 219, missMs: 2, seconds: histogram(0, 0, 0) },
  exemplars: exposedLatencyBounds.map((bound) =>
    bound === 10 ? { traceId: 'abc', seconds: 4.5, at: 1_777_889_472_131 } : null,
  ),
};

const report: Report = {
  ...{ type: 'report', id: '0', pid: 1, revision: 1, ready: true, at: '2026-01-01T00:00:00.000Z' },
  ...{ memoryLimit: 101, workerProcessors: 102, routes: { 'production/bird-strike': 'g' } },
  versions: {
    'production/bird-strike/1.0.0': {
      ...{ state: 'ready', digest: digest('1.0.0'), reason: 'Loaded', message: '' },
      ...{ memoryBytes: 103, loadMs: 104_500, replicas: 105 },
    },
    'production/bird-strike/1.1.0': {
      ...{ state: 'ready', digest: digest('1.1.0'), reason: 'NotLoaded', message: '' },
      ...{ onDemand: true, isLoaded: false, memoryBytes: 1, loadMs: 1 },
    },
    'production/bird-strike/0.9.0': { state: 'loading', digest: digest('0.9.0'), reason: '', message: '' },
    'production/bird-strike/0.8.0': { state: 'ready', digest: digest('0.8.0'), reason: '', message: '' },
  },
  metrics: {
    versions: [stable, { ...stable, version: '0.8.0' }],
    otherRequests: { 404: 106 },
    refusedRequests: { 400: 133, 431: 134 },
    waiting: { 'production/bird-strike/1.0.0': 107, 'production/bird-strike/0.8.0': 1 },
    ...{ loads: 108, loadFailures: 109, workerRestarts: 110, unloads: 111 },
    ...{ loadSeconds: histogram(112, 113, 114.5), swapSeconds: histogram(115, 116, 117.5) },
    versionMemory: { taken: 118, budget: 119 },
    predictionLog: {
      ...{ taken: 1, written: 120, dropped: 121 },
      outliers: [{ ...place, version: '1.0.0', scored: 122, outliers: 123 }],
    },
    spans: { sent: 124, dropped: 125 },
    caches: { 'production/bird-strike': { entries: 126, bytes: 127, evictions: 128 } },
    keyed: { first: 129, replayed: 130 },
    accessLog: { lines: 131, dropped: 132 },
    ...{ connections: 133, rssBytes: 134, cpuSeconds: 135.5 },
  },
};

const metrics: ServingMetrics = {
  processes: [
    { id: '0', pid: 1, startedAt: report.at, state: 'live', report, starts: 136 },
    { id: '1', pid: 2, startedAt: report.at, state: 'gone', report, starts: 137 },
  ],
  losses: (id) =>
    id === '0' ? { died: 138, stuck: 139, memory: 140 } : { died: 141, stuck: 142, memory: 143 },
  expected: 144,
  table: { revision: 145, deployments: [entry] },
  isTablePersisted: true,
  artifacts: { fetched: 146, failed: 147, repaired: 148, bytes: 149 },
};

const version = 'environment="production",deployment="bird-strike",version="1.0.0",role="stable",process="0"';
const other = (name: string, role: string) => version.replace('1.0.0', name).replace('stable', role);

/** As Prometheus has it: each bucket counts those below it, too. */
const lines = (name: string, labels: string, below: number, above: number, sum: number) => [
  `${name}_bucket{${labels},le="1"} ${below}`,
  `${name}_bucket{${labels},le="+Inf"} ${below + above}`,
  `${name}_sum{${labels}} ${sum}`,
  `${name}_count{${labels}} ${below + above}`,
];

const expected = [
  'switchyard_inference_process_up{process="0"} 1',
  'switchyard_inference_process_up{process="1"} 0',
  'switchyard_inference_process_starts_total{process="0"} 136',
  'switchyard_inference_process_starts_total{process="1"} 137',
  'switchyard_inference_process_ready{process="0"} 1',
  'switchyard_inference_process_rss_bytes{process="0"} 134',
  'switchyard_inference_process_memory_limit_bytes{process="0"} 101',
  'switchyard_inference_process_worker_processors{process="0"} 102',
  'switchyard_inference_process_cpu_seconds_total{process="0"} 135.5',
  'switchyard_inference_process_losses_total{process="0",cause="died"} 138',
  'switchyard_inference_process_losses_total{process="0",cause="stuck"} 139',
  'switchyard_inference_process_losses_total{process="0",cause="memory"} 140',
  'switchyard_inference_process_losses_total{process="1",cause="died"} 141',
  'switchyard_inference_process_losses_total{process="1",cause="stuck"} 142',
  'switchyard_inference_process_losses_total{process="1",cause="memory"} 143',
  'switchyard_inference_processes_expected 144',
  'switchyard_inference_connections{process="0"} 133',
  'switchyard_predictions_logged_total{process="0"} 120',
  'switchyard_predictions_unlogged_total{process="0"} 121',
  'switchyard_predictions_scored_rows_total{process="0",environment="production",deployment="bird-strike",version="1.0.0"} 122',
  'switchyard_predictions_outliers_total{process="0",environment="production",deployment="bird-strike",version="1.0.0"} 123',
  'switchyard_spans_sent_total{process="0"} 124',
  'switchyard_spans_dropped_total{process="0"} 125',
  'switchyard_idempotent_requests_total{result="first",process="0"} 129',
  'switchyard_idempotent_requests_total{result="replayed",process="0"} 130',
  'switchyard_idempotent_requests_total{result="underway",process="0"} 0',
  'switchyard_idempotent_requests_total{result="reused",process="0"} 0',
  'switchyard_access_log_lines_total{process="0"} 131',
  'switchyard_access_log_dropped_total{process="0"} 132',
  'switchyard_model_loads_total{process="0"} 108',
  'switchyard_model_load_failures_total{process="0"} 109',
  'switchyard_worker_restarts_total{process="0"} 110',
  'switchyard_other_requests_total{code="404",process="0"} 106',
  'switchyard_refused_requests_total{code="400",process="0"} 133',
  'switchyard_refused_requests_total{code="408",process="0"} 0',
  'switchyard_refused_requests_total{code="431",process="0"} 134',
  `switchyard_model_loaded{${version}} 1`,
  `switchyard_model_loaded{${other('1.1.0', 'candidate')}} 0`,
  `switchyard_model_loaded{${other('0.9.0', 'warm')}} 0`,
  `switchyard_model_memory_bytes{${version}} 103`,
  `switchyard_model_last_load_seconds{${version}} 104.5`,
  `switchyard_model_replicas{${version}} 105`,
  'switchyard_model_unloads_total{process="0"} 111',
  ...lines('switchyard_model_load_seconds', 'process="0"', 112, 113, 114.5),
  ...lines('switchyard_model_swap_seconds', 'process="0"', 115, 116, 117.5),
  'switchyard_model_memory_taken_bytes{process="0"} 118',
  'switchyard_model_memory_budget_bytes{process="0"} 119',
  `switchyard_requests_waiting{${version}} 107`,
  `switchyard_requests_waiting{${other('1.1.0', 'candidate')}} 0`,
  `switchyard_requests_waiting{${other('0.9.0', 'warm')}} 0`,
  `switchyard_requests_total{${version},code="200"} 201`,
  `switchyard_requests_total{${version},code="404"} 202`,
  `switchyard_requests_total{${version},code="500"} 203`,
  `switchyard_requests_total{${version},code="503"} 204`,
  // Those of 500 and above, and those that are no finite number.
  `switchyard_request_errors_total{${version}} ${203 + 204 + 213}`,
  `switchyard_requests_cancelled_total{${version}} 212`,
  `switchyard_request_duration_seconds_sum{${version}} 208.5`,
  `switchyard_request_duration_seconds_count{${version}} ${205 + 206 + 207}`,
  ...lines('switchyard_request_queue_seconds', version, 214, 215, 216.5),
  `switchyard_cache_requests_total{${version},result="hit"} 217`,
  `switchyard_cache_requests_total{${version},result="shared"} 218`,
  `switchyard_cache_requests_total{${version},result="miss"} 219`,
  ...lines('switchyard_batch_rows', version, 209, 210, 211),
  'switchyard_cache_entries{environment="production",deployment="bird-strike",process="0"} 126',
  'switchyard_cache_bytes{environment="production",deployment="bird-strike",process="0"} 127',
  'switchyard_cache_evictions_total{environment="production",deployment="bird-strike",process="0"} 128',
  'switchyard_variant_weight_percent{environment="production",deployment="bird-strike",version="1.0.0",role="stable"} 93',
  'switchyard_variant_weight_percent{environment="production",deployment="bird-strike",version="1.1.0",role="candidate"} 7',
  'switchyard_routing_table_revision 145',
  'switchyard_routing_table_persisted 1',
  'switchyard_served_deployments 1',
  'switchyard_artifacts_fetched_total 146',
  'switchyard_artifact_bytes_fetched_total 149',
  'switchyard_artifact_fetch_failures_total 147',
  'switchyard_artifacts_repaired_total 148',
];

describe('the page of a machine where all is counted', () => {
  const page = exposition(metrics).trim().split('\n');

  it('has each series with what it counts, and none of a version that the table does not hold', () => {
    const isSample = (line: string) => !line.startsWith('#') && !line.includes('duration_seconds_bucket');
    expect(page.filter(isSample).sort()).toEqual([...expected].sort());
  });

  it('has latencies in the buckets that are exposed, with the newest trace of each', () => {
    const bucket = 'switchyard_request_duration_seconds_bucket';
    const counts = page.filter((line) => line.startsWith(bucket));
    expect(counts).toEqual([
      ...exposedLatencyBounds.map((le) => {
        const count = le < 0.25 ? 0 : le < 10 ? 205 : 205 + 206;
        const exemplar = le === 10 ? ' # {trace_id="abc"} 4.5 1777889472.131' : '';
        return `${bucket}{${version},le="${le}"} ${count}${exemplar}`;
      }),
      `${bucket}{${version},le="+Inf"} ${205 + 206 + 207}`,
    ]);
  });

  it('has every metric that serving names, of the type that docs/metrics.md gives it', () => {
    const told = new Map(
      page.flatMap((line) => {
        const [, name = '', type = ''] = line.match(/^# TYPE (\w+) (\w+)$/) ?? [];
        return name === '' ? [] : [[name, type] as const];
      }),
    );
    const folder = packageFile('plugins/serving/exposition');
    const named = readdirSync(folder)
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/\bswitchyard_[a-z_]+/g) ?? []);
    expect([...told.keys()].sort()).toEqual([...new Set(named)].sort());
    const listed = readFileSync(packageFile('docs/metrics.md'), 'utf8');
    for (const [name, type] of told)
      expect(listed).toMatch(new RegExp(`^\\| \`${name}\` *\\| ${type} `, 'm'));
  });
});

describe('the page of a machine that nobody has asked yet', () => {
  const none = new Histogram([1]).snapshot();
  const unasked: VersionMetrics = {
    ...{ ...place, version: '1.0.0', requests: {}, seconds: none, batchRows: none, distances: none },
    ...{ nanAnswers: 0, scores: [] },
  };
  const idle: Report = {
    ...report,
    metrics: {
      ...report.metrics,
      ...{ versions: [unasked], otherRequests: {}, refusedRequests: {}, waiting: {}, keyed: {} },
      predictionLog: { taken: 0, written: 0, dropped: 0 },
    },
  };
  const rule: OutlierRule = { name: 'x', missing: 0, type: 'number', middle: 0, below: 1, above: 1 };
  const judged: ServedDeployment = { ...entry, logging: { sample: 1, redact: [], outliers: [rule] } };
  const page = exposition({
    ...metrics,
    table: { revision: 1, deployments: [judged] },
    processes: [{ ...metrics.processes[0]!, report: idle }],
  });

  it('has each series whose labels are known, at 0', () => {
    const scored = 'process="0",environment="production",deployment="bird-strike",version="1.0.0"';
    for (const series of [
      `switchyard_requests_waiting{${version}}`,
      `switchyard_requests_waiting{${other('1.1.0', 'candidate')}}`,
      `switchyard_requests_total{${version},code="200"}`,
      `switchyard_request_errors_total{${version}}`,
      `switchyard_requests_cancelled_total{${version}}`,
      `switchyard_request_duration_seconds_count{${version}}`,
      `switchyard_batch_rows_count{${version}}`,
      ...['hit', 'shared', 'miss'].map(
        (result) => `switchyard_cache_requests_total{${version},result="${result}"}`,
      ),
      ...keyedResults.map((result) => `switchyard_idempotent_requests_total{result="${result}",process="0"}`),
      'switchyard_other_requests_total{code="404",process="0"}',
      'switchyard_refused_requests_total{code="400",process="0"}',
      'switchyard_refused_requests_total{code="408",process="0"}',
      `switchyard_predictions_scored_rows_total{${scored}}`,
      `switchyard_predictions_outliers_total{${scored}}`,
    ])
      expect(page.split('\n')).toContain(`${series} 0`);
  });

  it('has none of what is not held, or not asked for', () => {
    expect(page).not.toContain('version="0.8.0"');
    const { caches: _, ...uncached } = idle.metrics;
    const plain = exposition({
      ...metrics,
      processes: [{ ...metrics.processes[0]!, report: { ...idle, metrics: uncached } }],
    });
    expect(plain).not.toMatch(/switchyard_(cache|predictions_(scored|outliers))/);
  });
});

describe('the page of a process that leaves out the bounds of latencies', () => {
  it('has them all the same', () => {
    const counted = new Metrics();
    for (const seconds of [0.0004, 0.003, 0.004, 11])
      counted.version('production', 'bird-strike', '1.0.0').answered(200, seconds);
    const { versions } = counted.snapshot();
    // Two hundred bounds would nearly double what is written of a version, each second.
    expect(JSON.stringify(versions).length).toBeLessThan(1_500);
    const page = exposition({
      ...metrics,
      processes: [
        { ...metrics.processes[0]!, report: { ...report, metrics: { ...report.metrics, versions } } },
      ],
    });
    const bucket = (le: string) => `switchyard_request_duration_seconds_bucket{${version},le="${le}"}`;
    for (const [le, count] of Object.entries({ '0.0005': 1, '0.0025': 1, '0.005': 3, '10': 3, '+Inf': 4 }))
      expect(page).toContain(`${bucket(le)} ${count}\n`);
  });
});

describe('the page of a machine where little is so', () => {
  it('says what is not, and is silent where nothing is known', () => {
    const { versions, otherRequests, waiting, loads, loadFailures, workerRestarts } = report.metrics;
    const bare: Report = {
      ...{
        type: 'report',
        id: '0',
        pid: 1,
        revision: 1,
        ready: false,
        at: report.at,
        versions: {},
        routes: {},
      },
      metrics: {
        ...{ versions, otherRequests, waiting, loads, loadFailures, workerRestarts },
        ...{ connections: 1, rssBytes: 2, cpuSeconds: 3 },
      },
    };
    const page = exposition({
      ...metrics,
      ...{ expected: undefined, isTablePersisted: false, table: { revision: 1, deployments: [] } },
      processes: [{ ...metrics.processes[0]!, report: bare }],
    });
    expect(page).toContain('switchyard_inference_process_ready{process="0"} 0\n');
    expect(page).toContain('switchyard_routing_table_persisted 0\n');
    const silent =
      /switchyard_(model_(loaded|memory|load_seconds|swap|unloads)|cache|spans|idempotent|access_log|predictions|refused)|_(expected|limit_bytes|worker_processors)\b|version=/;
    expect(page).not.toMatch(silent);
  });
});
