import { afterEach, beforeEach, expect, it } from 'vitest';
import { RolloutWorld } from '../../fixtures/rollout-world.ts';
import { AlertingWorld } from './alerting-world.ts';

const geese = 'Deployment/production/geese';
const minute = 60_000;
let world: AlertingWorld;
let rollout: RolloutWorld;

beforeEach(async () => {
  rollout = new RolloutWorld();
  await rollout.reconcile();
  rollout.runtime.finish(rollout.key, '1.0.0');
  world = new AlertingWorld();
  await world.start();
  world.route({ groupWait: '0s', groupInterval: '10s' });
  await world.declare(geese);
});
afterEach(() => world.close());

/** A process ends under these versions, and the deployment shows what it knows. */
async function dies(...versions: string[]): Promise<void> {
  const { losses } = rollout.runtime;
  const loss = { at: world.clock.now(), message: `inference process 0 died at ${world.clock.now()}` };
  rollout.runtime.losses = {
    ...losses,
    ...Object.fromEntries(versions.map((version) => [version, [...(losses[version] ?? []), loss]])),
  };
  const { facts } = await rollout.reconcile();
  await world.becomes(geese, undefined, facts);
}

it('processes that end three times within an hour are told, and as over when it has stopped', async () => {
  await dies('1.0.0');
  await world.passes(20 * minute);
  await dies('1.0.0');
  await world.passes(20 * minute);
  expect(world.ear.said).toEqual([]);
  await dies('1.0.0');
  await world.passes(minute);
  expect(world.ear.said).toEqual(['firing processes-die']);
  expect(world.ear.heard[0]?.alerts[0]?.evidence.find(({ name }) => name === 'latest')?.value).toMatch(
    /^inference process 0 died at \d+, 2026-/,
  );
  await world.passes(20 * minute);
  expect(world.ear.said).toEqual(['firing processes-die', 'resolved processes-die']);
});

it('three times in a day are not, nor is what ends under a version that answers nobody', async () => {
  for (let index = 0; index < 3; index++) {
    await dies('1.0.0');
    await world.passes(40 * minute);
  }
  for (let index = 0; index < 3; index++) await dies('0.9.0');
  await world.passes(minute);
  expect(world.ear.said).toEqual([]);
});
