/** A source of measurements that is silent, slow, down or lies: what a walk makes of it. */
import { describe, expect, it } from 'vitest';
import type { Measurement, MetricsSource } from '../../../../core/capabilities/metrics-source.ts';
import {
  metricAnswerInvalid,
  metricsUnreachable,
} from '../../../../core/capabilities/metrics-source-errors.ts';
import { Analyses } from '../../../../plugins/rollout/analysis/analyses.ts';
import { analysisTemplateKind } from '../../../../plugins/rollout/analysis/analysis-template.ts';
import type { AnalysisTemplateSpec } from '../../../../schemas/generated/analysis-template.ts';
import { manifestOf } from '../../../fixtures/manifest.ts';
import { RolloutWorld } from '../../../fixtures/rollout-world.ts';

const analysis = { templates: [{ templateName: 'quality' }] };
const canary = { canary: { steps: [{ setWeight: 10 }, { analysis }, { setWeight: 50 }] } };
const metric: AnalysisTemplateSpec['metrics'][number] = {
  name: 'quality',
  interval: '10s',
  count: 6,
  maxAge: '1m',
  successCondition: 'result < 0.5',
  provider: { web: { url: 'https://quality.example.com/', value: 'body.rate' } },
};

/** A canary under way, judged by what `measure` gives. */
async function judgedBy(measure: (now: number) => Promise<Measurement>): Promise<RolloutWorld> {
  const world = new RolloutWorld(({ clock }) => {
    const source: MetricsSource = { measure: () => measure(clock.now()) };
    const sources = { get: () => source, names: () => ['web'] };
    return new Analyses({ sources, wake: () => {}, now: () => clock.now() });
  });
  world.templates = [manifestOf(analysisTemplateKind, { name: 'quality' }, { metrics: [metric] })];
  await world.deploy('1.0.0');
  world.declare({ version: '1.1.0', strategy: canary, progressDeadline: '10m' });
  await world.deploy('1.1.0');
  return world;
}

const value = (now: number, result: unknown, observedAt = now): Measurement => ({
  type: 'value',
  result,
  window: { from: now - 1, to: now },
  observedAt,
});

async function pass(world: RolloutWorld, minutes: number) {
  let outcome = await world.reconcile();
  for (let passed = 0; passed < minutes * 6; passed++) {
    world.clock.turn(10_000);
    await world.reconcile();
    await new Promise((resolve) => setImmediate(resolve));
    outcome = await world.reconcile();
  }
  return outcome;
}

const weights = (world: RolloutWorld) =>
  world.runtime
    .current('production', 'bird-strike')
    ?.variants.map(({ version, weight }) => `${version} ${weight}`);
const underWay = ['1.0.0 90', '1.1.0 10'];

describe('without any traffic', () => {
  it('nothing is promoted and nothing condemned: a human is asked', async () => {
    const world = await judgedBy(async () => ({ type: 'noData', reason: 'no requests' }));
    const outcome = await pass(world, 60);
    expect(outcome.degraded).toMatchObject({ reason: 'AnalysisInconclusive' });
    expect(weights(world)).toEqual(underWay);
    expect(await world.say('promote')).toContain('promoted past step 2');
    expect(weights(world)).not.toContain('1.1.0 10');
  });
});

const lies: Readonly<Record<string, (now: number) => Promise<Measurement>>> = {
  'is down': async () => {
    throw metricsUnreachable('web', 'connection refused');
  },
  'gives no document': async () => {
    throw metricAnswerInvalid('web', 'it is not JSON', 'Correct it.');
  },
  'gives another type': async (now) => value(now, 'excellent'),
  'gives what is no number': async (now) => value(now, Number.NaN),
  'tells of long ago': async (now) => value(now, 0, now - 3_600_000),
  'tells of the future': async (now) => value(now, 0, now + 3_600_000),
};

describe.each(Object.entries(lies))('a source that %s', (_, measure) => {
  it('takes nobody further; the walk holds, says so, and goes back after its deadline', async () => {
    const world = await judgedBy(measure);
    const held = await pass(world, 5);
    expect(held.degraded).toMatchObject({ reason: 'AnalysisError' });
    expect(weights(world)).toEqual(underWay);
    await pass(world, 15);
    expect(weights(world)).toEqual(['1.0.0 100']);
    expect(world.cell?.aborted).toMatchObject({ reason: 'ProgressDeadlineExceeded' });
  });
});

describe('a source that never answers', () => {
  it('holds up neither looks nor an abort', async () => {
    const world = await judgedBy(() => new Promise(() => {}));
    await pass(world, 5);
    expect(weights(world)).toEqual(underWay);
    await world.say('abort');
    expect(weights(world)).toEqual(['1.0.0 100']);
  });
});

describe('a clock that leaps', () => {
  it.each([
    ['ahead', 24 * 3_600_000],
    ['back', -24 * 3_600_000],
  ])('%s by a day neither ends an analysis nor makes it last', async (_, leap) => {
    let asked = 0;
    const world = await judgedBy(async (now) => {
      asked += 1;
      return value(now, 0.1);
    });
    await pass(world, 0.2);
    const before = asked;
    expect(before).toBeGreaterThan(0);
    world.clock.turn(leap);
    await world.reconcile();
    await new Promise((resolve) => setImmediate(resolve));
    await world.reconcile();
    // One leap is one measurement, not as many as a day has room for.
    expect(asked - before).toBeLessThanOrEqual(1);
    expect(world.cell?.walk?.stage).toBe(1);
    await pass(world, 2);
    expect(weights(world)).toEqual(['1.1.0 100']);
  });
});
