import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import type { MonitorView } from '../../cli/monitors/monitoring.ts';
import type { SinkStatus } from '../../core/capabilities/prediction-sink.ts';
import { heldOutStrikes, type Strike, tensorsOf } from '../../demo/strikes.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let yard: Yard;
let platform: Platform;
let asked = 0;

const monitor = `apiVersion: switchyard/v1
kind: Monitor
metadata: { name: strikes }
spec:
  target: { deployment: bird-strike, environment: production }
  window: { rows: 400 }
  schedule: { every: 1h }
  reference:
    dataset: { name: bird-strike, version: "1" }
  drift: { share: 50 }
`;

beforeAll(async () => {
  yard = await Yard.open();
  await yard.commit('platform.yaml', (text) => {
    const document = parse(text);
    const names = document.spec.plugins.map(({ name }: { name: string }) => name);
    if (!names.includes('monitors')) document.spec.plugins.push({ name: 'monitors' });
    return stringify(document);
  });
  await yard.commit('environments/production/bird-strike.yaml', (text) => {
    const document = parse(text);
    document.spec.logging ??= {};
    return stringify(document);
  });
  const commit = await yard.commit('monitors/strikes.yaml', () => monitor);
  platform = await yard.up();
  await platform.converged(commit);
});
afterAll(() => yard?.close(), 60_000);

const switchyard = (...words: string[]) => yard.switchyard([...words, '--api', platform.run.api]);

/** Production answers for those strikes, some to a request, and the log has them. */
async function ask(strikes: readonly Strike[]): Promise<void> {
  for (let at = 0; at < strikes.length; at += 50) {
    const some = strikes.slice(at, at + 50);
    const url = `${platform.run.inference}/environments/production/v2/models/bird-strike/infer`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: tensorsOf(some) }),
    });
    expect(response.status).toBe(200);
    await response.text();
    asked += some.length;
  }
  await platform.until('the log has all of it', async () => {
    const { predictions, waiting } = await platform.get<SinkStatus>('/plugins/prediction-log/status');
    return predictions === asked && waiting === 0;
  });
}

async function check(): Promise<MonitorView> {
  const { status, out, err } = await switchyard('monitor', 'run', 'strikes', '-o', 'json');
  expect([status, err]).toEqual([0, '']);
  return JSON.parse(out);
}

it('says that there is nothing to see, and no drift, where nothing was asked', async () => {
  const view = await check();
  expect(view).toMatchObject({ status: 'noData', isBreached: false, failure: null });
});

it('raises nothing for strikes of the years that the model was trained on', async () => {
  const strikes = await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1990, 1994);
  await ask(strikes);
  const view = await check();
  expect(view).toMatchObject({ status: 'ok', isBreached: false });
  // Rows of one request are of one moment: they come together.
  expect(view.rows).toBeGreaterThanOrEqual(400);
  expect(view.rows).toBeLessThan(450);
  const { conditions } = (await platform.resource('Monitor/strikes')).status ?? { conditions: [] };
  expect(conditions.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'True',
    reason: 'Unremarkable',
  });
  expect(conditions.find(({ type }) => type === 'Degraded')?.status).not.toBe('True');
  expect(await platform.journal('&type=monitor.breached')).toEqual([]);
});

it('raises drift for those of 1995 and later: as a condition, in the journal, as a metric, for people', async () => {
  const strikes = await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1996);
  await ask(strikes);
  const view = await check();
  expect(view).toMatchObject({ status: 'breached', isBreached: true });
  const { status } = await platform.resource('Monitor/strikes');
  expect(status?.conditions.find(({ type }) => type === 'Degraded')).toMatchObject({
    status: 'True',
    reason: 'DriftDetected',
  });
  const [entry] = await platform.journal('&type=monitor.breached');
  expect(entry).toMatchObject({ ref: 'Monitor/strikes', data: { status: 'breached' } });
  const metrics = await (await fetch(`${platform.run.api}/metrics`)).text();
  expect(metrics).toMatch(/^switchyard_monitor_breached\{monitor="strikes",.*\} 1$/m);
  const listed = await switchyard('monitors');
  expect(listed.out).toMatch(/^strikes +breached +production\/bird-strike +4\d\d /m);
  const shown = await switchyard('monitor', 'show', 'strikes');
  expect(shown.out).toMatch(/operator +jensen-shannon .* drifted/);
  const failed = await switchyard('monitor', 'run', 'strikes', '--fail-on-breach');
  expect(failed.status).toBe(1);
});

it('knows after a kill what it knew before, and checks no more often for it', async () => {
  const before = JSON.parse(
    (await switchyard('monitor', 'show', 'strikes', '-o', 'json')).out,
  ) as MonitorView;
  const [control = 0] = await platform.children('control');
  process.kill(control, 'SIGKILL');
  await platform.until('another control process shows the monitor', async () => {
    const [now] = await platform.children('control');
    const view = await platform.get<MonitorView>('/plugins/monitors/monitors/strikes');
    return now !== undefined && now !== control && view.lastRun === before.lastRun;
  });
  expect(await platform.journal('&type=monitor.breached')).toHaveLength(1);
});
