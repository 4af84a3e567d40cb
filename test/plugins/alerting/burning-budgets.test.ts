import { afterEach, beforeEach, expect, it } from 'vitest';
import { minute, SloWorld } from '../slo/slo-world.ts';
import { AlertingWorld } from './alerting-world.ts';

const geese = 'Deployment/production/geese';
let world: AlertingWorld;
let slo: SloWorld;

beforeEach(async () => {
  slo = new SloWorld();
  await slo.open();
  world = new AlertingWorld();
  await world.start();
  world.route({ groupWait: '0s', groupInterval: '10s' });
  await world.declare(geese);
});
afterEach(async () => {
  await world.close();
  slo.close();
});

/** The deployment shows what the plugin says of it. */
const shows = () =>
  world.becomes(
    geese,
    slo.level.burning === undefined
      ? undefined
      : { type: 'Degraded', reason: 'ErrorBudgetBurning', message: slo.level.burning.message },
    { slo: slo.level },
  );

it('a budget that burns fast is told with how fast, what is left, since when, errors and versions', async () => {
  await shows();
  await slo.passes(20 * minute, { bad: 0.5 });
  await shows();
  await world.passes(20_000);
  expect(world.ear.said).toEqual(['firing slo-burns-fast']);
  const [alert] = world.ear.heard[0]?.alerts ?? [];
  expect(alert).toMatchObject({
    severity: 'critical',
    ref: geese,
    summary: `production/geese burns its error budget ${slo.level.burning?.objectives[0]?.burnRate} times too fast`,
    help: [{ command: 'switchyard slo production/geese' }],
  });
  const evidence = new Map(alert?.evidence.map(({ name, value }) => [name, value]));
  expect(evidence.get('budget left')).toMatch(/^\d+ %$/);
  expect(evidence.get('since')).toBe(slo.level.burning?.since);
  expect(evidence.get('errors')).toMatch(/^503 \(\d+\)$/);
  expect(evidence.get('versions')).toMatch(/^1\.0\.0: \d+ of \d+ failed$/);
});

it('one that burns slowly is told as such, and as over when it does no more', async () => {
  const level = (speed: 'fast' | 'slow') => ({
    budgetLeft: { availability: 40 },
    burning: { speed, since: '', message: 'it burns', objectives: [] },
  });
  await world.becomes(geese, undefined, { slo: level('slow') });
  await world.passes(20_000);
  await world.becomes(geese, undefined, { slo: level('fast') });
  await world.passes(20_000);
  await world.becomes(geese, undefined, { slo: { budgetLeft: { availability: 40 } } });
  await world.passes(20_000);
  expect(world.ear.said.join(', ')).toMatch(
    /^firing slo-burns-slowly, firing .*slo-burns-fast.*resolved .*slo-burns-fast/,
  );
  expect([...world.alerting.memory.state.alerts.values()].map(({ phase }) => phase)).toEqual([
    'resolved',
    'resolved',
  ]);
});
