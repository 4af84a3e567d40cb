import { expect, it } from 'vitest';
import type { KeptAnalysis } from '../../../plugins/rollout/analysis/analyses.ts';
import { record, start } from '../../../plugins/rollout/analysis/analysis-run.ts';
import type { MetricDefinition } from '../../../plugins/rollout/analysis/metric-definition.ts';
import type { Reading } from '../../../plugins/rollout/analysis/reading.ts';
import { measuredIn } from '../../../plugins/rollout/measured-facts.ts';

const began = Date.parse('2026-03-01T12:00:00Z');

const definition = (name: string, limits: object): MetricDefinition => ({
  limits: { name: `t/${name}`, ...limits },
  provider: 'builtin',
  query: {},
  successCondition: 'result.candidate <= 0.2',
});

function kept(
  definitions: readonly MetricDefinition[],
  readings: Readonly<Record<string, Reading>>,
): KeptAnalysis {
  let run = start(
    definitions.map(({ limits }) => limits),
    began,
  );
  for (const [name, reading] of Object.entries(readings)) run = record(run, name, reading, began + 1_000);
  return { candidate: '1.1.0', templates: [{ name: 't', digest: 'd' }], definitions, lead: 0, run };
}

const failing: Reading = {
  type: 'value',
  result: { candidate: 0.3 },
  conditions: { success: false },
  samples: 40,
  observedAt: began,
};

it('says of each metric in which step it is measured, how far it is, and how long it still takes', () => {
  const runs = {
    '1.1.0/7/background': kept([definition('endless', { interval: 5_000 })], {}),
    '1.1.0/7/step-12/2': kept(
      [definition('one', { interval: 5_000, count: 4, failureLimit: 1 }), definition('other', {})],
      { 't/one': failing, 't/other': { type: 'error', code: 'MetricsUnreachable', message: 'away' } },
    ),
  };
  const condition = 'result.candidate <= 0.2';
  expect(measuredIn(runs).measured).toEqual([
    { metric: 't/endless', condition, looks: 0, failed: 0 },
    {
      metric: 't/one',
      step: 12,
      outcome: 'Failed',
      result: { candidate: 0.3 },
      samples: 40,
      condition,
      looks: 1,
      failed: 1,
      taken: 1,
      count: 4,
      until: '2026-03-01T12:00:16.000Z',
    },
    {
      metric: 't/other',
      step: 12,
      outcome: 'Error',
      note: 'MetricsUnreachable: away',
      condition,
      looks: 1,
      failed: 0,
      // An error is no measurement: it is made again.
      taken: 0,
      count: 1,
      until: '2026-03-01T12:00:21.000Z',
    },
  ]);
});

it('names no time for what is over', () => {
  const run = kept([definition('one', { failureLimit: 0 })], { 't/one': failing });
  const [one] = measuredIn({ '1.1.0/7/step-1': run }).measured;
  expect(one).toMatchObject({ step: 1, outcome: 'Failed', taken: 1, count: 1 });
  expect(one).not.toHaveProperty('until');
});
