import { describe, expect, it } from 'vitest';
import type { PromisedLevel, ServiceLevel } from '../../../core/capabilities/service-levels.ts';
import { deploymentKind } from '../../../plugins/rollout/deployment.ts';
import { promisedLevel, sloFindings } from '../../../plugins/rollout/promised-level.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import { manifestOf } from '../../fixtures/manifest.ts';
import { RolloutWorld } from '../../fixtures/rollout-world.ts';

const place = { name: 'bird-strike', environment: 'production' };
const specOf = (slo: DeploymentSpec['slo']): DeploymentSpec => ({
  model: 'bird-strike',
  version: '1.0.0',
  ...(slo === undefined ? {} : { slo }),
});
const promiseOf = (slo: DeploymentSpec['slo']) =>
  promisedLevel(manifestOf(deploymentKind, place, specOf(slo)));

describe('spec.slo', () => {
  it('is a budget for each objective, without the noise of subtraction', () => {
    expect(promiseOf({ availability: 99.9, p95: '100ms', p99: '1s', window: '7d', minRequests: 5 })).toEqual({
      owner: 'Deployment/production/bird-strike',
      environment: 'production',
      deployment: 'bird-strike',
      objectives: [
        { name: 'availability', budget: 0.001 },
        { name: 'p95', budget: 0.05, seconds: 0.1 },
        { name: 'p99', budget: 0.01, seconds: 1 },
      ],
      windowMs: 7 * 24 * 3_600_000,
      minRequests: 5,
    });
  });

  it('promises nothing where it is not there', () => expect(promiseOf(undefined)).toBeUndefined());

  it.each([
    [{}, 'PromisesNothing /spec/slo'],
    [{ minRequests: 5 }, 'PromisesNothing /spec/slo'],
    [{ availability: 99, window: '1d' }, 'WindowOutOfRange /spec/slo/window'],
    [{ availability: 99, window: '91d' }, 'WindowOutOfRange /spec/slo/window'],
    [{ p95: '11s' }, 'LatencyOutOfReach /spec/slo/p95'],
    [{ p99: '0ms' }, 'LatencyOutOfReach /spec/slo/p99'],
    [{ availability: 99.95, p50: '1ms', window: '90d' }, undefined],
  ])('%j is told: %s', (slo, told) => {
    const [finding] = sloFindings(specOf(slo));
    expect(finding && `${finding.code} ${finding.pointer}`).toBe(told);
  });
});

describe('a deployment that promises something', () => {
  const burning = {
    speed: 'fast',
    since: '2026-01-01T00:00:00.000Z',
    message: 'it burns',
    objectives: [],
  } as const;

  async function worldWith(level: ServiceLevel) {
    const world = new RolloutWorld();
    const kept: PromisedLevel[] = [];
    const forgotten: string[] = [];
    world.levels = {
      keep(promise) {
        kept.push(promise);
        return level;
      },
      forget: (environment, name) => void forgotten.push(`${environment}/${name}`),
    };
    world.restart();
    world.declare({ slo: { availability: 99.9 } });
    await world.reconcile();
    world.runtime.finish(world.key, '1.0.0');
    await world.reconcile();
    return { world, kept, forgotten };
  }

  it('shows how it stands, and is degraded while its budget burns', async () => {
    const { world, kept } = await worldWith({ budgetLeft: { availability: 40 }, burning });
    expect(await world.reconcile()).toMatchObject({
      state: 'ready',
      degraded: { reason: 'ErrorBudgetBurning', message: 'it burns' },
      facts: { version: '1.0.0', slo: { budgetLeft: { availability: 40 }, burning: { speed: 'fast' } } },
    });
    expect(kept[0]).toMatchObject({ objectives: [{ name: 'availability', budget: 0.001 }] });
  });

  it('is not degraded while all is well', async () => {
    const { world } = await worldWith({ budgetLeft: { availability: 100 } });
    const outcome = await world.reconcile();
    expect(outcome.degraded).toBeUndefined();
    expect(outcome.facts).toMatchObject({ slo: { budgetLeft: { availability: 100 } } });
  });

  it('says what its rollout has to say first', async () => {
    const { world } = await worldWith({ budgetLeft: { availability: 40 }, burning });
    world.runtime.processes = { ready: 1, total: 2 };
    const outcome = await world.reconcile();
    expect(outcome.degraded?.reason).toBe('FewerProcesses');
    expect(outcome.facts).toMatchObject({ slo: { burning: { speed: 'fast' } } });
  });

  it('is forgotten when it promises nothing any more', async () => {
    const { world, forgotten } = await worldWith({ budgetLeft: {} });
    world.declare({ slo: undefined });
    expect((await world.reconcile()).facts).not.toHaveProperty('slo');
    expect(forgotten).toEqual(['production/bird-strike']);
  });

  it('says that nobody watches, where nobody does', async () => {
    const world = new RolloutWorld();
    world.declare({ slo: { availability: 99.9 } });
    await world.reconcile();
    world.runtime.finish(world.key, '1.0.0');
    expect((await world.reconcile()).degraded?.reason).toBe('ServiceLevelUnwatched');
  });
});
