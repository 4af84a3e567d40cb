import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anytimeTest,
  type DifferenceType,
  effectOf,
  momentsOfMean,
  momentsOfProportion,
  momentsOfQuantile,
  seededRandom,
  welchTest,
} from '../../../libraries/statistics/index.ts';

const infinity = Number.POSITIVE_INFINITY;

describe('quantiles of two arms', () => {
  it('have the standard error that their asymptotic formula gives', () => {
    // A uniform variable: the quantile q has the variance q (1 - q) / n, as its density is 1.
    const random = seededRandom(11);
    const values = Float64Array.from({ length: 100_000 }, () => random.next());
    for (const share of [0.5, 0.95, 0.99]) {
      const moments = momentsOfQuantile(values, share);
      expect(Math.abs(moments.mean - share)).toBeLessThan(0.003);
      expect(moments.variance / (share * (1 - share))).toBeGreaterThan(0.8);
      expect(moments.variance / (share * (1 - share))).toBeLessThan(1.25);
    }
  });

  it('hold the true difference about as often as they say', () => {
    const random = seededRandom(5);
    const latencies = () => Float64Array.from({ length: 800 }, () => -Math.log(1 - random.next()));
    let held = 0;
    for (let world = 0; world < 300; world++) {
      const effect = effectOf(
        momentsOfQuantile(latencies(), 0.9),
        momentsOfQuantile(latencies(), 0.9),
        'absolute',
      );
      const { interval } = welchTest(effect, 0.05, 'two-sided');
      if (interval.low <= 0 && 0 <= interval.high) held++;
    }
    expect(held).toBeGreaterThan(273);
    expect(held).toBeLessThan(297);
  });

  it('are refused for too few rows, and where all are equal', () => {
    const rows = (n: number) => Array.from({ length: n }, (_, row) => row);
    expect(() => momentsOfQuantile(rows(72), 0.95)).toThrow(
      'there are 72 rows: the quantile of 0.95 needs at least 73',
    );
    expect(momentsOfQuantile(rows(73), 0.95).variance).toBeGreaterThan(0);
    expect(() => momentsOfQuantile([], 0.5)).toThrow('there are 0 rows');
    expect(() => momentsOfQuantile(new Float64Array(500).fill(3), 0.5)).toThrow('all equal');
    expect(() => momentsOfQuantile([1, Number.NaN], 0.5)).toThrow('the value in row 2 is NaN');
    expect(() => momentsOfQuantile(rows(100), 1)).toThrow('the share of the quantile is 1');
  });
});

describe('sums that no comparison can be made of', () => {
  it.each([
    [{ n: 1, sum: 1, sumSquares: 1 }, 'n is 1: at least two rows'],
    [{ n: 0, sum: 0, sumSquares: 0 }, 'n is 0'],
    [{ n: 2.5, sum: 1, sumSquares: 1 }, 'n is 2.5, not a whole number'],
    [{ n: 10, sum: 20, sumSquares: 40 }, 'the values do not vary'],
    [{ n: 10, sum: 1, sumSquares: 0.1 - 1e-14 }, 'the values do not vary'],
    [{ n: 10, sum: 20, sumSquares: 39 }, 'sumSquares is 39, and is at least sum² / n = 40'],
    [{ n: 10, sum: Number.NaN, sumSquares: 39 }, 'sum is NaN'],
    [{ n: 10, sum: 1, sumSquares: infinity }, 'sumSquares is Infinity'],
    [{ n: 10, sum: 1e200, sumSquares: 1e300 }, 'one of the sums is wrong'],
  ])('of a mean: %o', (sums, message) => expect(() => momentsOfMean(sums)).toThrow(message));

  it.each([
    [{ n: 1, sum: 1 }, 'n is 1'],
    [{ n: 10, sum: 11 }, 'sum is 11 of n = 10: a proportion lies between 0 and 1'],
    [{ n: 10, sum: -1 }, 'sum is -1 of n = 10'],
    [{ n: 10, sum: 0 }, 'no row is 1'],
    [{ n: 10, sum: 10 }, 'all rows are 1'],
    [{ n: 10, sum: Number.NaN }, 'sum is NaN'],
  ])('of a proportion: %o', (sums, message) => expect(() => momentsOfProportion(sums)).toThrow(message));

  it('of a relative difference: control at 0', () => {
    const other = momentsOfMean({ n: 3461, sum: 2422.7, sumSquares: 134700.25 });
    const zero = momentsOfMean({ n: 10, sum: 0, sumSquares: 4 });
    expect(() => effectOf(zero, other, 'relative')).toThrow("control's mean is 0");
    expect(effectOf(zero, other, 'absolute').estimate).toBeCloseTo(0.7, 12);
  });

  it('never lead to NaN, whatever they are', () => {
    const number = fc.oneof(
      fc.double(),
      fc.integer({ min: -5, max: 50 }),
      fc.constantFrom(0, 1, Number.NaN, infinity, 1e308),
    );
    const arm = fc.record({ n: number, sum: number, sumSquares: number });
    fc.assert(
      fc.property(
        arm,
        arm,
        fc.constantFrom<DifferenceType>('absolute', 'relative'),
        (one, other, difference) => {
          let effect: ReturnType<typeof effectOf>;
          try {
            effect = effectOf(momentsOfMean(one), momentsOfMean(other), difference);
          } catch (error) {
            expect(error).toMatchObject({ code: 'DegenerateInput' });
            return;
          }
          for (const { pValue, interval } of [
            welchTest(effect, 0.05, 'two-sided'),
            anytimeTest(effect, 0.05, 'greater'),
          ]) {
            expect(pValue).not.toBeNaN();
            expect(interval.low).not.toBeNaN();
            expect(interval.high).not.toBeNaN();
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
