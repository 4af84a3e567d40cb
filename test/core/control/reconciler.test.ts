import { afterEach, describe, expect, it } from 'vitest';
import { readyOf } from '../../../core/control/conditions.ts';
import { type Goal, Reconciler } from '../../../core/control/reconciler.ts';
import { EventBus } from '../../../core/host/events.ts';
import {
  type Controller,
  type Ref,
  type Resource,
  ready,
  SwitchyardError,
  stalled,
  suspendAnnotation,
  waiting,
} from '../../../core/plugin.ts';
import { MemoryStore } from '../../../core/state/memory-store.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';
import { resourceOf } from '../../fixtures/resources.ts';

const running: Reconciler[] = [];
afterEach(async () => {
  for (const reconciler of running.splice(0)) await reconciler.stop();
});

function yard(controller: Controller) {
  const log = recordingLog();
  const store = new MemoryStore();
  const clock = new HandClock();
  const events = new EventBus(log);
  const reconciler = new Reconciler({
    store,
    events,
    clock,
    log,
    controllers: new Map([['Thing', controller]]),
    concurrency: 4,
  });
  running.push(reconciler);
  return { reconciler, store, clock, events, log };
}

function goalOf(resources: readonly Resource[], more: Partial<Goal> = {}): Goal {
  return {
    commit: 'c1',
    resources: new Map(resources.map((resource) => [resource.ref, resource])),
    invalid: new Map(),
    referrers: new Map(),
    related: () => ({ get: () => undefined, matching: () => [] }),
    ...more,
  };
}

const thing = (name: string, more: { annotations?: Record<string, string>; digest?: string } = {}) =>
  resourceOf({ kind: 'Thing', name, ...more });
const readyStatus = (reconciler: Reconciler, ref: Ref) => readyOf(reconciler.status(ref));

describe('the reconciler', () => {
  it('writes what the controller answers as conditions, and stores them', async () => {
    const { reconciler, store } = yard({ reconcile: async () => ready('Made', 'it is there') });
    reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Thing/a')).toMatchObject({ status: 'True', reason: 'Made' });
    expect(await store.statuses()).toEqual([reconciler.status('Thing/a')]);
  });

  it('accepts a resource that nothing controls', async () => {
    const { reconciler } = yard({ reconcile: async () => ready('Made', '') });
    reconciler.pursue(goalOf([resourceOf({ kind: 'Note', name: 'a' })]), ['Note/a'], []);
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Note/a')).toMatchObject({ status: 'True', reason: 'Accepted' });
  });

  it('gives a controller what it saved last, as JSON has it, and nothing once the resource was removed', async () => {
    const seen: unknown[] = [];
    const { reconciler } = yard({
      async reconcile({ cell, save }) {
        seen.push(cell);
        const next = {
          runs: (((cell as { runs: number } | undefined)?.runs ?? 0) + 1) as unknown,
          gone: undefined,
        };
        await save(next);
        next.runs = 'changed after it was saved';
        return ready('Made', '');
      },
    });
    for (let run = 0; run < 2; run += 1) {
      reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
      await reconciler.queue.idle();
    }
    reconciler.pursue(goalOf([]), [], [thing('a')]);
    await reconciler.queue.idle();
    reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
    await reconciler.queue.idle();
    expect(seen).toEqual([undefined, { runs: 1 }, undefined]);
  });

  it('looks again after the time that the controller names', async () => {
    let runs = 0;
    const { reconciler, clock } = yard({
      reconcile: async () => {
        runs += 1;
        return runs < 3 ? waiting('Soon', 'soon', { checkAfter: 1000 }) : ready('Made', 'done');
      },
    });
    reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
    await reconciler.queue.idle();
    for (let turn = 0; turn < 5; turn++) {
      clock.turn(1000);
      await reconciler.queue.idle();
    }
    expect(runs).toBe(3);
    expect(readyStatus(reconciler, 'Thing/a')?.status).toBe('True');
  });

  it('goes on to show facts while a controller throws: that it failed says nothing of them', async () => {
    let isBroken = false;
    const { reconciler } = yard({
      reconcile: async () => {
        if (isBroken) throw new SwitchyardError('DiskFull', 'no space left');
        return ready('Made', '', { facts: { burning: true } });
      },
    });
    reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
    await reconciler.queue.idle();
    isBroken = true;
    reconciler.wake('Thing/a');
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Thing/a')).toMatchObject({ status: 'False', reason: 'DiskFull' });
    expect(reconciler.status('Thing/a')?.facts).toEqual({ burning: true });
  });

  it('backs off when a controller throws, shows its code, and goes on when it works', async () => {
    let runs = 0;
    const { reconciler, clock } = yard({
      reconcile: async () => {
        runs += 1;
        if (runs <= 3) throw new SwitchyardError('DiskFull', 'no space left');
        return ready('Made', 'done');
      },
    });
    reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Thing/a')).toMatchObject({ status: 'False', reason: 'DiskFull' });
    const waits: number[] = [];
    while (clock.next !== undefined) {
      waits.push(clock.next);
      clock.turn(clock.next);
      await reconciler.queue.idle();
    }
    expect(waits).toHaveLength(3);
    for (const [index, whole] of [750, 1500, 3000].entries()) {
      expect(waits[index]).toBeLessThanOrEqual(whole);
      expect(waits[index]).toBeGreaterThanOrEqual(whole * 0.8);
    }
    expect(readyStatus(reconciler, 'Thing/a')?.status).toBe('True');
  });

  it('does not try again by itself what needs a human', async () => {
    const { reconciler, clock } = yard({ reconcile: async () => stalled('WrongDigest', 'not these bytes') });
    reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
    await reconciler.queue.idle();
    expect(clock.next).toBeUndefined();
    expect(reconciler.status('Thing/a')?.conditions.map(({ type, reason }) => [type, reason])).toEqual([
      ['Ready', 'WrongDigest'],
      ['Progressing', 'Stalled'],
    ]);
  });

  it('lets a newer commit pre-empt, and forgets what the older run answered', async () => {
    const seen: string[] = [];
    const { reconciler } = yard({
      reconcile: async ({ resource, signal }) => {
        seen.push(resource.digest);
        if (resource.digest === 'old') {
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          return stalled('Old', 'an answer about the old');
        }
        return ready('New', 'the new one is there');
      },
    });
    const old = thing('a', { digest: 'old' });
    reconciler.pursue(goalOf([old]), [old.ref], []);
    await new Promise<void>((resolve) => setImmediate(resolve));
    const next = thing('a', { digest: 'new' });
    reconciler.pursue(goalOf([next]), [next.ref], []);
    await reconciler.queue.idle();
    expect(seen).toEqual(['old', 'new']);
    expect(readyStatus(reconciler, 'Thing/a')?.reason).toBe('New');
  });

  it('keeps its hands off a suspended resource and says so, and goes on when it is resumed', async () => {
    let runs = 0;
    const { reconciler } = yard({
      reconcile: async () => {
        runs += 1;
        return ready('Made', 'done');
      },
    });
    const suspended = thing('a', { annotations: { [suspendAnnotation]: 'true' } });
    reconciler.pursue(goalOf([suspended]), [suspended.ref], []);
    await reconciler.queue.idle();
    expect(runs).toBe(0);
    expect(reconciler.status('Thing/a')?.suspended).toBe(true);
    reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
    await reconciler.queue.idle();
    expect(runs).toBe(1);
    expect(reconciler.status('Thing/a')?.suspended).toBe(false);
  });

  it('goes on with the last good version of a broken document and shows that it is invalid', async () => {
    const { reconciler } = yard({ reconcile: async () => ready('Made', 'the last good one works') });
    const invalid = new Map([['Thing/a', { reason: 'InvalidManifest', message: 'a.yaml:3:1: no' }]]);
    reconciler.pursue(goalOf([thing('a')], { invalid }), ['Thing/a'], []);
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Thing/a')).toMatchObject({ status: 'False', reason: 'InvalidManifest' });
    reconciler.pursue(goalOf([thing('a')]), [], []);
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Thing/a')).toMatchObject({ status: 'True', reason: 'Made' });
  });

  it('shows a document that was never valid, and forgets it when it goes away', async () => {
    const { reconciler } = yard({ reconcile: async () => ready('Made', '') });
    const invalid = new Map([['Thing/b', { reason: 'InvalidManifest', message: 'b.yaml:1:1: no' }]]);
    reconciler.pursue(goalOf([], { invalid }), [], []);
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Thing/b')?.reason).toBe('InvalidManifest');
    reconciler.pursue(goalOf([]), [], []);
    await reconciler.queue.idle();
    expect(reconciler.status('Thing/b')).toBeUndefined();
  });

  it('undoes what was removed, as often as it takes, and then forgets it', async () => {
    let removals = 0;
    const { reconciler, store, clock } = yard({
      reconcile: async ({ save }) => {
        await save({ made: true });
        return ready('Made', 'done');
      },
      remove: async ({ cell }) => {
        expect(cell).toEqual({ made: true });
        removals += 1;
        return removals < 2 ? waiting('Draining', 'soon', { checkAfter: 50 }) : ready('Gone', 'gone');
      },
    });
    const a = thing('a');
    await store.putInventory([a]);
    reconciler.pursue(goalOf([a]), [a.ref], []);
    await reconciler.queue.idle();
    reconciler.pursue(goalOf([]), [], [a]);
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Thing/a')?.reason).toBe('Draining');
    clock.turn(50);
    await reconciler.queue.idle();
    expect(removals).toBe(2);
    expect(reconciler.status('Thing/a')).toBeUndefined();
    expect(await store.inventory()).toEqual([]);
    expect(await store.cell('Thing/a')).toBeUndefined();
  });

  it('does not undo what came back before it was undone', async () => {
    let removals = 0;
    const { reconciler } = yard({
      reconcile: async () => ready('Made', 'done'),
      remove: async ({ signal }) => {
        removals += 1;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        return ready('Gone', 'gone');
      },
    });
    const a = thing('a');
    reconciler.pursue(goalOf([]), [], [a]);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(removals).toBe(1);
    reconciler.pursue(goalOf([a]), [a.ref], []);
    await reconciler.queue.idle();
    expect(readyStatus(reconciler, 'Thing/a')?.reason).toBe('Made');
  });

  it('reconciles those that refer to a resource again when it becomes ready', async () => {
    const seen: string[] = [];
    const { reconciler } = yard({
      reconcile: async ({ resource, status }) => {
        seen.push(resource.metadata.name);
        if (resource.metadata.name === 'base') return ready('Made', 'done');
        const base = readyOf(status('Thing/base'));
        return base?.status === 'True'
          ? ready('Made', 'stands on the base')
          : waiting('NoBase', 'the base is not ready', { checkAfter: 60_000 });
      },
    });
    const resources = [thing('upper'), thing('base')];
    const referrers = new Map([['Thing/base', new Set(['Thing/upper'])]]);
    reconciler.pursue(goalOf(resources, { referrers }), ['Thing/upper', 'Thing/base'], []);
    await reconciler.queue.idle();
    expect(seen).toEqual(['upper', 'base', 'upper']);
    expect(readyStatus(reconciler, 'Thing/upper')?.status).toBe('True');
  });

  it('writes nothing when nothing changed', async () => {
    const { reconciler, events } = yard({ reconcile: async () => ready('Made', 'done') });
    let changes = 0;
    events.on('resource.status', () => {
      changes += 1;
    });
    reconciler.pursue(goalOf([thing('a')]), ['Thing/a'], []);
    await reconciler.queue.idle();
    for (let run = 0; run < 3; run++) {
      reconciler.wake('Thing/a');
      await reconciler.queue.idle();
    }
    expect(changes).toBe(1);
  });
});
