import { type Dashboard, dashboard } from './dashboard.ts';
import type { Graph } from './panel.ts';
import { answered, errorShare, place, placeVariables, quantileOf, rateOf, step } from './selectors.ts';

/** All deployments at a glance, then the platform below them. */
export function overviewDashboard(): Dashboard {
  return dashboard({
    name: 'overview',
    title: 'Overview',
    description: 'Is everything served, is anything wrong, and where to look next.',
    variables: placeVariables,
    rows: [
      { title: 'Now', graphs: now },
      { title: 'Answers', graphs: answers },
      { title: 'Inference processes', graphs: processes },
      { title: 'The registry', graphs: registry },
      { title: 'Telling people', graphs: telling },
    ],
  });
}

const yes = { 0: ['no', 'red'], 1: ['yes', 'green'] } as const;

const now: readonly Graph[] = [
  {
    type: 'stat',
    title: 'Registry is read',
    description: 'Whether the control process can read the registry. What runs goes on without it.',
    queries: [{ expr: 'min(switchyard_source_up)' }],
    width: 4,
    words: yes,
    floors: { red: 1 },
  },
  {
    type: 'stat',
    title: 'Newest commit waits',
    description: 'Whether the newest commit is held or refused.',
    queries: [{ expr: 'max(switchyard_snapshot_held)' }],
    width: 4,
    words: { 0: ['no', 'green'], 1: ['yes', 'red'] },
    limits: { red: 1 },
  },
  {
    type: 'stat',
    title: 'Processes ready',
    description: 'Share of the inference processes that there should be.',
    queries: [
      { expr: 'sum(switchyard_inference_process_ready) / sum(switchyard_inference_processes_expected)' },
    ],
    unit: 'percentunit',
    width: 4,
    floors: { red: 0.5, yellow: 1 },
  },
  {
    type: 'stat',
    title: 'Not ready',
    description: 'Resources that are not as they are declared.',
    queries: [{ expr: 'sum(switchyard_resources{ready="False"}) or vector(0)' }],
    width: 4,
    limits: { red: 1 },
  },
  {
    type: 'stat',
    title: 'Alerts',
    description: 'Alerts that Switchyard itself tells, or will if it goes on.',
    queries: [{ expr: 'sum(switchyard_alerts)' }],
    width: 4,
    limits: { yellow: 1, red: 5 },
  },
  {
    type: 'stat',
    title: 'Rolled back',
    description: 'Deployments whose last rollout was given up.',
    queries: [{ expr: 'sum(switchyard_rollout_phase{phase="rolledBack"}) or vector(0)' }],
    width: 4,
    limits: { red: 1 },
  },
];

const answers: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Answers per second',
    description: 'By deployment, without what shadows see.',
    unit: 'reqps',
    queries: [
      {
        expr: rateOf(`switchyard_requests_total{${answered}}`, 'environment, deployment'),
        legend: place,
      },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Errors',
    description: 'Share of answers with a status of 500 or above, or NaN in an output.',
    unit: 'percentunit',
    queries: [{ expr: errorShare(answered, 'environment, deployment'), legend: place }],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Latency, 95th percentile',
    description: 'From the whole request read to the answer written.',
    unit: 's',
    queries: [{ expr: quantileOf(0.95, answered, 'environment, deployment'), legend: place }],
    width: 8,
    min: 0,
  },
];

const processes: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Processor',
    description: 'Cores that each inference process keeps busy.',
    queries: [
      {
        expr: `rate(switchyard_inference_process_cpu_seconds_total[${step}])`,
        legend: 'process {{process}}',
      },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Memory',
    description: 'Resident memory of each inference process.',
    unit: 'bytes',
    queries: [{ expr: 'switchyard_inference_process_rss_bytes', legend: 'process {{process}}' }],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Troubles',
    description:
      'Starts of processes, lost worker threads and versions that could not be loaded, in 15 minutes.',
    queries: [
      { expr: 'sum(increase(switchyard_inference_process_starts_total[15m]))', legend: 'starts' },
      { expr: 'sum(increase(switchyard_worker_restarts_total[15m]))', legend: 'lost threads' },
      { expr: 'sum(increase(switchyard_model_load_failures_total[15m]))', legend: 'failed loads' },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Memory of versions',
    description: 'What loaded versions take, by deployment, in all inference processes.',
    unit: 'bytes',
    queries: [{ expr: 'sum by (environment, deployment) (switchyard_model_memory_bytes)', legend: place }],
    width: 8,
    min: 0,
    stacked: true,
  },
  {
    type: 'timeseries',
    title: 'Memory budget used',
    description: 'What versions take of `memoryBudget`, where the operator has set one.',
    unit: 'percentunit',
    queries: [
      {
        expr: 'switchyard_model_memory_taken_bytes / switchyard_model_memory_budget_bytes',
        legend: 'process {{process}}',
      },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Loads',
    description:
      'Versions made ready and versions that gave way to others, in 15 minutes. Many of both: the budget is too small.',
    queries: [
      { expr: 'sum(increase(switchyard_model_load_seconds_count[15m]))', legend: 'loaded' },
      { expr: 'sum(increase(switchyard_model_unloads_total[15m]))', legend: 'gave way' },
    ],
    width: 8,
    min: 0,
  },
];

const registry: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Commits applied in',
    description:
      'From the look that found a commit until controllers have it: the middle one and the slowest of 20.',
    unit: 's',
    queries: [
      {
        expr: 'histogram_quantile(0.5, sum by (le) (rate(switchyard_snapshot_seconds_bucket[15m])))',
        legend: 'p50',
      },
      {
        expr: 'histogram_quantile(0.95, sum by (le) (rate(switchyard_snapshot_seconds_bucket[15m])))',
        legend: 'p95',
      },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Reconcile runs per second',
    description: 'By how they ended.',
    queries: [{ expr: rateOf('switchyard_reconcile_total', 'result'), legend: '{{result}}' }],
    width: 8,
    min: 0,
    stacked: true,
  },
  {
    type: 'timeseries',
    title: 'Work that waits',
    description: 'Resources in the queue, issues of the newest snapshot, proposals.',
    queries: [
      { expr: 'sum(switchyard_queue_depth)', legend: 'queue' },
      { expr: 'sum by (severity) (switchyard_manifest_issues)', legend: 'issues: {{severity}}' },
      { expr: 'sum(switchyard_proposals_open)', legend: 'open proposals' },
      { expr: 'sum(switchyard_proposals_queued)', legend: 'to be proposed' },
    ],
    width: 8,
    min: 0,
  },
];

const telling: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Notifications',
    description: 'Attempts to deliver, by outcome.',
    queries: [
      { expr: 'sum by (outcome) (increase(switchyard_notifications_total[15m]))', legend: '{{outcome}}' },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Oldest notification that waits',
    description: 'Grows while a receiver is down.',
    unit: 's',
    queries: [{ expr: 'max(switchyard_notifications_oldest_seconds)', legend: 'age' }],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'The prediction log',
    description: 'Predictions that were handed in, and that found no room, per second.',
    queries: [
      { expr: 'sum(rate(switchyard_predictions_logged_total[5m]))', legend: 'logged' },
      { expr: 'sum(rate(switchyard_predictions_unlogged_total[5m]))', legend: 'dropped' },
    ],
    width: 8,
    min: 0,
  },
];
