import { type Dashboard, dashboard } from './dashboard.ts';
import type { Graph } from './panel.ts';
import { answered, chosen, errorShare, quantileOf, rateOf } from './selectors.ts';

/** A model that is deployed, as the manifests have it. */
export interface DeployedModel {
  readonly name: string;
  readonly description?: string;
  readonly owners: readonly string[];
  readonly environments: readonly string[];
  readonly deployments: readonly string[];
}

/** What one model answers, version beside version. */
export function modelDashboard(model: DeployedModel): Dashboard {
  const { name, description, owners, environments, deployments } = model;
  return dashboard({
    name: `model-${name}`,
    title: name,
    description: [
      description ?? `What the versions of ${name} answer.`,
      owners.length === 0 ? '' : `Owners: ${owners.join(', ')}.`,
    ]
      .join(' ')
      .trim(),
    variables: [
      { name: 'environment', label: 'Environment', values: environments },
      { name: 'deployment', label: 'Deployment', values: deployments },
    ],
    rows: [
      { title: 'What answers', graphs: shares },
      { title: 'How it answers', graphs: answers },
      { title: 'How it runs', graphs: runs },
      { title: 'What it takes', graphs: takes },
    ],
  });
}

const version = '{{environment}}/{{deployment}} {{version}} ({{role}})';
const byVersion = 'environment, deployment, version, role';

const shares: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Share of requests',
    description:
      'The weight of each version in the newest routing table; of a shadow, the share that it sees.',
    unit: 'percent',
    queries: [{ expr: `switchyard_variant_weight_percent{${chosen}}`, legend: version }],
    width: 12,
    min: 0,
    max: 100,
  },
  {
    type: 'timeseries',
    title: 'Answers per second',
    description: 'By version and role.',
    unit: 'reqps',
    queries: [{ expr: rateOf(`switchyard_requests_total{${chosen}}`, byVersion), legend: version }],
    width: 12,
    min: 0,
  },
];

const answers: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Errors',
    description: 'Share of answers with a status of 500 or above, or NaN in an output.',
    unit: 'percentunit',
    queries: [{ expr: errorShare(chosen, byVersion), legend: version }],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Latency, middle',
    description: 'From the whole request read to the answer written.',
    unit: 's',
    queries: [{ expr: quantileOf(0.5, chosen, byVersion), legend: version }],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Latency, 95th percentile',
    description: 'From the whole request read to the answer written.',
    unit: 's',
    queries: [{ expr: quantileOf(0.95, chosen, byVersion), legend: version }],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Answers by status',
    description: 'As HTTP has it: 4xx are the client’s, 5xx are ours.',
    unit: 'reqps',
    queries: [{ expr: rateOf(`switchyard_requests_total{${answered}}`, 'code'), legend: '{{code}}' }],
    width: 24,
    min: 0,
    stacked: true,
  },
];

const runs: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Rows a run',
    description: 'How many rows share a run of the model, on average: batching.',
    queries: [
      {
        expr: `${rateOf(`switchyard_batch_rows_sum{${chosen}}`, byVersion)} / ${rateOf(`switchyard_batch_rows_count{${chosen}}`, byVersion)}`,
        legend: version,
      },
    ],
    width: 12,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Requests that wait',
    description: 'For a run. `limits.maxQueue` says how many may.',
    queries: [{ expr: `sum by (${byVersion}) (switchyard_requests_waiting{${chosen}})`, legend: version }],
    width: 12,
    min: 0,
  },
];

const takes: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Memory',
    description: 'What inference processes have grown by for each version, all its replicas together.',
    unit: 'bytes',
    queries: [{ expr: `sum by (${byVersion}) (switchyard_model_memory_bytes{${chosen}})`, legend: version }],
    width: 8,
    min: 0,
    stacked: true,
  },
  {
    type: 'timeseries',
    title: 'Replicas',
    description: 'Worker threads that run it, in all inference processes; 1 a process on the event loop.',
    queries: [{ expr: `sum by (${byVersion}) (switchyard_model_replicas{${chosen}})`, legend: version }],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'In memory',
    description:
      'Share of inference processes that have it loaded; the others load it, cannot, or let it sleep.',
    unit: 'percentunit',
    queries: [{ expr: `avg by (${byVersion}) (switchyard_model_loaded{${chosen}})`, legend: version }],
    width: 8,
    min: 0,
    max: 1,
  },
  {
    type: 'timeseries',
    title: 'Loading',
    description: 'How long the last load took, in the slowest process.',
    unit: 's',
    queries: [
      { expr: `max by (${byVersion}) (switchyard_model_last_load_seconds{${chosen}})`, legend: version },
    ],
    width: 24,
    min: 0,
  },
];
