/** Reference values: gbstats, as in comparisons.test.ts. */
import { describe, expect, it } from 'vitest';
import {
  anytimeTest,
  cupedEffect,
  effectOf,
  momentsOfMean,
  momentsOfProportion,
  welchTest,
} from '../../../libraries/statistics/index.ts';

function expectInterval(got: { low: number; high: number }, [low, high]: readonly [number, number]): void {
  expect(got.low).toBeCloseTo(low, 10);
  expect(got.high).toBeCloseTo(high, 10);
}

describe('a covariate', () => {
  const control = {
    moments: momentsOfMean({ n: 400, sum: 3413.42, sumSquares: 32414.845278 }),
    sum: 3413.42,
    covariate: { sum: 3873.117, sumSquares: 40569.094969000005, sumProducts: 35400.10066 },
  };
  const treatment = {
    moments: momentsOfMean({ n: 420, sum: 3961.939, sumSquares: 41517.974087 }),
    sum: 3961.939,
    covariate: { sum: 4175.272, sumSquares: 45040.91994, sumProducts: 42196.310957 },
  };

  it('narrows the difference of means as in gbstats', () => {
    const effect = cupedEffect(control, treatment, 'absolute', 'mean');
    expect(effect.theta).toBeCloseTo(0.7871639676728276, 12);
    expect(effect.estimate).toBeCloseTo(0.6962889966592156, 10);
    expect(effect.standardError).toBeCloseTo(0.14205997045888016, 10);
    const test = welchTest(effect, 0.05, 'two-sided');
    expect(test.pValue / 1.1482181181410311e-6).toBeCloseTo(1, 8);
    expectInterval(test.interval, [0.41744290522196836, 0.9751350880964629]);
    const plain = effectOf(control.moments, treatment.moments, 'absolute');
    expect(effect.standardError).toBeLessThan(0.7 * plain.standardError);
    expect(effect.varianceReduction).toBeCloseTo(1 - (effect.standardError / plain.standardError) ** 2, 10);
  });

  it('does so for relative differences, at any number of looks', () => {
    const effect = cupedEffect(control, treatment, 'relative', 'mean');
    expect(effect.estimate).toBeCloseTo(0.08159429506585368, 10);
    expect(effect.standardError).toBeCloseTo(0.017502882435677297, 10);
    const test = anytimeTest(effect, 0.05, 'two-sided');
    expect(test.pValue).toBeCloseTo(0.0032535289117648605, 9);
    expectInterval(test.interval, [0.020788719983744645, 0.1423998701479627]);
  });

  it('does so for proportions', () => {
    const arm = (n: number, sum: number, x: number, products: number) => ({
      moments: momentsOfProportion({ n, sum }),
      sum,
      covariate: { sum: x, sumSquares: x, sumProducts: products },
    });
    const effect = cupedEffect(arm(2000, 475, 589, 312), arm(2100, 538, 613, 333), 'relative', 'proportion');
    expect(effect.estimate).toBeCloseTo(0.08317280669650785, 10);
    expect(effect.standardError).toBeCloseTo(0.05314856422088635, 10);
  });

  it('is refused where it cannot help, or cannot be', () => {
    const with_ = (covariate: Partial<typeof control.covariate>) => ({
      ...control,
      covariate: { ...control.covariate, ...covariate },
    });
    const still = { sum: 0, sumSquares: 0, sumProducts: 0 };
    const both = (covariate: typeof still) => () =>
      cupedEffect(with_(covariate), { ...treatment, covariate }, 'absolute', 'mean');
    expect(both(still)).toThrow('the covariate does not vary: leave it out');
    expect(() => cupedEffect(with_({ sumProducts: 1e9 }), treatment, 'absolute', 'mean')).toThrow(
      'one of the sums is wrong',
    );
    expect(() => cupedEffect(with_({ sumSquares: 1 }), treatment, 'absolute', 'mean')).toThrow(
      'the covariate’s sumSquares is 1, and is at least',
    );
    expect(() => cupedEffect(with_({ sum: Number.NaN }), treatment, 'absolute', 'mean')).toThrow('NaN');
    const itself = (arm: typeof control, sumSquares: number) => ({
      ...arm,
      covariate: { sum: arm.sum, sumSquares, sumProducts: sumSquares },
    });
    expect(() =>
      cupedEffect(itself(control, 32414.845278), itself(treatment, 41517.974087), 'absolute', 'mean'),
    ).toThrow('Is it the metric itself?');
  });
});
