import { type Dashboard, dashboard } from './dashboard.ts';
import type { Graph } from './panel.ts';
import { chosen, placeVariables } from './selectors.ts';

/** What deployments promise, as Switchyard itself reckons it: exact, and over restarts. */
export function sloDashboard(): Dashboard {
  return dashboard({
    name: 'slo',
    title: 'Service levels',
    description: 'What deployments promise, how it stands, and how fast their error budgets burn.',
    variables: placeVariables,
    rows: [
      { title: 'Now', graphs: now },
      { title: 'Burn rates', graphs: burns },
    ],
  });
}

const name = '{{environment}}/{{deployment}} {{slo}}';

const now: readonly Graph[] = [
  {
    type: 'stat',
    title: 'Burning',
    description: 'Objectives whose budget burns so that somebody must be told.',
    queries: [
      { expr: `sum(max by (environment, deployment, slo) (switchyard_slo_burning{${chosen}})) or vector(0)` },
    ],
    width: 4,
    height: 8,
    limits: { red: 1 },
  },
  {
    type: 'bargauge',
    title: 'Budget left',
    description: 'Share of the error budget that is left; below 0, more is spent.',
    unit: 'percentunit',
    queries: [{ expr: `switchyard_slo_budget_left_ratio{${chosen}}`, legend: name }],
    width: 10,
    min: 0,
    max: 1,
    floors: { red: 0.1, yellow: 0.5 },
  },
  {
    type: 'table',
    title: 'Objectives',
    description: 'The share of requests that is promised to be good, and the share that was.',
    unit: 'percentunit',
    queries: [
      { expr: `max by (environment, deployment, slo) (switchyard_slo_target_ratio{${chosen}})` },
      { expr: `max by (environment, deployment, slo) (switchyard_slo_good_ratio{${chosen}})` },
    ],
    columns: ['promised', 'now'],
    width: 10,
  },
  {
    type: 'timeseries',
    title: 'Budget left, over time',
    description: 'Falls while it burns, and rises when bad hours leave the window.',
    unit: 'percentunit',
    queries: [{ expr: `switchyard_slo_budget_left_ratio{${chosen}}`, legend: name }],
    width: 24,
    max: 1,
  },
];

function burn(window: string, limit: number): Graph {
  return {
    type: 'timeseries',
    title: `Burn rate over ${window}`,
    description: `1 spends the budget just within its window; beyond ${limit} somebody is told.`,
    queries: [{ expr: `switchyard_slo_burn_rate{${chosen}, window="${window}"}`, legend: name }],
    width: 8,
    min: 0,
    limits: { red: limit },
  };
}

const burns: readonly Graph[] = [burn('1h', 14.4), burn('6h', 6), burn('3d', 1)];
