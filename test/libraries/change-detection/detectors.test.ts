import { describe, expect, it } from 'vitest';
import {
  type AnytimeAlarmState,
  adwin,
  anytimeAlarm,
  ChangeDetectionError,
  type Detector,
  ddm,
  pageHinkley,
} from '../../../libraries/change-detection/index.ts';
import { seededRandom } from '../../../libraries/statistics/index.ts';

type Make = (state?: unknown) => Detector;
const detectors: Readonly<Record<string, Make>> = {
  'anytime-valid alarm': (state) => anytimeAlarm({ baseline: 0.1 }, state as never),
  'anytime-valid alarm, both sides': (state) => anytimeAlarm({ baseline: 0.1, side: 'both' }, state as never),
  ADWIN: (state) => adwin({}, state as never),
  'Page–Hinkley': (state) => pageHinkley({}, state as never),
  DDM: (state) => ddm({}, state as never),
};
const all = Object.entries(detectors);

/** Errors at these rates, so many at each; the same for the same seed. */
function errors(seed: number, ...parts: readonly (readonly [number, number])[]): number[] {
  const random = seededRandom(seed);
  return parts.flatMap(([rate, count]) => Array.from({ length: count }, () => Number(random.next() < rate)));
}

/** How many values each alarm came after. */
function alarms(detector: Detector, values: readonly number[]): number[] {
  return values.flatMap((value, at) => (detector.add(value) === 'alarm' ? [at + 1] : []));
}

describe.each(all)('%s', (_, make) => {
  it('finds a rate of errors that doubles, after it has', () => {
    const values = errors(5, [0.1, 2000], [0.3, 2000]);
    const found = alarms(make(), values).filter((at) => at > 2000);
    expect(found[0]).toBeLessThan(2700);
  });

  it('goes on from its state as if it had never stopped', () => {
    const values = errors(7, [0.1, 1500], [0.35, 1500]);
    const whole = alarms(make(), values);
    const first = make();
    const before = alarms(first, values.slice(0, 1717));
    const second = make(JSON.parse(JSON.stringify(first.state())));
    expect(second.seen).toBe(first.seen);
    const after = alarms(second, values.slice(1717)).map((at) => at + 1717);
    expect([...before, ...after]).toEqual(whole);
    expect(whole.length).toBeGreaterThan(0);
  });

  it('refuses what is no value, and does not count it', () => {
    const detector = make();
    detector.add(0);
    expect(() => detector.add(Number.NaN)).toThrow(ChangeDetectionError);
    expect(() => detector.add(Number.POSITIVE_INFINITY)).toThrow(ChangeDetectionError);
    expect(detector.seen).toBe(1);
  });

  it('says nothing of a stream of one value', () => {
    expect(alarms(make(), new Array<number>(3000).fill(0.1))).toEqual([]);
  });
});

describe('the anytime-valid alarm', () => {
  it('goes off in at most one of twenty streams that stay as they are', () => {
    const streams = 60;
    let alarmed = 0;
    for (let stream = 0; stream < streams; stream++) {
      if (alarms(anytimeAlarm({ baseline: 0.1 }), errors(stream, [0.1, 5000])).length > 0) alarmed++;
    }
    // `bench statistics` counts over 500 streams of 10,000; here 3 are expected at most, and 8 would be one chance in a hundred.
    expect(alarmed).toBeLessThan(8);
  });

  it('is fair: its evidence is 1 on average, whatever the baseline', () => {
    // Over all sequences of eight values, each as likely as it is.
    for (const baseline of [0.1, 0.5, 0.9]) {
      let mean = 0;
      for (let sequence = 0; sequence < 256; sequence++) {
        const alarm = anytimeAlarm({ baseline, side: 'both', alpha: 1e-9 });
        let chance = 1;
        for (let at = 0; at < 8; at++) {
          const value = (sequence >> at) & 1;
          chance *= value === 1 ? baseline : 1 - baseline;
          alarm.add(value);
        }
        mean += chance * alarm.evidence();
      }
      expect(mean).toBeCloseTo(1, 12);
    }
  });

  it('finds what falls where it is told to look there', () => {
    const values = errors(3, [0.5, 500], [0.3, 500]);
    expect(alarms(anytimeAlarm({ baseline: 0.5 }), values)).toEqual([]);
    expect(alarms(anytimeAlarm({ baseline: 0.5, side: 'below' }), values)[0]).toBeGreaterThan(500);
    expect(alarms(anytimeAlarm({ baseline: 0.5, side: 'both' }), values).length).toBeGreaterThan(0);
  });

  it('refuses a baseline that values cannot leave on both sides', () => {
    expect(() => anytimeAlarm({ baseline: 0 })).toThrow('baseline is 0: it lies between 0 and 1');
    expect(() => anytimeAlarm({ baseline: 0.1, alpha: 1 })).toThrow('alpha');
  });

  it('refuses the state of an alarm that looks to other sides, rather than never go off', () => {
    const above = anytimeAlarm({ baseline: 0.1 });
    above.add(1);
    const state = above.state() as AnytimeAlarmState;
    expect(() => anytimeAlarm({ baseline: 0.1, side: 'both' }, state)).toThrow(
      "the state is of 7 bets, and side 'both' makes 14: begin anew",
    );
  });
});

describe('ADWIN', () => {
  it('keeps a window of what is the case now, in memory that grows with its logarithm', () => {
    const detector = adwin();
    for (const value of errors(1, [0.1, 20_000], [0.4, 4000])) detector.add(value);
    expect(detector.mean()).toBeCloseTo(0.4, 1);
    expect(detector.seen).toBeLessThan(6000);
    const { buckets } = detector.state() as { buckets: readonly unknown[] };
    expect(buckets.length).toBeLessThan(70);
  });

  it('forgets only what is older than a change: the values of a window add up', () => {
    const detector = adwin();
    for (const value of errors(2, [0.2, 5000])) detector.add(value);
    expect(detector.seen).toBe(5000);
    expect(detector.mean()).toBeCloseTo(
      errors(2, [0.2, 5000]).reduce((sum, value) => sum + value, 0) / 5000,
      12,
    );
  });
});

describe('DDM', () => {
  it('warns before it gives the alarm', () => {
    const detector = ddm();
    const said = errors(11, [0.1, 1000], [0.5, 400]).map((value) => detector.add(value));
    const alarm = said.indexOf('alarm', 1000);
    expect(said.slice(1000, alarm)).toContain('warning');
  });
});
