import { type Dashboard, dashboard } from './dashboard.ts';
import type { Graph } from './panel.ts';
import { chosen, placeVariables, rateOf, step } from './selectors.ts';

/** What serving takes of the machine, and by whom. */
export function costDashboard(): Dashboard {
  return dashboard({
    name: 'cost',
    title: 'Cost',
    description:
      'Processor, memory and disk that serving takes. Processor time is measured by process; by deployment it is shared out by the time that requests took.',
    variables: [
      ...placeVariables,
      { name: 'core_hour', label: 'Price of a core for an hour', typed: '0.04' },
      { name: 'gib_hour', label: 'Price of a GiB of memory for an hour', typed: '0.005' },
    ],
    rows: [
      { title: 'In money', graphs: money },
      { title: 'In what the machine gives', graphs: machine },
      { title: 'By deployment', graphs: byDeployment },
    ],
  });
}

const cores = `sum(rate(switchyard_inference_process_cpu_seconds_total[${step}]))`;
const memory = 'sum(switchyard_inference_process_rss_bytes) / 1073741824';
const answers = `sum(rate(switchyard_requests_total[${step}]))`;
const place = 'environment, deployment';
/** Of what all requests together take, the part of each deployment; the model's run is most of it. */
const share = `${rateOf(`switchyard_request_duration_seconds_sum{${chosen}}`, place)} / on () group_left () sum(rate(switchyard_request_duration_seconds_sum[${step}]))`;

const money: readonly Graph[] = [
  {
    type: 'stat',
    title: 'An hour of serving',
    description: 'Processor time that was used and memory that is held, at the prices above.',
    queries: [{ expr: `${cores} * $core_hour + ${memory} * $gib_hour` }],
    width: 8,
  },
  {
    type: 'stat',
    title: 'A month at this rate',
    description: '730 hours like this one.',
    queries: [{ expr: `730 * (${cores} * $core_hour + ${memory} * $gib_hour)` }],
    width: 8,
  },
  {
    type: 'stat',
    title: 'A million predictions',
    description: 'At the present rate of answers; nothing is shown without traffic.',
    queries: [
      { expr: `1000000 * (${cores} * $core_hour + ${memory} * $gib_hour) / 3600 / (${answers} > 0)` },
    ],
    width: 8,
  },
];

const machine: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Cores',
    description: 'Kept busy by inference processes.',
    queries: [{ expr: cores, legend: 'cores' }],
    width: 6,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Processor time of an answer',
    description: 'All processor time, shared out evenly.',
    unit: 's',
    queries: [{ expr: `${cores} / (${answers} > 0)`, legend: 'an answer' }],
    width: 6,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Memory',
    description: 'Resident memory of inference processes.',
    unit: 'bytes',
    queries: [{ expr: 'sum(switchyard_inference_process_rss_bytes)', legend: 'memory' }],
    width: 6,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Kept and fetched',
    description:
      'Files of the prediction log, and artifacts that were fetched since the control process began.',
    unit: 'bytes',
    queries: [
      { expr: 'sum(switchyard_prediction_log_bytes)', legend: 'prediction log' },
      { expr: 'sum(switchyard_artifact_bytes_fetched_total)', legend: 'artifacts fetched' },
    ],
    width: 6,
    min: 0,
  },
];

const byDeployment: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Cores, by deployment',
    description: 'Shared out by the time that requests took: an estimate.',
    queries: [
      { expr: `(${share}) * on () group_left () ${cores}`, legend: '{{environment}}/{{deployment}}' },
    ],
    width: 12,
    min: 0,
    stacked: true,
  },
  {
    type: 'timeseries',
    title: 'Shadows and candidates',
    description: 'Requests per second that others than stable answer or see: what trying costs.',
    unit: 'reqps',
    queries: [
      {
        expr: rateOf(`switchyard_requests_total{${chosen}, role=~"shadow|candidate|arm"}`, `${place}, role`),
        legend: '{{environment}}/{{deployment}} ({{role}})',
      },
    ],
    width: 12,
    min: 0,
    stacked: true,
  },
];
