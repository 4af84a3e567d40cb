import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RolloutWorld } from '../../fixtures/rollout-world.ts';

const names = ['1.0.0', '1.1.0', '1.2.0'] as const;
const minute = 60_000;

type Event =
  | { readonly type: 'declare'; readonly version: (typeof names)[number] }
  | { readonly type: 'finish' | 'fail' | 'retry'; readonly version: (typeof names)[number] }
  | { readonly type: 'look' | 'lose the cell' | 'kill between acting and noting' }
  | { readonly type: 'wait'; readonly minutes: number };

const version = fc.constantFrom(...names);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ type: fc.constant('declare' as const), version }),
  fc.record({ type: fc.constantFrom('finish' as const, 'fail' as const, 'retry' as const), version }),
  fc.record({
    type: fc.constantFrom(
      'look' as const,
      'lose the cell' as const,
      'kill between acting and noting' as const,
    ),
  }),
  fc.record({ type: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
);

async function happen(world: RolloutWorld, one: Event): Promise<void> {
  const { runtime, key } = world;
  if (one.type === 'declare') world.declare({ version: one.version });
  if (one.type === 'wait') world.clock.turn(one.minutes * minute);
  if (one.type === 'lose the cell') world.cell = undefined;
  if (one.type === 'kill between acting and noting') {
    const cell = world.cell;
    await world.reconcile();
    world.cell = cell;
  }
  const isLoading = 'version' in one && runtime.loadingIn(key).includes(one.version);
  if (isLoading && one.type === 'finish') runtime.finish(key, one.version);
  if (isLoading && (one.type === 'fail' || one.type === 'retry')) {
    runtime.fail(key, one.version, { reason: 'Broken', message: 'broken', retryable: one.type === 'retry' });
  }
  if (one.type === 'look') await world.reconcile();
}

describe('whatever happens, in whatever order', () => {
  it('what answers once answers always, and in the end the declared version does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
        const world = new RolloutWorld();
        const declared = new Set<string>(['1.0.0']);
        let answered = false;
        for (const one of events) {
          await happen(world, one);
          if (one.type === 'declare') declared.add(one.version);
          if (answered) expect(declared).toContain(world.runtime.answer(world.key).version);
          else answered = canAnswer(world);
        }

        const target = world.deployment.spec.version;
        await world.reconcile();
        if (!world.runtime.loadedIn(world.key).includes(target)) world.runtime.finish(world.key, target);
        await world.reconcile();
        expect(world.runtime.answer(world.key).version).toBe(target);
        world.clock.turn(11 * minute);
        const last = await world.reconcile();
        expect(last).toMatchObject({ state: 'ready', reason: 'Serving', message: `${target} answers` });
        expect(last.progressing).toBeUndefined();
        expect(world.runtime.loadedIn(world.key)).toEqual([target]);
        expect(await world.reconcile()).toEqual(last);
      }),
      { numRuns: 400 },
    );
  });

  it('the switches in the journal form a chain that ends at what answers, while nothing is lost', async () => {
    const calm = event.filter(
      ({ type }) => type !== 'lose the cell' && type !== 'kill between acting and noting',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(calm, { maxLength: 40 }), async (events) => {
        const world = new RolloutWorld();
        for (const one of events) {
          await happen(world, one);
          await world.reconcile(); // as the kernel does after a commit and after a wake
        }
        await world.reconcile();
        const switched = world.journal.filter(({ type }) => type === 'deployment.switched');
        for (const [index, { data }] of switched.entries()) {
          expect(data?.from ?? undefined).toBe(switched[index - 1]?.data?.to);
          expect(data?.from).not.toBe(data?.to);
        }
        if (canAnswer(world)) expect(switched.at(-1)?.data?.to).toBe(world.runtime.answer(world.key).version);
        else expect(switched).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

function canAnswer(world: RolloutWorld): boolean {
  try {
    world.runtime.answer(world.key);
    return true;
  } catch {
    return false;
  }
}
