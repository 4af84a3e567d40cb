import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logUnavailable } from '../../../core/capabilities/prediction-sink-errors.ts';
import { heldOutStrikes } from '../../../demo/strikes.ts';
import { observeResource } from '../../../plugins/alerting/rules/observe.ts';
import { MonitorsWorld, strikesFile } from '../monitors/monitors-world.ts';
import { AlertingWorld } from './alerting-world.ts';

const drift = 'Monitor/drift';
const minute = 60_000;
let world: AlertingWorld;

beforeEach(async () => {
  world = new AlertingWorld();
  await world.start();
  world.route({ groupWait: '0s', groupInterval: '10s' });
  await world.declare(drift);
});
afterEach(() => world.close());

/** As plugins/monitors shows a monitor whose next check is due so many minutes from now. */
const shows = (dueIn: number, more: object = {}, reason?: string) =>
  world.becomes(
    drift,
    reason === undefined ? undefined : { type: 'Degraded', reason, message: '5 of 9 columns drifted' },
    {
      status: 'ok',
      isBreached: false,
      lastRun: new Date(world.clock.now()).toISOString(),
      nextRunBy: new Date(world.clock.now() + dueIn * minute).toISOString(),
      ...more,
    },
  );
const alertsHeard = () => world.ear.heard.flatMap(({ alerts }) => alerts);

describe('a monitor that falls silent', () => {
  it('is told although nothing moves, and as over when it looks again', async () => {
    await shows(30);
    await world.passes(29 * minute);
    expect(world.ear.said).toEqual([]);
    await world.passes(3 * minute);
    expect(world.ear.said).toEqual(['firing monitor-silent']);
    const [alert] = alertsHeard();
    expect(alert?.summary).toMatch(/^the monitor drift has not looked since 20\d\d-/);
    expect(alert?.help).toContainEqual({ text: 'Look', command: 'switchyard monitor show drift' });
    await shows(30);
    await world.passes(minute);
    expect(world.ear.said).toEqual(['firing monitor-silent', 'resolved monitor-silent']);
  });

  it('is left in peace while it looks in time', async () => {
    for (let index = 0; index < 6; index++) {
      await shows(15);
      await world.passes(10 * minute);
    }
    expect(world.ear.said).toEqual([]);
  });

  it('that has not been reconciled yet tells nothing', async () => {
    await world.passes(30 * minute);
    expect(world.ear.said).toEqual([]);
  });
});

it('an alert has the labels of what the monitor watches', () => {
  const declared = world.resources.get(drift)!;
  const spec = { target: { environment: 'production', deployment: 'bird-strike' } };
  expect(observeResource(drift, { ...declared, spec }, undefined, 0).labels).toEqual({
    ...{ kind: 'Monitor', name: 'drift' },
    ...spec.target,
  });
});

it('a breach is told with what drifted, in which window, since when', async () => {
  const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', rows: 1200 };
  const since = '2026-01-02T00:05:00.000Z';
  const found = { columns: 9, compared: 9, drifted: 5, sharePercent: 55, names: ['speed', 'height'] };
  await shows(30, { status: 'breached', isBreached: true, since, window, drift: found }, 'DriftDetected');
  await world.passes(20_000);
  expect(world.ear.said).toEqual(['firing monitor-breached']);
  const [alert] = alertsHeard();
  expect(alert?.summary).toBe('the monitor drift tells of a breach: 5 of 9 columns drifted');
  expect(Object.fromEntries(alert?.evidence.map(({ name, value }) => [name, value]) ?? [])).toMatchObject({
    since,
    window: `${window.from} to ${window.to}`,
    rows: '1200',
    columns: '["speed","height"]',
    drift: '5 of 9 columns',
  });
});

it('what the plugin monitors says of real drift arrives with its columns, and so does a check that fails', async () => {
  const monitors = await new MonitorsWorld().open();
  try {
    const told = async () => {
      const { degraded, facts } = await monitors.checked();
      await world.becomes(drift, degraded && { type: 'Degraded', ...degraded }, facts);
      await world.passes(20_000);
    };
    monitors.ask(await heldOutStrikes(strikesFile, 1995, 1995));
    await told();
    expect(world.ear.said).toEqual(['firing monitor-breached']);
    const evidence = new Map(alertsHeard()[0]?.evidence.map(({ name, value }) => [name, value]));
    expect(evidence.get('columns')).toMatch(/^\["\w+"/);
    expect(evidence.get('drift')).toMatch(/^\d+ of \d+ columns$/);
    expect(evidence.get('window')).toMatch(/^2026-\S+ to 2026-\S+$/);
    expect(Date.parse(evidence.get('since') ?? '')).not.toBeNaN();
    monitors.failure = logUnavailable('its disk is gone');
    for (const _ of [1, 2, 3]) {
      monitors.turn(3_605_000);
      await told();
    }
    expect(world.ear.said.at(-1)).toContain('monitor-cannot-judge');
  } finally {
    await monitors.close();
  }
});

it('predictions that are less right than they should be are told with the figures and the proposal', async () => {
  const facts = {
    ...{ status: 'breached', isBreached: true, since: '2026-01-02T00:05:00.000Z' },
    performance: { labels: 400, isEstimated: false, figures: { auc: 0.71 } },
    proposal: { state: 'open', number: 12, version: '1.0.0' },
  };
  await shows(30, facts, 'PerformanceBelowLimit');
  await world.passes(20_000);
  const [alert] = alertsHeard();
  expect(alert?.help[0]).toEqual({ text: 'Review proposal 12', command: 'switchyard show 12' });
  const evidence = new Map(alert?.evidence.map(({ name, value }) => [name, value]));
  expect(evidence.get('figures')).toBe('{"auc":0.71}');
  // Nothing is said of what it does not watch.
  expect([...evidence.keys()]).not.toContain('drift');
  expect([...evidence.keys()]).not.toContain('columns');
});

it('checks that cannot judge are told when it goes on', async () => {
  const failed = (times: number) =>
    shows(30, { status: 'error', failure: { code: 'LogUnavailable', times } }, 'LogUnavailable');
  await failed(2);
  await world.passes(minute);
  expect(world.ear.said).toEqual([]);
  await failed(3);
  await world.passes(20_000);
  expect(world.ear.said).toEqual(['firing monitor-cannot-judge']);
});

it('a registry whose newest commit is not applied is told with how far behind the platform is', async () => {
  world.head = { ...world.head, commit: 'newer', lookedAt: new Date(world.clock.now()).toISOString() };
  await world.passes(5 * minute + 30_000);
  expect(world.ear.said).toEqual(['firing registry-lags']);
  expect(alertsHeard()[0]?.summary).toBe('the platform lags 5 minutes behind the registry');
  await world.passes(4 * minute);
  const [alert] = [...world.alerting.memory.state.alerts.values()];
  expect(alert?.content.summary).toBe('the platform lags 9 minutes behind the registry');
});
