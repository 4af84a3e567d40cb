import { beforeEach, expect, it } from 'vitest';
import { RolloutWorld } from '../../fixtures/rollout-world.ts';

const place = 'environment="production",deployment="bird-strike"';
const steps = [{ setWeight: 10 }, { analysis: { templates: [{ templateName: 'healthy' }] } }, { pause: {} }];

let world: RolloutWorld;
beforeEach(async () => {
  world = new RolloutWorld();
  world.declare({ strategy: { canary: { steps } } });
  await world.reconcile();
  world.runtime.finish(world.key, '1.0.0');
  await world.reconcile();
});

/** Samples that are not 0, without the place that all of them have. */
async function samples(): Promise<readonly string[]> {
  const text = await world.metrics.collect();
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));
  return lines.map((line) => line.replace('switchyard_', '').replace(`${place},`, ''));
}

async function promote(): Promise<void> {
  world.declare({ version: '1.1.0' });
  await world.reconcile();
}

it('says where a rollout is, and how it ended', async () => {
  expect(await samples()).toEqual(['rollout_phase{phase="steady"} 1']);
  await promote();
  const of = 'version="1.1.0",strategy="canary"';
  expect(await samples()).toEqual(['rollout_phase{phase="loading"} 1', `rollout_steps{${of}} 3`]);
  world.runtime.finish(world.key, '1.1.0');
  await world.reconcile();
  expect(await samples()).toEqual([
    'rollout_phase{phase="walking"} 1',
    `rollout_step{${of}} 2`,
    `rollout_steps{${of}} 3`,
  ]);
  world.verdicts['step-2'] = 'Inconclusive';
  await world.reconcile();
  await world.reconcile();
  expect(await samples()).toContain('rollout_phase{phase="undecided"} 1');
  await world.say('promote');
  expect(await samples()).toContain('rollout_phase{phase="paused"} 1');
  await world.say('promote');
  await world.reconcile();
  expect(await samples()).toEqual([
    'rollout_phase{phase="steady"} 1',
    'rollouts_total{result="completed"} 1',
  ]);
});

it('counts rollbacks by their reason, and keeps nothing of a deployment that is gone', async () => {
  await promote();
  world.runtime.finish(world.key, '1.1.0');
  await world.reconcile();
  world.verdicts['step-2'] = 'Failed';
  await world.reconcile();
  await world.reconcile();
  expect(await samples()).toEqual([
    'rollout_phase{phase="rolledBack"} 1',
    'rollouts_total{result="rolledBack"} 1',
    'rollbacks_total{reason="AnalysisFailed"} 1',
  ]);
  await world.controller.remove?.(world.request());
  expect(await samples()).toEqual([]);
});
