/** A promise that is not kept: from requests that fail in a real inference process to the alert at a receiver, and over a kill of control. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Notification } from '../../core/capabilities/notifier.ts';
import { heldOutStrikes, type Strike, tensorsOf } from '../../demo/strikes.ts';
import { openReceiver, type Receiver } from '../fixtures/receiver.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let yard: Yard;
let platform: Platform;
let receiver: Receiver;
let strike: Strike;

const manifest = 'environments/staging/bird-strike.yaml';
const commitLimits = (limits: string) =>
  yard.commit(
    manifest,
    (text) => `${text.replace(/^ {2}(batching|limits):.*\n/gm, '').trimEnd()}\n${limits}`,
  );
/** Requests wait for others for longer than they may. */
const failing = '  batching: { maxDelay: 1s }\n  limits: { timeout: 20ms }\n';

beforeAll(async () => {
  yard = await Yard.open();
  receiver = await openReceiver();
  await yard.commit('secrets/ear.yaml', () =>
    JSON.stringify({
      apiVersion: 'switchyard/v1',
      kind: 'Secret',
      metadata: { name: 'ear' },
      spec: { store: { env: { variables: { key: 'SWITCHYARD_SECRET_EAR' } } } },
    }),
  );
  await yard.commit('alerts/ear.yaml', () =>
    JSON.stringify({
      apiVersion: 'switchyard/v1',
      kind: 'AlertRoute',
      metadata: { name: 'ear' },
      spec: {
        receiver: 'ear',
        groupWait: '0s',
        groupInterval: '1s',
        receivers: [
          { name: 'ear', webhook: { url: `${receiver.url}/`, secretRef: { name: 'ear', key: 'key' } } },
        ],
      },
    }),
  );
  const [first] = await heldOutStrikes(`${yard.registry}/data/bird-strikes.csv`, 1995, 1996);
  if (first === undefined) throw new Error('there are no strikes');
  strike = first;
  // So strict a promise that it takes seconds to see that it is not kept.
  await yard.commit(
    manifest,
    (text) => `${text.trimEnd()}\n  slo: { availability: 99.999, minRequests: 5 }\n`,
  );
  platform = await yard.up(yard.registry, [], { SWITCHYARD_SECRET_EAR: 'key-of-a-journey' });
  await platform.converged();
});
afterAll(async () => {
  await yard?.close();
  await receiver?.close();
}, 60_000);

async function ask(): Promise<number> {
  const url = `${platform.run.inference}/environments/staging/v2/models/bird-strike/infer`;
  const body = JSON.stringify({ inputs: tensorsOf([strike]) });
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(url, { method: 'POST', headers, body });
  answered[status] = (answered[status] ?? 0) + 1;
  return status;
}
/** By status. */
const answered: Record<number, number> = {};
const all = () => Object.values(answered).reduce((sum, count) => sum + count, 0);

interface Shown {
  readonly objectives: readonly {
    readonly requests: number;
    readonly now: number | null;
    readonly state: string;
  }[];
}
const shown = async () =>
  (await platform.get<Shown>('/plugins/slo/deployments/staging/bird-strike')).objectives[0];
const arrived = () =>
  receiver.received
    .map(({ body }) => (JSON.parse(body) as { data: Notification }).data)
    .filter(({ alerts }) => alerts.some(({ name }) => name === 'slo-burns-fast'));

it('arrives as an alert with its evidence, and shows on the deployment and the command line', async () => {
  for (let index = 0; index < 10; index++) expect(await ask()).toBe(200);
  await commitLimits(failing);
  await platform.until('requests fail', async () => {
    await ask();
    return answered[504] === 10;
  });
  await platform.until('the alert arrives', async () => arrived().length > 0);
  const [alert] = arrived()[0]?.alerts ?? [];
  expect(alert).toMatchObject({
    severity: 'critical',
    ref: 'Deployment/staging/bird-strike',
    summary: expect.stringMatching(/^staging\/bird-strike burns its error budget \d+ times too fast$/),
    help: [{ command: 'switchyard slo staging/bird-strike' }],
  });
  const evidence = Object.fromEntries(alert?.evidence.map(({ name, value }) => [name, value]) ?? []);
  // Of what had been counted by then, which may be before the last of them failed.
  const failed = Number(/^504 \((\d+)\)$/.exec(String(evidence.errors))?.[1]);
  expect(failed).toBeGreaterThan(0);
  expect(failed).toBeLessThanOrEqual(10);
  expect(evidence.versions).toBe(`1.0.0: ${failed} of ${failed + (answered[200] ?? 0)} failed`);
  const { status } = await platform.resource('Deployment/staging/bird-strike');
  expect(status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Degraded', status: 'True', reason: 'ErrorBudgetBurning' }),
  );
  const table = await yard.switchyard(['slo', '--api', platform.run.api]);
  expect(table.out).toMatch(/staging\/bird-strike +availability 99\.999 % +burns fast +[\d.]+ %/);
});

it('is known as before after control was killed, with what was counted meanwhile', async () => {
  await commitLimits('');
  await platform.until('requests are answered', async () => (await ask()) === 200);
  const [control = Number.NaN] = await platform.children('control');
  process.kill(control, 'SIGKILL');
  for (let index = 0; index < 5; index++) expect(await ask()).toBe(200);
  await platform.until('another control knows all of it', async () => (await shown())?.requests === all());
  expect(await shown()).toMatchObject({ now: 1 - (answered[504] ?? 0) / all(), state: 'fast' });
});
