import { type Dashboard, dashboard } from './dashboard.ts';
import type { Graph } from './panel.ts';
import { chosen, placeVariables } from './selectors.ts';

/** What monitors found: how far traffic is from what models were made for. */
export function driftDashboard(): Dashboard {
  return dashboard({
    name: 'drift',
    title: 'Drift',
    description: 'What monitors found, column by column, and whether they run.',
    variables: [
      ...placeVariables,
      {
        name: 'monitor',
        label: 'Monitor',
        metric: 'switchyard_monitor_breached{environment=~"$environment"}',
      },
    ],
    rows: [
      { title: 'Verdicts', graphs: verdicts },
      { title: 'Columns', graphs: columns },
      { title: 'Whether they run', graphs: runs },
    ],
  });
}

const watched = `${chosen}, monitor=~"$monitor"`;
const statuses = ['ok', 'noData', 'inconclusive', 'warning', 'error', 'breached'];
const colors = ['green', 'text', 'blue', 'yellow', 'orange', 'red'];

const verdicts: readonly Graph[] = [
  {
    type: 'state-timeline',
    title: 'Status',
    description: 'What the last check of each monitor came to.',
    queries: [
      {
        // Only the status that a monitor has is exposed.
        expr: `max by (monitor, environment, deployment) (${statuses
          .map((status, index) => `${index} * switchyard_monitor_status{${watched}, status="${status}"}`)
          .join(' or ')})`,
        legend: '{{monitor}} ({{environment}}/{{deployment}})',
      },
    ],
    width: 16,
    words: Object.fromEntries(statuses.map((status, index) => [index, [status, colors[index] ?? 'text']])),
  },
  {
    type: 'stat',
    title: 'Breached',
    description: 'Monitors whose last word was a breach.',
    queries: [{ expr: `sum(switchyard_monitor_breached{${watched}}) or vector(0)` }],
    width: 8,
    height: 8,
    limits: { red: 1 },
  },
];

const columns: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Drifted columns',
    description: 'Of those that were compared.',
    unit: 'percent',
    queries: [{ expr: `switchyard_monitor_drifted_columns_percent{${watched}}`, legend: '{{monitor}}' }],
    width: 8,
    min: 0,
    max: 100,
  },
  {
    type: 'timeseries',
    title: 'How far each column is from the reference',
    description: 'By its own test: values of different tests are not to be compared with each other.',
    queries: [
      { expr: `switchyard_monitor_column_effect{${watched}}`, legend: '{{monitor}} {{column}} ({{test}})' },
    ],
    width: 16,
    min: 0,
  },
];

const runs: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Rows in the window',
    description: 'Of the last check. Too few rows judge nothing.',
    queries: [{ expr: `switchyard_monitor_rows{${watched}}`, legend: '{{monitor}}' }],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Since the last check',
    description: 'It falls to 0 with each check; one that only grows is a monitor that does not run.',
    unit: 's',
    queries: [
      { expr: `time() - switchyard_monitor_last_run_timestamp_seconds{${watched}}`, legend: '{{monitor}}' },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Checks an hour',
    description: 'By how they ended.',
    queries: [
      {
        expr: `sum by (status) (increase(switchyard_monitor_checks_total{${watched}}[1h]))`,
        legend: '{{status}}',
      },
    ],
    width: 8,
    min: 0,
    stacked: true,
  },
];
