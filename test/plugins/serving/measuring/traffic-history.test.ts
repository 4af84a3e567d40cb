import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '../../../../plugins/serving/dataplane/counters/metrics.ts';
import { latencyBounds } from '../../../../plugins/serving/dataplane/interface/latency-bounds.ts';
import { TrafficHistory } from '../../../../plugins/serving/measuring/traffic-history.ts';

const key = { environment: 'production', deployment: 'bird-strike', version: '1.0.0' };
const second = 1_000;

let now: number;
let history: TrafficHistory;
beforeEach(() => {
  now = 1_000_000;
  history = new TrafficHistory(() => now);
});

/** An inference process that counts as a real one does, and reports when told to. */
class Process {
  static pids = 0;
  readonly #metrics = new Metrics();
  readonly #pid = ++Process.pids;
  readonly id: string;

  constructor(id: string) {
    this.id = id;
    this.report();
  }

  answer(count: number, status = 200): this {
    const counter = this.#metrics.version(key.environment, key.deployment, key.version);
    for (let index = 0; index < count; index++) counter.answered(status, 0.003);
    return this;
  }

  report(): void {
    history.add(this.id, this.#pid, this.#metrics.snapshot());
  }
}

const requestsIn = (ms: number) => history.window(key, ms)?.counters.requests ?? 0;

describe('a window of traffic', () => {
  it('goes by the bounds of latencies that reports leave out', () => {
    new Process('0').answer(1).report();
    expect(history.bounds?.seconds).toBe(latencyBounds);
    const bucket = latencyBounds.findIndex((bound) => 0.003 <= bound);
    new Process('1').answer(4).report();
    expect(history.window(key, 60 * second)?.counters[`seconds/${bucket}`]).toBe(5);
  });

  it('holds what was counted within it, by all processes together', () => {
    const [one, other] = [new Process('0'), new Process('1')];
    one.answer(100).report();
    now += 10 * second;
    one.answer(7).report();
    other.answer(5).report();
    now += second;
    one.report();
    expect(requestsIn(5 * second)).toBe(12);
    expect(requestsIn(60 * second)).toBe(112);
  });

  it('is empty after a rest', () => {
    const one = new Process('0');
    for (let index = 0; index < 5; index++) {
      one.answer(10).report();
      now += second;
    }
    for (let index = 0; index < 20; index++) {
      one.report();
      now += second;
    }
    expect(requestsIn(10 * second)).toBe(0);
    expect(requestsIn(60 * second)).toBe(50);
    one.answer(3).report();
    expect(requestsIn(10 * second)).toBe(3);
  });

  it('takes a restart for a restart, and loses nothing that was reported', () => {
    const one = new Process('0');
    one.answer(100).report();
    now += second;
    const again = new Process('0');
    again.answer(40).report();
    now += second;
    expect(requestsIn(60 * second)).toBe(140);
  });

  it('leaves out what a process had counted before anybody listened', () => {
    const before = new Process('0');
    before.answer(1_000_000).report();
    // A control process that begins anew knows nothing of it.
    history = new TrafficHistory(() => now);
    before.report();
    now += second;
    before.answer(5).report();
    expect(requestsIn(60 * second)).toBe(5);
  });

  it('says how far back it really goes', () => {
    const one = new Process('0');
    one.answer(1).report();
    now += 4 * second;
    one.answer(1).report();
    now += 100;
    expect(history.window(key, 60 * second)).toMatchObject({ fromAgo: 4_100, toAgo: 100 });
    expect(history.window(key, 2 * second)).toMatchObject({ fromAgo: 2 * second, toAgo: 100 });
  });

  it('is none of a version that was never heard of', () => {
    new Process('0').report();
    expect(history.window(key, second)).toBeUndefined();
  });

  it('is as long as asked, within a fiftieth, after a day of reports', () => {
    const one = new Process('0');
    const every = 10 * second;
    for (let index = 0; index < 8_640; index++) {
      now += every;
      one.answer(10).report();
    }
    for (const minutes of [1, 10, 60, 600]) {
      const expected = minutes * 60;
      expect(Math.abs(requestsIn(minutes * 60 * second) - expected)).toBeLessThan(
        Math.max(25, expected / 25),
      );
    }
  });

  it('never holds less than nothing, whatever restarts and however long it is', () => {
    const step = fc.record({
      process: fc.constantFrom('0', '1', '2'),
      action: fc.constantFrom('answer', 'restart', 'report'),
      wait: fc.nat({ max: 20_000 }),
      window: fc.nat({ max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        now = 0;
        history = new TrafficHistory(() => now);
        const processes = new Map(['0', '1', '2'].map((id) => [id, new Process(id)]));
        let reported = 0;
        let unreported = new Map<string, number>();
        for (const { process, action, wait, window } of steps) {
          now += wait;
          const one = processes.get(process)!;
          if (action === 'answer') {
            one.answer(3);
            unreported.set(process, (unreported.get(process) ?? 0) + 3);
          } else if (action === 'restart') {
            processes.set(process, new Process(process));
            unreported.delete(process);
          } else {
            one.report();
            reported += unreported.get(process) ?? 0;
            unreported.delete(process);
          }
          for (const value of Object.values(history.window(key, window)?.counters ?? {})) {
            expect(value).toBeGreaterThanOrEqual(0);
          }
          expect(requestsIn(1e9)).toBe(reported);
        }
        unreported = new Map();
      }),
    );
  });
});
