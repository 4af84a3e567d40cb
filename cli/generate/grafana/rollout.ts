import { type Dashboard, dashboard } from './dashboard.ts';
import type { Graph } from './panel.ts';
import { chosen, errorShare, place, placeVariables, quantileOf } from './selectors.ts';

/** Where rollouts are, what they are judged by, and how they ended. */
export function rolloutDashboard(): Dashboard {
  return dashboard({
    name: 'rollout',
    title: 'Rollouts',
    description: 'Where each rollout is, what its candidate does beside stable, and how rollouts ended.',
    variables: placeVariables,
    rows: [
      { title: 'Where they are', graphs: where },
      { title: 'Candidate beside stable', graphs: beside },
      { title: 'How they ended', graphs: ended },
    ],
  });
}

const phases = ['steady', 'loading', 'walking', 'paused', 'undecided', 'rolledBack'];
const colors = ['green', 'blue', 'light-blue', 'yellow', 'orange', 'red'];
const labels = 'environment, deployment';

const where: readonly Graph[] = [
  {
    type: 'state-timeline',
    title: 'Phase',
    description:
      'Steady, loading, walking, paused (waits for a human), undecided (an analysis cannot tell), rolled back.',
    queries: [
      {
        // Exactly one phase is 1: the sum of their numbers is the number of that one.
        expr: phases
          .map(
            (phase, index) =>
              `${index} * sum by (${labels}) (switchyard_rollout_phase{${chosen}, phase="${phase}"})`,
          )
          .join(' + '),
        legend: place,
      },
    ],
    width: 24,
    words: Object.fromEntries(phases.map((phase, index) => [index, [phase, colors[index] ?? 'text']])),
  },
  {
    type: 'timeseries',
    title: 'Share of the candidate',
    description: 'The weight of candidates and arms in the newest routing table, and what shadows see.',
    unit: 'percent',
    queries: [
      {
        expr: `switchyard_variant_weight_percent{${chosen}, role=~"candidate|arm|shadow"}`,
        legend: `${place} {{version}} ({{role}})`,
      },
    ],
    width: 16,
    min: 0,
    max: 100,
  },
  {
    type: 'table',
    title: 'Steps',
    description: 'The step that a rollout under way is at; 0 while its version is loaded.',
    queries: [
      { expr: `max by (${labels}, version, strategy) (switchyard_rollout_step{${chosen}})` },
      { expr: `max by (${labels}, version, strategy) (switchyard_rollout_steps{${chosen}})` },
    ],
    columns: ['step', 'of'],
    width: 8,
  },
];

const candidates = `${chosen}, role=~"stable|candidate|shadow|arm"`;
const byRole = 'environment, deployment, role';

const beside: readonly Graph[] = [
  {
    type: 'timeseries',
    title: 'Errors',
    description: 'Share of answers that are errors, by role.',
    unit: 'percentunit',
    queries: [{ expr: errorShare(candidates, byRole), legend: `${place} ({{role}})` }],
    width: 12,
    min: 0,
  },
  {
    type: 'timeseries',
    title: 'Latency, 95th percentile',
    description: 'By role.',
    unit: 's',
    queries: [{ expr: quantileOf(0.95, candidates, byRole), legend: `${place} ({{role}})` }],
    width: 12,
    min: 0,
  },
];

const ended: readonly Graph[] = [
  {
    type: 'bargauge',
    title: 'Rollouts',
    description: 'That ended in the time shown, by how.',
    queries: [
      {
        expr: `sum by (result) (increase(switchyard_rollouts_total{${chosen}}[$__range]))`,
        legend: '{{result}}',
      },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'bargauge',
    title: 'Rollbacks',
    description: 'In the time shown, by why.',
    queries: [
      {
        expr: `sum by (reason) (increase(switchyard_rollbacks_total{${chosen}}[$__range]))`,
        legend: '{{reason}}',
      },
    ],
    width: 8,
    min: 0,
  },
  {
    type: 'bargauge',
    title: 'Analyses',
    description: 'That ended in the time shown, by outcome.',
    queries: [
      {
        expr: `sum by (outcome) (increase(switchyard_analyses_total{${chosen}}[$__range]))`,
        legend: '{{outcome}}',
      },
    ],
    width: 8,
    min: 0,
  },
];
