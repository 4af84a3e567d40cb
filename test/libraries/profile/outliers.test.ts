import { describe, expect, it } from 'vitest';
import {
  mostOutlying,
  type OutlierLimits,
  outlierRules,
  Profiler,
  valueScore,
} from '../../../libraries/profile/index.ts';
import { normalQuantile, seededRandom } from '../../../libraries/statistics/index.ts';

type Value = number | string | null;

const reader = {
  isMissing: (cell: Value | undefined) => cell === null || cell === undefined,
  numberOf: (cell: Value) => (typeof cell === 'number' ? cell : undefined),
};

function scoreOf(values: readonly Value[], limits?: OutlierLimits) {
  const profiler = new Profiler<Value>(reader);
  profiler.add(
    ['x'],
    values.map((value) => [value]),
  );
  const [rule] = outlierRules(profiler.profile(), limits);
  // As it comes out of the routing table.
  return valueScore(JSON.parse(JSON.stringify(rule)));
}

const random = seededRandom(3);
const normals = Array.from({ length: 20_000 }, () => normalQuantile((random.word() + 0.5) / 2 ** 32));

describe('the score of a number', () => {
  it('is its distance from the median in standard deviations, where values are normal', () => {
    const score = scoreOf(normals.map((one) => 100 + 15 * one));
    expect(score(100)).toBeLessThan(0.01);
    expect(score(100 + 8 * 15)).toBeCloseTo(1, 1);
    expect(score(100 - 16 * 15)).toBeCloseTo(2, 0);
    expect(normals.filter((one) => score(100 + 15 * one) >= 1)).toHaveLength(0);
    expect(scoreOf(normals, { spreads: 4 })(-4)).toBeCloseTo(1, 1);
  });

  it('knows the sides of a skew apart', () => {
    const values = normals.map((one) => Math.exp(one));
    const score = scoreOf(values);
    expect(score(20)).toBeLessThan(1);
    expect(score(-20)).toBeGreaterThan(2);
    expect(values.filter((one) => score(one) >= 1).length / values.length).toBeLessThan(0.002);
  });

  it('does not move with some wild values in the reference', () => {
    const score = scoreOf([...normals, ...Array.from({ length: 100 }, () => 1e9)]);
    expect(score(10)).toBeGreaterThan(1);
    expect(score(1e9)).toBe(mostOutlying);
  });

  it('takes any other value than the only one for an outlier, and single precision for the same', () => {
    const score = scoreOf(new Array(50).fill(0.1));
    expect(score(Math.fround(0.1))).toBe(0);
    expect(score(0.2)).toBe(mostOutlying);
  });

  it('goes by the spread of all values where nearly all are one', () => {
    const values = Array.from({ length: 1000 }, (_, row) => (row < 20 ? 10 : 0));
    const score = scoreOf(values);
    expect(score(10)).toBeLessThan(1);
    expect(score(50)).toBeGreaterThan(1);
  });

  it('is never NaN', () => {
    const score = scoreOf([...normals, null]);
    expect(score(Number.POSITIVE_INFINITY)).toBe(mostOutlying);
    // Once in 20,001 rows.
    expect(score(Number.NaN)).toBeGreaterThan(1);
    expect(score(5n)).toBeCloseTo(5 / 8, 1);
    expect(score('')).toBe(score(Number.NaN));
  });
});

describe('the score of a text', () => {
  const levels = [
    ...new Array(9000).fill('Day'),
    ...new Array(994).fill('Night'),
    ...new Array(5).fill('Dawn'),
  ];

  it('is how rare it is: 1 at the share that is called rare', () => {
    const score = scoreOf(levels);
    expect(score('Day')).toBeLessThan(0.1);
    expect(score('Dawn')).toBeGreaterThan(1);
    expect(scoreOf(levels, { rare: 0.0001 })('Dawn')).toBeLessThan(1);
  });

  it('calls one that was never there an outlier, unless there were too few rows to say so', () => {
    expect(scoreOf(levels)('Noon')).toBeGreaterThan(1);
    expect(scoreOf(levels.slice(-500))('Noon')).toBeLessThan(1);
    expect(scoreOf(levels)('x'.repeat(5000))).toBe(scoreOf(levels)('Noon'));
  });

  it('cannot tell rare texts of a column of many from new ones, and lets both pass', () => {
    const score = scoreOf(Array.from({ length: 2000 }, (_, row) => `species ${row % 500}`));
    expect(score('species 7')).toBeLessThan(1);
    expect(score('dragon')).toBeLessThan(1);
  });

  it('calls a missing value an outlier where hardly any is missing', () => {
    expect(scoreOf([...levels, null])('')).toBeGreaterThan(1);
    expect(scoreOf([...levels, ...new Array(500).fill(null)])('')).toBeLessThan(1);
  });
});

describe('rules of a profile', () => {
  it('leave out columns of which nothing is known', () => {
    const profiler = new Profiler<Value>(reader);
    profiler.add(['x', 'y'], []);
    expect(outlierRules(profiler.profile())).toEqual([]);
  });
});
