import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/control/clock.ts';
import { WorkQueue } from '../../../libraries/work-queue/index.ts';
import { HandClock } from '../../fixtures/hand-clock.ts';

const immediately = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the work queue', () => {
  it('works on keys in the order in which they came', async () => {
    const worked: string[] = [];
    const queue = new WorkQueue({
      concurrency: 1,
      clock: systemClock,
      work: async (key) => void worked.push(key),
    });
    for (const key of ['c', 'a', 'b', 'a']) queue.add(key);
    await queue.idle();
    expect(worked).toEqual(['c', 'a', 'b']);
  });

  it('works once more on a key that was added while it was worked on', async () => {
    const gate = deferred();
    let runs = 0;
    const queue = new WorkQueue({
      concurrency: 2,
      clock: systemClock,
      work: async () => {
        runs += 1;
        if (runs === 1) await gate.promise;
      },
    });
    queue.add('a');
    await immediately();
    queue.add('a');
    queue.add('a');
    await immediately();
    expect(runs).toBe(1);
    gate.resolve();
    await queue.idle();
    expect(runs).toBe(2);
  });

  it('aborts what is under way when a newer goal pre-empts it', async () => {
    const aborted: boolean[] = [];
    const queue = new WorkQueue({
      concurrency: 1,
      clock: systemClock,
      work: async (_key, signal) => {
        if (aborted.length === 0) {
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        }
        aborted.push(signal.aborted);
      },
    });
    queue.add('a');
    await immediately();
    queue.preempt('a');
    await queue.idle();
    expect(aborted).toEqual([true, false]);
  });

  it('keeps the earliest of several delays, and an immediate call wins over them', async () => {
    const clock = new HandClock();
    const worked: number[] = [];
    const queue = new WorkQueue({
      concurrency: 1,
      clock,
      work: async () => void worked.push(clock.now()),
    });
    const start = clock.now();
    queue.addAfter('a', 500);
    queue.addAfter('a', 900);
    queue.addAfter('a', 100);
    clock.turn(99);
    await queue.idle();
    expect(worked).toEqual([]);
    clock.turn(1);
    await queue.idle();
    clock.turn(5000);
    await queue.idle();
    expect(worked).toEqual([start + 100]);
    queue.addAfter('a', 1000);
    queue.add('a');
    await queue.idle();
    clock.turn(5000);
    await queue.idle();
    expect(worked).toHaveLength(2);
  });

  it('takes nothing more once stopped and waits for what is under way', async () => {
    let ended = false;
    const queue = new WorkQueue({
      concurrency: 1,
      clock: systemClock,
      work: async (_key, signal) => {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await immediately();
        ended = true;
      },
    });
    queue.add('a');
    queue.add('b');
    await immediately();
    await queue.stop();
    expect(ended).toBe(true);
    queue.add('c');
    await queue.idle();
    expect(queue.depth).toBe(0);
  });

  it('never works on a key twice at once and never forgets one, whatever comes in which order', async () => {
    const keys = fc.constantFrom('a', 'b', 'c', 'd');
    const action = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), key: keys }),
      fc.record({ kind: fc.constant('preempt' as const), key: keys }),
      fc.record({ kind: fc.constant('later' as const), key: keys, wait: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ kind: fc.constant('turn' as const), by: fc.integer({ min: 0, max: 60 }) }),
      fc.record({ kind: fc.constant('breathe' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        async (actions, concurrency) => {
          const clock = new HandClock();
          const running = new Set<string>();
          /** When a key was asked for last, and when work on it began last, on one counter. */
          const asked = new Map<string, number>();
          const began = new Map<string, number>();
          let counter = 0;
          const queue = new WorkQueue({
            concurrency,
            clock,
            work: async (key) => {
              expect(running.has(key)).toBe(false);
              running.add(key);
              expect(running.size).toBeLessThanOrEqual(concurrency);
              began.set(key, ++counter);
              await immediately();
              running.delete(key);
            },
          });
          for (const one of actions) {
            if (one.kind === 'turn') clock.turn(one.by);
            else if (one.kind === 'breathe') await immediately();
            else {
              asked.set(one.key, ++counter);
              if (one.kind === 'add') queue.add(one.key);
              else if (one.kind === 'preempt') queue.preempt(one.key);
              else queue.addAfter(one.key, one.wait);
            }
          }
          clock.turn(1000);
          await queue.idle();
          for (const [key, when] of asked) expect(began.get(key)).toBeGreaterThan(when);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
