import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pace, Paces } from '../../../../../plugins/serving/dataplane/ask/pace.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the pace of work that takes long', () => {
  let pace: Pace;
  let done: string[];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    pace = new Pace();
    done = [];
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const work = (name: string, milliseconds: number) =>
    pace.do(() => {
      vi.advanceTimersByTime(milliseconds);
      done.push(name);
      return name;
    });

  it('does at once what a turn of the event loop has time for', () => {
    expect([work('a', 2), work('b', 2)]).toEqual(['a', 'b']);
  });

  it('leaves the rest to later turns, each in its order', async () => {
    const all = [work('a', 3), work('b', 3), work('c', 6), work('d', 1), work('e', 4)];
    expect(done).toEqual(['a', 'b']);
    await turn();
    expect(done).toEqual(['a', 'b', 'c']);
    // Who comes now is not done before those that wait.
    all.push(work('f', 1));
    await turn();
    expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
    await turn();
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('has a whole turn again once one is over', async () => {
    work('a', 100);
    await turn();
    expect(work('b', 1)).toBe('b');
  });

  it('says how long work that comes now would wait, where any waits', async () => {
    work('a', 80);
    expect(pace.wait).toBe(0);
    const waiting = [work('b', 80), work('c', 80)];
    expect(pace.wait).toBe(3 * 10);
    await turn();
    // What was done on the way counts: the second came 80 ms after the first.
    expect(pace.wait).toBeGreaterThan(2 * 10);
    await turn();
    await Promise.all(waiting);
    expect(pace.wait).toBe(0);
  });

  it('hands on what is thrown, and goes on', async () => {
    work('a', 10);
    const failing = pace.do(() => {
      throw new Error('wrong');
    });
    const next = work('b', 1);
    await expect(failing).rejects.toThrow('wrong');
    expect(await next).toBe('b');
  });

  it('does not begin what is likely to be too much for the turn', async () => {
    for (let index = 0; index < 30; index++) {
      work('long', 4);
      await turn();
    }
    done = [];
    const all = [work('a', 4), work('b', 4)];
    expect(done).toEqual(['a']);
    await turn();
    await Promise.all(all);
    expect(done).toEqual(['a', 'b']);
  });

  it('tells who has to wait before it waits', async () => {
    const told: string[] = [];
    const tell = (name: string) => () => told.push(name);
    pace.do(() => vi.advanceTimersByTime(6), tell('a'));
    const waiting = pace.do(() => 1, tell('b'));
    expect(told).toEqual(['b']);
    expect(await waiting).toBe(1);
  });

  it('counts what is still to come to it among what is waited for', async () => {
    let unread = 0;
    pace = new Pace(() => unread);
    work('a', 80);
    unread = 2;
    expect(pace.wait).toBe(3 * 10);
  });
});

describe('work of all kinds', () => {
  it('is shared out so that short work does not wait for long work, and the least is not counted', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const paces = new Paces();
    const done: string[] = [];
    const ofBytes = (bytes: number, name: string) =>
      paces.of(bytes).do(() => {
        vi.advanceTimersByTime(6);
        done.push(name);
      });
    const all = [ofBytes(1e6, 'long'), ofBytes(1e6, 'another'), ofBytes(10_000, 'short')];
    expect(done).toEqual(['long', 'short']);
    expect([paces.waitFor(10_000), paces.waitFor(2_000)]).toEqual([0, 0]);
    expect(paces.waitFor(1e6)).toBeGreaterThan(0);
    await Promise.all(all);
    vi.useRealTimers();
  });
});
