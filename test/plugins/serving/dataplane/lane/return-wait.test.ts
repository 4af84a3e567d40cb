import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReturnWait, savedBy } from '../../../../../plugins/serving/dataplane/lane/return-wait.ts';

describe('what a run of all takes less than two of half of them', () => {
  it('is what a run costs apart from its rows', () => {
    expect(savedBy(5, 1, 5.1)).toBe(5);
    // 4.5 ms, and half a millisecond a row.
    expect(savedBy(5, 8, 8.5)).toBeCloseTo(4.5);
    expect(savedBy(5, 32, 20.5)).toBeCloseTo(4.5);
    // Twice as many rows take twice as long.
    expect(savedBy(5, 8, 40)).toBeCloseTo(0);
  });
});

describe('the wait for those whom a run has answered', () => {
  let overs = 0;
  let wait: ReturnWait;
  const run = { answered: 4, waiting: 1, room: 32, milliseconds: 10, savedMs: 3 };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
    overs = 0;
    wait = new ReturnWait(() => overs++);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** A fake turn of the event loop ends with the next millisecond. */
  const pass = (milliseconds: number): void => {
    vi.advanceTimersByTime(milliseconds + 1);
  };

  /** Whether the run after this one waits, where no more come than wait already. */
  const waitsInVain = (over = run): boolean => {
    wait.begin(over);
    const waits = wait.holds(over.waiting);
    pass(over.milliseconds);
    return waits;
  };

  it('holds the next run until all of them wait again, however many they are', () => {
    wait.begin(run);
    expect([1, 2, 4].map((waiting) => wait.holds(waiting))).toEqual([true, true, true]);
    expect(wait.holds(5)).toBe(false);
    expect(wait.holds(1)).toBe(false);
    wait.begin({ ...run, answered: 30, waiting: 2 });
    expect([2, 31, 32].map((waiting) => wait.holds(waiting))).toEqual([true, true, false]);
    wait.begin({ ...run, answered: 32, waiting: 16 });
    expect([16, 31, 32].map((waiting) => wait.holds(waiting))).toEqual([true, true, false]);
    vi.advanceTimersByTime(100);
    expect(overs).toBe(0);
  });

  it('holds it for no longer than is saved by it, nor than five milliseconds', () => {
    wait.begin(run);
    vi.advanceTimersByTime(2);
    expect([wait.holds(2), overs]).toEqual([true, 0]);
    pass(1);
    expect([wait.holds(2), overs]).toEqual([false, 1]);
    wait = new ReturnWait(() => overs++);
    wait.begin({ ...run, milliseconds: 1_000, savedMs: 400 });
    expect(wait.holds(1)).toBe(true);
    pass(5);
    expect([wait.holds(1), overs]).toEqual([false, 2]);
  });

  it('holds it for so long from when they have their answers', async () => {
    vi.useRealTimers();
    wait.begin(run);
    const written = performance.now() + 10;
    while (performance.now() < written);
    await immediate();
    await immediate();
    expect([wait.holds(1), overs]).toEqual([true, 0]);
    await delay(20);
    expect([wait.holds(1), overs]).toEqual([false, 1]);
  });

  it('hears those who have asked by its end', async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    wait.begin(run);
    await immediate();
    vi.advanceTimersByTime(3);
    expect([wait.holds(4), wait.holds(5)]).toEqual([true, false]);
    await immediate();
    expect(overs).toBe(0);
  });

  it('holds nothing back that has no room for more, nor where less is saved, or runs are shorter, than timers tell', () => {
    wait.begin({ ...run, room: 1 });
    expect(wait.holds(1)).toBe(false);
    wait.begin({ ...run, milliseconds: 4.9 });
    expect(wait.holds(1)).toBe(false);
    wait.begin({ ...run, savedMs: 0.9 });
    expect(wait.holds(1)).toBe(false);
    wait.begin({ ...run, savedMs: -2 });
    expect(wait.holds(1)).toBe(false);
  });

  it('waits more and more seldom where they do not come, and as before once they do', () => {
    const waits = Array.from({ length: 300 }, () => waitsInVain());
    expect(waits.slice(0, 18).flatMap((isWait, index) => (isWait ? [index] : []))).toEqual([0, 3, 8, 17]);
    expect(waits.slice(170).filter(Boolean)).toHaveLength(2);
    let runs = 0;
    do {
      expect(runs++).toBeLessThanOrEqual(65);
      wait.begin(run);
    } while (!wait.holds(1));
    for (let index = 0; index < 6; index++) {
      expect(wait.holds(5)).toBe(false);
      wait.begin(run);
      expect(wait.holds(1)).toBe(true);
    }
  });

  it('has halves take turns where they come too late', () => {
    wait.begin({ ...run, answered: 30, waiting: 2 });
    expect(wait.holds(25)).toBe(true);
    vi.advanceTimersByTime(5);
    expect(overs).toBe(1);
    // Two runs do not wait for all; of those who answer few, one waits for half.
    wait.begin({ ...run, answered: 25, waiting: 7 });
    expect([7, 15, 16].map((waiting) => wait.holds(waiting))).toEqual([true, true, false]);
    wait.begin({ ...run, answered: 16, waiting: 16 });
    expect(wait.holds(16)).toBe(false);
    wait.begin({ ...run, answered: 16, waiting: 16 });
    expect(wait.holds(31)).toBe(true);
    expect(wait.holds(32)).toBe(false);
  });

  it('goes on to wait for all where one in eight stays away', () => {
    for (let index = 0; index < 10; index++) {
      wait.begin({ ...run, answered: 8, waiting: 0 });
      expect(wait.holds(7)).toBe(true);
      vi.advanceTimersByTime(5);
    }
    expect(overs).toBe(10);
  });

  it('makes nothing of a wait in which nobody was kept waiting', () => {
    for (let index = 0; index < 10; index++) waitsInVain({ ...run, waiting: 0 });
    wait.begin(run);
    expect(wait.holds(1)).toBe(true);
  });
});
