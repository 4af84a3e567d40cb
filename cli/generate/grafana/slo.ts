import { type Dashboard, dashboard, type Graph } from './dashboard.ts';
import { chosen, placeVariables } from './selectors.ts';

/** Objectives and their budgets, as the recording rules of `switchyard generate prometheus-rules` have them. */
export function sloDashboard(): Dashboard {
  return dashboard({
    name: 'slo',
    title: 'Objectives',
    description:
      'What deployments promise, and how much of their error budgets is left. Needs the generated rules.',
    variables: placeVariables,
    rows: [
      { title: 'Budgets', graphs: budgets },
      { title: 'Burn rates', graphs: burns },
    ],
  });
}

const name = '{{environment}}/{{deployment}} {{slo}}';

const budgets: readonly Graph[] = [
  {
    type: 'bargauge',
    title: 'Budget left',
    description:
      'Share of the error budget of the whole window that is left; below 0, the objective is missed.',
    unit: 'percentunit',
    queries: [{ expr: `switchyard:slo_error_budget_remaining:ratio{${chosen}}`, legend: name }],
    width: 12,
    min: 0,
    max: 1,
    floors: { red: 0.1, yellow: 0.5 },
  },
  {
    type: 'timeseries',
    title: 'Budget left, over time',
    description: 'Falls while it burns, and rises when bad hours leave the window.',
    unit: 'percentunit',
    queries: [{ expr: `switchyard:slo_error_budget_remaining:ratio{${chosen}}`, legend: name }],
    width: 12,
    max: 1,
  },
];

function burn(window: string, limit: number): Graph {
  const ratio = `switchyard:slo_errors:ratio_rate${window}{${chosen}}`;
  return {
    type: 'timeseries',
    title: `Burn rate over ${window}`,
    description: `1 uses up the budget just at the end of its window; an alert fires above ${limit}.`,
    queries: [
      {
        expr: `${ratio} / on (environment, deployment, slo) switchyard:slo_error_budget:ratio`,
        legend: name,
      },
    ],
    width: 8,
    min: 0,
    limits: { red: limit },
  };
}

const burns: readonly Graph[] = [burn('1h', 14.4), burn('6h', 6), burn('3d', 1)];
