import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReturnWait } from '../../../../../plugins/serving/dataplane/run/return-wait.ts';

describe('the wait for those whom a run has answered', () => {
  let overs = 0;
  let wait: ReturnWait;
  const run = { answered: 4, waiting: 1, room: 32, milliseconds: 10 };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    overs = 0;
    wait = new ReturnWait(() => overs++);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** Whether the run after this one waits, where nobody comes. */
  const waitsInVain = (): boolean => {
    wait.begin(run);
    const waits = wait.holds(run.waiting);
    vi.advanceTimersByTime(run.milliseconds);
    return waits;
  };

  it('holds the next run until all of them wait again', () => {
    wait.begin(run);
    expect([1, 2, 4].map((waiting) => wait.holds(waiting))).toEqual([true, true, true]);
    expect(wait.holds(5)).toBe(false);
    expect(wait.holds(1)).toBe(false);
    vi.advanceTimersByTime(100);
    expect(overs).toBe(0);
  });

  it('holds it for three tenths of the run that is over, and no longer than five milliseconds', () => {
    wait.begin(run);
    vi.advanceTimersByTime(2);
    expect([wait.holds(2), overs]).toEqual([true, 0]);
    vi.advanceTimersByTime(1);
    expect([wait.holds(2), overs]).toEqual([false, 1]);
    wait = new ReturnWait(() => overs++);
    wait.begin({ ...run, milliseconds: 1_000 });
    expect(wait.holds(1)).toBe(true);
    vi.advanceTimersByTime(5);
    expect([wait.holds(1), overs]).toEqual([false, 2]);
  });

  it('holds nothing back that has no room for more, nor for clients so many that it takes long for all to come, nor what runs shorter than timers tell', () => {
    wait.begin({ ...run, room: 1 });
    expect(wait.holds(1)).toBe(false);
    wait.begin({ ...run, milliseconds: 4.9 });
    expect(wait.holds(1)).toBe(false);
    wait.begin({ ...run, answered: 15 });
    expect(wait.holds(1)).toBe(false);
  });

  it('waits more and more seldom where they do not come, and as before once they do', () => {
    const waits = Array.from({ length: 300 }, waitsInVain);
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

  it('makes nothing of a wait in which nobody was kept waiting', () => {
    for (let index = 0; index < 10; index++) {
      wait.begin({ ...run, waiting: 0 });
      vi.advanceTimersByTime(10);
    }
    wait.begin(run);
    expect(wait.holds(1)).toBe(true);
  });
});
