import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnalysisRun,
  abort,
  conclude,
  due,
  look,
  type MetricLimits,
  measurementsKept,
  record,
  start,
  verdict,
} from '../../../../plugins/rollout/analysis/analysis-run.ts';
import type { Reading } from '../../../../plugins/rollout/analysis/reading.ts';

const t0 = 1_700_000_000_000;
const second = 1_000;

function value(conditions: { success?: boolean; failure?: boolean }, more: object = {}): Reading {
  return { type: 'value', result: 1, conditions, observedAt: t0, ...more };
}
const good = value({ success: true });
const bad = value({ success: false });
const unsure = value({ success: false, failure: false });
const broken: Reading = { type: 'error', code: 'SourceUnreachable', message: 'no answer' };
const nothing: Reading = { type: 'noData', reason: 'no requests' };

/** Records the readings of one metric, an interval apart. */
function measuring(limits: Partial<MetricLimits>, ...readings: readonly Reading[]): AnalysisRun {
  let run = start([{ name: 'error-rate', interval: second, ...limits }], t0);
  for (const [index, reading] of readings.entries()) {
    run = record(run, 'error-rate', reading, t0 + index * second);
  }
  return run;
}

describe('an analysis run', () => {
  it('fails with more failures than its limit, and not with as many', () => {
    const atLimit = measuring({ failureLimit: 3 }, bad, bad, good, bad);
    expect(verdict(atLimit)).toMatchObject({ outcome: 'Running', isOver: false });
    expect(verdict(measuring({ failureLimit: 3 }, bad, bad, good, bad, bad))).toEqual({
      outcome: 'Failed',
      isOver: true,
      message: 'error-rate failed 4 > limit 3',
      metric: 'error-rate',
    });
  });

  it('fails at the first failure by default', () => {
    expect(verdict(measuring({}, good, bad)).message).toBe('error-rate failed 1 > limit 0');
  });

  it('counts failures in a row until a success, and only those where only they have a limit', () => {
    expect(verdict(measuring({ consecutiveFailureLimit: 2 }, bad, bad, good, bad, bad)).outcome).toBe(
      'Running',
    );
    expect(verdict(measuring({ consecutiveFailureLimit: 2 }, bad, good, bad, bad, bad)).message).toBe(
      'error-rate failed 3 in a row > limit 2',
    );
  });

  it('holds on more inconclusive measurements than its limit', () => {
    expect(verdict(measuring({ inconclusiveLimit: 1 }, unsure)).outcome).toBe('Running');
    expect(verdict(measuring({ inconclusiveLimit: 1 }, unsure, unsure))).toMatchObject({
      outcome: 'Inconclusive',
      message: 'error-rate inconclusive 2 > limit 1',
    });
  });

  it('is an error only after more errors in a row than its limit', () => {
    expect(verdict(measuring({}, broken, broken, broken, broken, good, broken)).outcome).toBe('Running');
    expect(verdict(measuring({}, broken, broken, broken, broken, broken))).toMatchObject({
      outcome: 'Error',
      isOver: false,
      message: 'error-rate errored 5 in a row > limit 4',
    });
  });

  it('is no error any more once its source answers again, and stays one where it ends before', () => {
    const down = measuring({}, broken, broken, broken, broken, broken);
    expect(due(down, t0).map(({ metric }) => metric)).toEqual(['error-rate']);
    expect(verdict(record(down, 'error-rate', good, t0)).outcome).toBe('Running');
    expect(verdict(record(down, 'error-rate', bad, t0)).outcome).toBe('Failed');
    expect(verdict(conclude(down, 'all steps done', t0))).toMatchObject({ outcome: 'Error', isOver: true });
  });

  it('succeeds after its count, not counting errors', () => {
    expect(verdict(measuring({ count: 2 }, good, broken)).outcome).toBe('Running');
    expect(verdict(measuring({ count: 2 }, good, broken, good))).toMatchObject({
      outcome: 'Successful',
      isOver: true,
    });
  });

  it('is inconclusive after its count where nothing went well, although within all limits', () => {
    expect(verdict(measuring({ count: 2, failureLimit: 5 }, bad, bad))).toMatchObject({
      outcome: 'Inconclusive',
      message: 'error-rate never succeeded: failed 2, inconclusive 0, errored 0',
    });
  });

  it('measures once where there is neither interval nor count', () => {
    const run = record(start([{ name: 'once' }], t0), 'once', good, t0);
    expect(verdict(run).outcome).toBe('Successful');
  });

  it.each([
    ['inconclusive', 'Inconclusive'],
    ['fail', 'Failed'],
    ['pass', 'Successful'],
  ] as const)('takes no data for %s', (noData, outcome) => {
    const [metric] = measuring({ noData, count: 1 }, nothing).metrics;
    expect(metric?.measurements[0]?.outcome).toBe(outcome);
  });

  it('takes no data for inconclusive where nothing is said', () => {
    expect(verdict(measuring({}, nothing)).outcome).toBe('Inconclusive');
  });

  it('takes fewer samples than asked for as no data, whatever the conditions said', () => {
    const few = value({ success: true }, { samples: 99 });
    expect(measuring({ minSamples: 100 }, few).metrics[0]?.measurements[0]).toMatchObject({
      outcome: 'Inconclusive',
      message: '99 samples, fewer than minSamples 100',
    });
    expect(
      verdict(measuring({ minSamples: 99, count: 1 }, value({ success: true }, { samples: 99 }))).outcome,
    ).toBe('Successful');
  });

  it('takes it for an error when a source cannot say how many samples there were', () => {
    expect(measuring({ minSamples: 1 }, good).metrics[0]?.measurements[0]?.outcome).toBe('Error');
  });

  it('takes what is stale, or dated ahead, for an error even where no data would pass', () => {
    const limits = { maxAge: 30 * second, noData: 'pass' } as const;
    const stale = value({ success: true }, { observedAt: t0 - 31 * second });
    expect(measuring(limits, stale).metrics[0]?.measurements[0]).toMatchObject({
      outcome: 'Error',
      message: 'StaleMeasurement: it is 31s old, more than 30s',
    });
    const ahead = value({ success: true }, { observedAt: t0 + 3_600 * second });
    expect(measuring(limits, ahead).metrics[0]?.measurements[0]?.outcome).toBe('Error');
    expect(measuring(limits, good).metrics[0]?.measurements[0]?.outcome).toBe('Successful');
  });

  it('takes a failure condition that holds for a failure, whatever the other says', () => {
    expect(measuring({}, value({ success: true, failure: true })).metrics[0]?.measurements[0]?.outcome).toBe(
      'Failed',
    );
    expect(measuring({}, value({ failure: false })).metrics[0]?.measurements[0]?.outcome).toBe('Successful');
  });

  it('says at once that a metric is inconclusive, and still fails when another does', () => {
    let run = start(
      [
        { name: 'a', interval: second },
        { name: 'b', interval: second },
      ],
      t0,
    );
    run = record(run, 'a', unsure, t0);
    expect(verdict(run)).toMatchObject({ outcome: 'Inconclusive', isOver: false, metric: 'a' });
    expect(due(run, t0).map(({ metric }) => metric)).toEqual(['b']);
    run = record(run, 'b', bad, t0);
    expect(verdict(run)).toMatchObject({ outcome: 'Failed', isOver: true, metric: 'b' });
    expect(due(run, t0)).toEqual([]);
  });

  it('gives a dry run no say, and does not wait for it', () => {
    let run = start([{ name: 'real' }, { name: 'dry', dryRun: true, interval: second, count: 9 }], t0);
    run = record(run, 'dry', bad, t0);
    expect(verdict(run).outcome).toBe('Running');
    expect(run.metrics[1]?.over?.outcome).toBe('Failed');
    expect(verdict(record(run, 'real', good, t0)).outcome).toBe('Successful');
  });

  it('is successful when nothing but dry runs was asked for, once they are done', () => {
    const run = start([{ name: 'dry', dryRun: true, interval: second, count: 2 }], t0);
    const once = record(run, 'dry', good, t0);
    expect(verdict(once).outcome).toBe('Running');
    expect(verdict(record(once, 'dry', good, t0)).outcome).toBe('Successful');
  });

  it('is aborted by whoever asks, unless it had decided', () => {
    expect(verdict(abort(measuring({}, good), 'ana: wrong version', t0))).toEqual({
      outcome: 'Aborted',
      isOver: true,
      message: 'ana: wrong version',
    });
    expect(verdict(abort(measuring({}, bad), 'too late', t0)).outcome).toBe('Failed');
  });

  it('ends well when it is concluded after a success, and inconclusive before one', () => {
    expect(verdict(conclude(measuring({}, good), 'all steps done', t0)).outcome).toBe('Successful');
    expect(verdict(conclude(measuring({}), 'all steps done', t0)).outcome).toBe('Inconclusive');
  });

  it('ignores what is recorded after the end', () => {
    const over = measuring({}, bad);
    expect(record(over, 'error-rate', good, t0 + 9 * second)).toBe(over);
  });

  it('keeps the latest measurements and counts the others on', () => {
    const many = Array.from({ length: measurementsKept + 7 }, () => good);
    const [metric] = measuring({}, ...many).metrics;
    expect(metric?.measurements).toHaveLength(measurementsKept);
    expect(metric?.before.successful).toBe(7);
    expect(metric?.tally.successful).toBe(measurementsKept + 7);
  });
});

describe('the times of an analysis run', () => {
  it('begin after the initial delay and go on by the interval', () => {
    const run = start([{ name: 'm', interval: 60 * second, initialDelay: 30 * second }], t0);
    expect(due(run, t0)).toEqual([{ metric: 'm', at: t0 + 30 * second }]);
    const next = record(run, 'm', good, t0 + 31 * second);
    expect(due(next, t0 + 31 * second)).toEqual([{ metric: 'm', at: t0 + 91 * second }]);
  });

  it('come sooner after an error, and never sooner than the interval', () => {
    const wait = (interval: number) => {
      const run = record(start([{ name: 'm', interval }], t0), 'm', broken, t0);
      return (due(run, t0)[0]?.at ?? 0) - t0;
    };
    expect(wait(300 * second)).toBe(20 * second);
    expect(wait(5 * second)).toBe(5 * second);
  });

  it('move back with a clock that is set back', () => {
    const run = record(start([{ name: 'm', interval: 60 * second }], t0), 'm', good, t0);
    const hourAgo = t0 - 3_600 * second;
    const seen = look(run, hourAgo);
    expect(due(seen, hourAgo)).toEqual([{ metric: 'm', at: hourAgo + 60 * second }]);
    expect(due(seen, hourAgo + 60 * second)[0]?.at).toBe(hourAgo + 60 * second);
  });

  it('make a metric due once when the clock leaps ahead', () => {
    const run = record(start([{ name: 'm', interval: 60 * second }], t0), 'm', good, t0);
    const later = t0 + 86_400 * second;
    const next = record(run, 'm', good, later);
    expect(due(next, later)[0]?.at).toBe(later + 60 * second);
  });
});

describe('whatever is recorded, in any order and at any time', () => {
  const limitsOf = (name: string): fc.Arbitrary<MetricLimits> =>
    fc.record(
      {
        name: fc.constant(name),
        interval: fc.integer({ min: 1, max: 100_000 }),
        initialDelay: fc.integer({ min: 0, max: 100_000 }),
        count: fc.integer({ min: 1, max: 6 }),
        failureLimit: fc.integer({ min: 0, max: 3 }),
        consecutiveFailureLimit: fc.integer({ min: 0, max: 3 }),
        inconclusiveLimit: fc.integer({ min: 0, max: 3 }),
        consecutiveErrorLimit: fc.integer({ min: 0, max: 3 }),
        dryRun: fc.boolean(),
      },
      { requiredKeys: ['name'] },
    );
  const metrics = fc.tuple(limitsOf('a'), limitsOf('b'));
  const readings = fc.array(
    fc.record({
      metric: fc.constantFrom('a', 'b'),
      reading: fc.constantFrom(good, bad, unsure, broken, nothing),
      now: fc.integer({ min: t0 - 10_000_000, max: t0 + 10_000_000 }),
    }),
    { maxLength: 40 },
  );
  const worse = ['Running', 'Successful', 'Inconclusive', 'Error', 'Failed'];

  it('a verdict only gets worse, but for errors, and none that is over changes', () => {
    fc.assert(
      fc.property(metrics, readings, (limits, all) => {
        let run = start(limits, t0);
        for (const { metric, reading, now } of all) {
          const before = verdict(run);
          run = record(run, metric, reading, now);
          const later = verdict(run);
          if (before.isOver) expect(later).toEqual(before);
          else if (before.outcome !== 'Error')
            expect(worse.indexOf(later.outcome)).toBeGreaterThanOrEqual(worse.indexOf(before.outcome));
        }
      }),
    );
  });

  it('a run that went through JSON after each step reaches the same verdict', () => {
    fc.assert(
      fc.property(metrics, readings, (limits, all) => {
        let kept = start(limits, t0);
        let straight = start(limits, t0);
        for (const { metric, reading, now } of all) {
          kept = JSON.parse(JSON.stringify(record(kept, metric, reading, now))) as AnalysisRun;
          straight = record(straight, metric, reading, now);
        }
        expect(kept).toEqual(straight);
      }),
    );
  });

  it('nothing but failures fails a run, and a failed run has more of them than its limit', () => {
    fc.assert(
      fc.property(metrics, readings, (limits, all) => {
        let run = start(limits, t0);
        for (const { metric, reading, now } of all) run = record(run, metric, reading, now);
        const { outcome, metric: name } = verdict(run);
        const { tally } = run.metrics.find((one) => one.limits.name === name) ?? {};
        if (outcome === 'Failed') expect(tally?.failed).toBeGreaterThan(0);
        if (outcome === 'Error') expect(tally?.error).toBeGreaterThan(0);
        if (outcome === 'Successful') {
          for (const { limits: one, tally: of } of run.metrics) {
            if (one.dryRun !== true) expect(of.successful).toBeGreaterThan(0);
          }
        }
      }),
    );
  });

  it('no metric waits longer than its interval, wherever the clock goes', () => {
    fc.assert(
      fc.property(limitsOf('a'), readings, (limits, all) => {
        let run = start([limits], t0);
        for (const { reading, now } of all) {
          run = look(run, now);
          for (const { at } of due(run, now)) {
            expect(at - now).toBeLessThanOrEqual(
              Math.max(limits.interval ?? 20_000, limits.initialDelay ?? 0),
            );
            if (at <= now) run = record(run, 'a', reading, now);
          }
        }
      }),
    );
  });
});
