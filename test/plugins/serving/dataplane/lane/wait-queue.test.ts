import { describe, expect, it, vi } from 'vitest';
import { Forecast } from '../../../../../plugins/serving/dataplane/lane/forecast.ts';
import { RunTimes } from '../../../../../plugins/serving/dataplane/lane/run-times.ts';
import { priorityStepMs, WaitQueue } from '../../../../../plugins/serving/dataplane/lane/wait-queue.ts';

const one = (name: string, priority: number, arrived: number, rows = 1, company: string | null = '') => ({
  ...{ name, priority, arrived, rows, company: company ?? undefined },
});
type One = ReturnType<typeof one>;
const queueOf = (...waiting: readonly One[]) => {
  const queue = new WaitQueue<One>();
  for (const each of waiting) queue.push(each);
  return queue;
};
const names = (taken: Iterable<One>) => [...taken].map(({ name }) => name).join('');

describe('a queue', () => {
  it('serves in the order of arrival, and those of a higher priority first', () => {
    const queue = queueOf(one('a', 5, 0), one('b', 5, 1), one('c', 1, 2), one('d', 9, 3), one('e', 5, 4));
    expect(names([0, 1, 2, 3, 4].map(() => queue.takeRun(1)[0]!))).toBe('cabed');
    expect(queue.size).toBe(0);
  });

  it('passes nobody for ever: each level is worth a second of waiting', () => {
    const queue = queueOf(
      one('low', 6, 0),
      one('late', 5, priorityStepMs + 1),
      one('soon', 5, priorityStepMs + 2),
    );
    expect(queue.first?.name).toBe('low');
    queue.push(one('high', 4, 2 * priorityStepMs - 1));
    expect(names(queue.takeRun(10))).toBe('highlowlatesoon');
  });

  it('takes those who may share a run, whatever their priority, up to its rows', () => {
    const queue = queueOf(one('a', 5, 0, 2), one('b', 1, 1, 2), one('c', 9, 2, 2), one('d', 9, 3, 2));
    expect(names(queue.takeRun(6))).toBe('bac');
    queue.push(one('e', 5, 4, 1, 'other'));
    expect(names(queue.takeRun(6))).toBe('e');
    queue.push(one('f', 5, 5, 1, null));
    expect(names(queue.takeRun(6))).toBe('f');
    expect(names(queue.takeRun(6))).toBe('d');
    expect(queue.takeRun(6)).toEqual([]);
  });

  it('takes back what was taken, and lets go of those who leave', () => {
    const [a, b, c] = [one('a', 5, 0), one('b', 5, 1), one('c', 3, 1)];
    const queue = queueOf(a, b);
    expect(queue.remove(c)).toBe(false);
    queue.putBack(queue.takeRun(8));
    queue.push(c);
    expect([queue.remove(a), queue.remove(a), queue.size]).toEqual([true, false, 2]);
    queue.removeAll(({ name }) => name === 'c');
    expect(names(queue.takeRun(8))).toBe('b');
  });

  it('knows who would go before one that comes now, and who would go last', () => {
    const queue = queueOf(one('old', 9, 0), one('a', 5, 5_000), one('new', 9, 5_000));
    expect(names(queue.before(5, 5_001))).toBe('aold');
    expect(names(queue.before(1, 5_001))).toBe('');
    expect(queue.lastBelow(5)?.name).toBe('new');
    expect(queue.lastBelow(9)).toBeUndefined();
  });
});

describe('a forecast', () => {
  it('learns how long runs take by their size, and takes the nearest smaller one for those that were not', () => {
    const times = new RunTimes();
    expect(times.of(32)).toBe(0);
    times.ran(1, 2);
    expect(times.of(32)).toBe(2);
    times.ran(32, 10);
    expect([times.of(1), times.of(31), times.of(40)]).toEqual([2, 2, 10]);
    for (let run = 0; run < 100; run++) times.ran(1, 4);
    expect(times.of(1)).toBeCloseTo(4, 1);
  });

  it('adds up what runs and what comes before, by runs that are shared', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const forecast = new Forecast();
      const run = forecast.begin(4);
      expect(forecast.waitFor(1, [], 4, performance.now())).toBe(0);
      vi.advanceTimersByTime(10);
      forecast.end(run);
      expect(forecast.waitFor(1, [], 4, performance.now())).toBe(0);
      expect(forecast.waitFor(4, [], 4, performance.now())).toBe(10);
      forecast.begin(4);
      vi.advanceTimersByTime(3);
      const before = [one('a', 5, 0, 2), one('b', 5, 0, 2), one('c', 5, 0, 1, null)];
      // 7 ms are left of what runs; then come two runs, and its own.
      expect(forecast.waitFor(1, before, 4, performance.now())).toBe(7 + 30);
      expect(forecast.longestWait(1, 3, 4, performance.now())).toBe(7 + 40);
      expect(forecast.longestWait(9, 3, 4, performance.now())).toBe(7 + 60);
    } finally {
      vi.useRealTimers();
    }
  });

  it('takes a request of more rows than share a run for one run, as long as one of its size was', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const forecast = new Forecast();
      const ran = (rows: number, milliseconds: number): void => {
        const run = forecast.begin(rows);
        vi.advanceTimersByTime(milliseconds);
        forecast.end(run);
      };
      ran(4, 10);
      const now = performance.now();
      expect(forecast.waitFor(4_000, [], 4, now)).toBe(10_000);
      ran(4_000, 50);
      expect(forecast.waitFor(4_000, [], 4, performance.now())).toBe(50);
      expect(forecast.waitFor(1_000, [], 4, performance.now())).toBe(50);
      expect(forecast.waitFor(8, [], 4, performance.now())).toBe(20);
      expect(forecast.waitFor(4_000, [one('a', 5, 0, 4)], 4, performance.now())).toBe(60);
      expect(forecast.longestWait(4_000, 1, 4, performance.now())).toBe(60);
    } finally {
      vi.useRealTimers();
    }
  });

  it('takes a run that is overdue to need as long again as it is late', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const forecast = new Forecast();
      const run = forecast.begin(4);
      vi.advanceTimersByTime(10);
      forecast.end(run);
      forecast.begin(4);
      vi.advanceTimersByTime(10 + 35);
      expect(forecast.waitFor(4, [], 4, performance.now())).toBe(35 + 10);
    } finally {
      vi.useRealTimers();
    }
  });

  it('remembers what the worst estimate was off by, and half of it five seconds later', () => {
    const forecast = new Forecast();
    expect(forecast.margin(1000)).toBe(0);
    forecast.judge(1000, 980);
    expect(forecast.margin(1000)).toBe(0);
    forecast.judge(1000, 1080);
    forecast.judge(1070, 1080);
    expect(forecast.margin(1080)).toBe(80);
    expect(forecast.margin(6080)).toBe(40);
    forecast.judge(6030, 6080);
    expect(forecast.margin(6080)).toBe(50);
  });
});
