import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as statistics from '../../../libraries/statistics/index.ts';
import {
  measureTraffic,
  type TrafficQuery,
  type TrafficSums,
} from '../../../libraries/traffic-measures/index.ts';

const resultOf = (query: TrafficQuery, sums: TrafficSums) => {
  const measured = measureTraffic(query, sums);
  return 'nothing' in measured ? measured.nothing : measured.result;
};

describe('an error rate', () => {
  it('is compared with that of stable', () => {
    const sums = { candidate: { requests: 1000, errors: 12 }, stable: { requests: 8000, errors: 8 } };
    expect(measureTraffic({ metric: 'errorRate' }, sums)).toEqual({
      result: { candidate: 0.012, stable: 0.001, difference: 0.011, ratio: 12 },
      samples: 1000,
    });
  });

  it('has no ratio to a stable without errors, and nothing to compare with one without requests', () => {
    const candidate = { requests: 10, errors: 1 };
    expect(resultOf({ metric: 'errorRate' }, { candidate, stable: { requests: 5, errors: 0 } })).toEqual({
      candidate: 0.1,
      stable: 0,
      difference: 0.1,
    });
    expect(resultOf({ metric: 'errorRate' }, { candidate, stable: { requests: 0, errors: 0 } })).toEqual({
      candidate: 0.1,
    });
  });

  it('is none without requests', () => {
    expect(resultOf({ metric: 'errorRate' }, { candidate: { requests: 0, errors: 0 } })).toMatch(
      /no requests/,
    );
  });

  it('counts requests, also none', () => {
    expect(resultOf({ metric: 'requests' }, { candidate: { requests: 0 } })).toEqual({ candidate: 0 });
  });
});

describe('a latency', () => {
  const bounds = [0.01, 0.1, 1];
  const latency = (...counts: number[]) => ({ latency: { bounds, counts } });
  const query = { metric: 'latency', quantile: 0.5 } as const;

  it('is interpolated within its bucket, in milliseconds', () => {
    expect(resultOf(query, { candidate: latency(0, 10, 0, 0) })).toEqual({ candidate: 55.00000000000001 });
    expect(resultOf(query, { candidate: latency(10, 0, 0, 0) })).toEqual({ candidate: 5 });
    expect(resultOf(query, { candidate: latency(5, 0, 5, 0) })).toEqual({ candidate: 10 });
  });

  it('is the last bound above it', () => {
    expect(resultOf(query, { candidate: latency(0, 0, 0, 3) })).toEqual({ candidate: 1000 });
  });

  it('is none without requests', () => {
    expect(resultOf(query, { candidate: latency(0, 0, 0, 0) })).toMatch(/no requests/);
  });
});

describe('a disagreement', () => {
  const distances = { bounds: [0.001, 0.01, 0.1], counts: [70, 20, 6, 4] };

  it('is the share of answers that are further apart than the tolerance', () => {
    const share = (tolerance: number) =>
      resultOf({ metric: 'disagreement', tolerance }, { candidate: { distances } });
    expect(share(0.001)).toEqual({ candidate: 0.3 });
    expect(share(0.01)).toEqual({ candidate: 0.1 });
    expect(share(0.1)).toEqual({ candidate: 0.04 });
  });

  it('is none where nothing was mirrored', () => {
    expect(resultOf({ metric: 'disagreement', tolerance: 0.01 }, { candidate: {} })).toMatch(/no mirrored/);
  });
});

describe('the shift of a score', () => {
  const scoreOf = (...columns: readonly number[][]) => ({
    score: {
      output: 'p',
      rows: columns[0]!.length,
      sums: columns.map((values) => values.reduce((sum, value) => sum + value, 0)),
      squares: columns.map((values) => values.reduce((sum, value) => sum + value * value, 0)),
    },
  });

  it('is that of the column that moved most, in standard deviations of stable', () => {
    const stable = scoreOf([1, 2, 3, 4, 5], [0, 10, 0, 10, 5]);
    const candidate = scoreOf([4, 5, 6], [5, 5, 6]);
    const result = resultOf({ metric: 'scoreShift' }, { candidate, stable }) as Record<string, number>;
    expect(result).toMatchObject({ candidate: 5, stable: 3, difference: 2 });
    expect(result.shift).toBeCloseTo(2 / Math.sqrt(2.5), 12);
  });

  it('is large and finite where stable never varied', () => {
    const sums = { candidate: scoreOf([0.5, 0.5]), stable: scoreOf([0.25, 0.25]) };
    expect(resultOf({ metric: 'scoreShift' }, sums)).toMatchObject({ shift: 1e9 });
    const same = { candidate: scoreOf([0.25, 0.25]), stable: scoreOf([0.25, 0.25]) };
    expect(resultOf({ metric: 'scoreShift' }, same)).toMatchObject({ shift: 0 });
  });

  it('is none where there is nothing to compare', () => {
    expect(resultOf({ metric: 'scoreShift' }, { candidate: scoreOf([1, 2]) })).toMatch(/stable gave/);
    expect(resultOf({ metric: 'scoreShift' }, { candidate: {}, stable: scoreOf([1, 2]) })).toMatch(
      /candidate/,
    );
    const other = { candidate: scoreOf([1, 2], [1, 2]), stable: scoreOf([1, 2]) };
    expect(resultOf({ metric: 'scoreShift' }, other)).toMatch(/shapes/);
  });
});

describe('bounds', () => {
  const bounded = (query: TrafficQuery, sums: TrafficSums) => {
    const measured = measureTraffic({ ...query, alpha: 0.05 }, sums, statistics);
    if ('nothing' in measured) throw new Error(measured.nothing);
    const { lower, upper } = measured.result;
    return { lower, upper, unsure: measured.unsure };
  };

  it('are only there where a chance to miss was given', () => {
    const sums = { candidate: { requests: 10, errors: 1 }, stable: { requests: 10, errors: 1 } };
    expect(measureTraffic({ metric: 'errorRate' }, sums, statistics)).not.toHaveProperty('result.lower');
    expect(bounded({ metric: 'errorRate' }, sums)).toMatchObject({ unsure: undefined });
  });

  it('of an error rate are those of the difference, also without any error', () => {
    const stable = { requests: 9000, errors: 0 };
    const { lower, upper } = bounded(
      { metric: 'errorRate' },
      { candidate: { requests: 1000, errors: 0 }, stable },
    );
    expect([lower! < 0, upper! > 0 && upper! < 0.02]).toEqual([true, true]);
    const bad = bounded({ metric: 'errorRate' }, { candidate: { requests: 200, errors: 20 }, stable });
    expect(bad.lower).toBeGreaterThan(0.02);
  });

  it('of a latency are in milliseconds, and one is missing, in words, where a bucket has no end', () => {
    const bounds = [0.01, 0.1, 1];
    const latency = (...counts: number[]) => ({ latency: { bounds, counts } });
    const query = { metric: 'latency', quantile: 0.5 } as const;
    const stable = latency(5000, 0, 0, 0);
    expect(bounded(query, { candidate: latency(0, 0, 500, 0), stable })).toEqual({
      lower: expect.closeTo(90, 9),
      upper: 1000,
      unsure: undefined,
    });
    expect(bounded(query, { candidate: latency(0, 0, 0, 500), stable })).toMatchObject({
      lower: 990,
      upper: undefined,
      unsure: expect.stringContaining('beyond the last bucket'),
    });
  });

  it('of a disagreement are those of the share itself', () => {
    const distances = { bounds: [0.01], counts: [990, 10] };
    const { lower, upper } = bounded(
      { metric: 'disagreement', tolerance: 0.01 },
      { candidate: { distances } },
    );
    expect(lower).toBeGreaterThan(0.001);
    expect(upper).toBeLessThan(0.03);
  });

  it('of a shift share alpha among all columns of the output', () => {
    const column = (n: number, mean: number) => [n * mean, n * (mean * mean + 1)] as const;
    const scoreOf = (n: number, ...means: number[]) => ({
      score: {
        output: 'p',
        rows: n,
        sums: means.map((mean) => column(n, mean)[0]),
        squares: means.map((mean) => column(n, mean)[1]),
      },
    });
    const query = { metric: 'scoreShift' } as const;
    const one = bounded(query, { candidate: scoreOf(5000, 0.5), stable: scoreOf(5000, 0) });
    const two = bounded(query, { candidate: scoreOf(5000, 0.5, 0), stable: scoreOf(5000, 0, 0) });
    expect(one.lower).toBeGreaterThan(0.4);
    expect(two.lower).toBeLessThan(one.lower!);
    expect(two.upper).toBeGreaterThan(one.upper!);
    const same = bounded(query, { candidate: scoreOf(5000, 0), stable: scoreOf(5000, 0) });
    expect(same.lower).toBe(0);
  });

  it('are missing, in words, where there is nothing to compare with or too little', () => {
    const candidate = { requests: 10, errors: 1 };
    expect(bounded({ metric: 'errorRate' }, { candidate })).toEqual({
      lower: undefined,
      upper: undefined,
      unsure: 'stable answered nothing to compare with',
    });
    const score = { output: 'p', rows: 10, sums: [1], squares: [1] };
    expect(bounded({ metric: 'scoreShift' }, { candidate: { score }, stable: { score } }).unsure).toMatch(
      /control has 10 rows/,
    );
  });
});

it('whatever the sums, every number is finite and survives JSON', () => {
  const count = fc.nat({ max: 1e9 });
  const histogram = fc.record({
    bounds: fc.constant([0.001, 0.01, 0.1]),
    counts: fc.array(count, { minLength: 4, maxLength: 4 }),
  });
  const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 });
  const variant = fc.record({
    requests: count,
    errors: count,
    latency: histogram,
    distances: histogram,
    score: fc.record({
      output: fc.constant('p'),
      rows: count,
      sums: fc.array(number, { minLength: 2, maxLength: 2 }),
      squares: fc.array(number, { minLength: 2, maxLength: 2 }),
    }),
  });
  const query = fc.constantFrom<TrafficQuery>(
    { metric: 'errorRate' },
    { metric: 'requests' },
    { metric: 'latency', quantile: 0.99 },
    { metric: 'disagreement', tolerance: 0.01 },
    { metric: 'scoreShift' },
  );
  fc.assert(
    fc.property(query, variant, variant, (asked, candidate, stable) => {
      const measured = measureTraffic({ ...asked, alpha: 0.01 }, { candidate, stable }, statistics);
      expect(JSON.parse(JSON.stringify(measured))).toEqual(measured);
      if ('result' in measured) {
        for (const value of Object.values(measured.result)) expect(Number.isFinite(value)).toBe(true);
      }
    }),
  );
});
