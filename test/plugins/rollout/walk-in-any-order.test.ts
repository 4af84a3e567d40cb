import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { courseOf } from '../../../plugins/rollout/choose-strategy.ts';
import type { Verb } from '../../../plugins/rollout/commands.ts';
import { type StrategySpec, sharesAt, variantsOf } from '../../../plugins/rollout/course.ts';
import { RolloutWorld } from '../../fixtures/rollout-world.ts';

const names = ['1.0.0', '1.1.0', '1.2.0'] as const;
const minute = 60_000;
const templates = [{ templateName: 'healthy' }];

const step = fc.oneof(
  fc.record({ setWeight: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ pause: fc.constantFrom({ duration: '1m' }, { duration: '5m' }, {}) }),
  fc.record({ analysis: fc.constant({ templates }) }),
);
const steps = fc.array(step, { minLength: 1, maxLength: 6 });
const strategy: fc.Arbitrary<StrategySpec> = fc.oneof(
  steps.map((all) => ({ canary: { steps: all } })),
  steps.map((all) => ({
    canary: { steps: [{ setMirror: { percent: 30 } }, ...all], analysis: { templates, startingStep: 1 } },
  })),
  fc.boolean().map((autoPromotion) => ({
    blueGreen: { autoPromotion, postPromotionAnalysis: { templates } },
  })),
  fc.constant({ shadow: { percent: 10, duration: '3m', analysis: { templates } } }),
  fc.constantFrom('sequential' as const, 'fixed' as const).map((stopRule) => ({
    abTest: {
      arms: [
        { name: 'a', version: 'stable', share: 30 },
        { name: 'b', version: 'candidate', share: 70 },
      ],
      metric: { templates },
      stopRule,
      duration: '4m',
    },
  })),
);

type Event =
  | { readonly type: 'declare' | 'finish' | 'fail'; readonly version: (typeof names)[number] }
  | { readonly type: 'say'; readonly verb: Verb; readonly isFull: boolean }
  | { readonly type: 'judge'; readonly verdict: 'Successful' | 'Failed' | 'Inconclusive' | 'Error' | 'none' }
  | { readonly type: 'wait'; readonly minutes: number }
  | { readonly type: 'look' | 'restart' | 'kill' | 'forget' };

const version = fc.constantFrom(...names);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('declare' as const, 'finish' as const), version }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('finish' as const), version }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('fail' as const), version }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('say' as const),
      verb: fc.constantFrom<Verb>('promote', 'pause', 'resume', 'abort', 'retry'),
      isFull: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('judge' as const),
      verdict: fc.constantFrom('Successful', 'Failed', 'Inconclusive', 'Error', 'none') as fc.Arbitrary<
        'Successful' | 'Failed' | 'Inconclusive' | 'Error' | 'none'
      >,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), minutes: fc.integer({ min: -3, max: 7 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('look' as const, 'restart' as const, 'kill' as const, 'forget' as const),
    }),
  },
);

async function happen(world: RolloutWorld, one: Event): Promise<void> {
  const { runtime, key } = world;
  switch (one.type) {
    case 'declare':
      world.declare({ version: one.version });
      break;
    case 'finish':
      if (runtime.loadingIn(key).includes(one.version)) runtime.finish(key, one.version);
      break;
    case 'fail':
      if (runtime.loadingIn(key).includes(one.version)) {
        runtime.fail(key, one.version, { reason: 'Broken', message: 'broken', retryable: false });
      }
      break;
    case 'say':
      await world.say(one.verb, one.isFull ? { isFull: true } : {});
      break;
    case 'judge':
      for (const name of Object.keys(world.verdicts)) delete world.verdicts[name];
      if (one.verdict !== 'none') {
        world.verdicts.background = one.verdict;
        for (let stage = 1; stage < 9; stage += 1) world.verdicts[`step-${stage}`] = one.verdict;
      }
      break;
    case 'wait':
      world.clock.turn(one.minutes * minute);
      break;
    case 'kill': {
      // Everything was acted on, and nothing of it was noted.
      const cell = world.cell;
      await world.reconcile();
      world.cell = cell;
      return;
    }
    case 'restart':
      world.cell = world.cell && JSON.parse(JSON.stringify(world.cell));
      break;
    case 'forget':
      world.cell = undefined;
      break;
    case 'look':
      break;
  }
  await world.reconcile();
}

const routeOf = (world: RolloutWorld) => world.runtime.current('production', 'bird-strike')?.variants ?? [];

describe('whatever happens to a rollout, in whatever order', () => {
  it('weights sum to 100, and what answers without a trial was ready and declared', async () => {
    await fc.assert(
      fc.asyncProperty(strategy, fc.array(event, { maxLength: 30 }), async (chosen, events) => {
        const world = new RolloutWorld();
        world.declare({ strategy: chosen });
        await world.deploy('1.0.0');
        const declared = new Set<string>(['1.0.0']);
        for (const one of events) {
          if (one.type === 'declare') declared.add(one.version);
          await happen(world, one);
          const variants = routeOf(world);
          const answering = variants.filter(({ role }) => role !== 'shadow');
          expect(answering.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
          // The runtime throws for what is routed and not loaded.
          expect(declared).toContain(world.runtime.answer(world.key).version);
          expect(variants.filter(({ role }) => role === 'stable')).toHaveLength(1);
          const { stable, walk, aborted } = world.cell ?? {};
          if (stable !== undefined) expect(declared).toContain(stable.version);
          if (walk !== undefined && stable !== undefined) expect(walk.version).not.toBe(stable.version);
          if (aborted !== undefined) expect(walk).toBeUndefined();
        }
      }),
      { numRuns: 400 },
    );
  });

  it('no step is skipped unless a human promotes, and each moves traffic to where it says', async () => {
    const calm = event.filter(({ type }) => !['kill', 'forget'].includes(type));
    await fc.assert(
      fc.asyncProperty(strategy, fc.array(calm, { maxLength: 30 }), async (chosen, events) => {
        const world = new RolloutWorld();
        world.declare({ strategy: chosen });
        await world.deploy('1.0.0');
        const course = courseOf(chosen);
        let last: string | undefined;
        let place = 0;
        for (const one of events) {
          const from = world.journal.length;
          await happen(world, one);
          for (const { type, data } of world.journal.slice(from)) {
            if (type === 'rollout.started') place = 1;
            if (type === 'rollout.promote') place = data?.full === true ? course.stages.length : place + 1;
            if (type === 'rollout.resume')
              place = world.cell?.walk === undefined ? place : world.cell.walk.stage + 1;
            if (type === 'rollout.stepped') {
              expect(Number(data?.step) - place).toBeLessThanOrEqual(1);
              place = Number(data?.step);
            }
          }
          const { walk, stable } = world.cell ?? {};
          if (walk?.isBegun !== true || stable === undefined || walk.stage >= course.stages.length) continue;
          const way = { deployment: world.key, stable: stable.version, candidate: walk.version };
          last = JSON.stringify(variantsOf(sharesAt(course, walk.stage), way));
          if (world.runtime.loadedIn(world.key).includes(walk.version)) {
            expect(JSON.stringify(routeOf(world))).toBe(last);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('what was given up comes back by no look, only by a retry or as another version', async () => {
    await fc.assert(
      fc.asyncProperty(
        strategy,
        fc.array(
          event.filter(
            (one) =>
              one.type !== 'declare' &&
              one.type !== 'forget' &&
              !(one.type === 'say' && one.verb === 'retry'),
          ),
          { maxLength: 25 },
        ),
        async (chosen, events) => {
          const world = new RolloutWorld();
          world.declare({ strategy: chosen });
          await world.deploy('1.0.0');
          await world.deploy('1.1.0');
          // Where no step stops it, the new version answers already.
          fc.pre((await world.say('abort')) === 'traffic goes back to 1.0.0');
          expect(world.cell?.aborted).toMatchObject({ version: '1.1.0' });
          for (const one of events) {
            await happen(world, one);
            expect(routeOf(world)).toEqual([{ version: '1.0.0', role: 'stable', weight: 100 }]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('it ends: once everything loads, analyses succeed and a human promotes, the declared version answers alone', async () => {
    await fc.assert(
      fc.asyncProperty(strategy, fc.array(event, { maxLength: 20 }), async (chosen, events) => {
        const world = new RolloutWorld();
        world.declare({ strategy: chosen });
        await world.deploy('1.0.0');
        for (const one of events) await happen(world, one);
        await happen(world, { type: 'judge', verdict: 'Successful' });
        // What failed to load stays failed until its content changes, so another version is declared and loads.
        const target = names.find((name) => name !== world.deployment.spec.version) ?? '1.0.0';
        world.declare({ version: target });
        await world.reconcile();
        if (world.runtime.loadingIn(world.key).includes(target)) world.runtime.finish(world.key, target);
        const isBroken = !world.runtime.loadedIn(world.key).includes(target);
        if (isBroken) return;
        for (let turn = 0; turn < 20; turn += 1) {
          world.clock.turn(6 * minute);
          await world.say(turn % 2 === 0 ? 'resume' : 'promote');
        }
        expect(routeOf(world)).toEqual([{ version: target, role: 'stable', weight: 100 }]);
        world.clock.turn(11 * minute);
        const last = await world.reconcile();
        expect(last).toMatchObject({ state: 'ready', message: `${target} answers` });
        expect(world.runtime.loadedIn(world.key)).toEqual([target]);
        expect(await world.reconcile()).toEqual(last);
      }),
      { numRuns: 200 },
    );
  });
});
