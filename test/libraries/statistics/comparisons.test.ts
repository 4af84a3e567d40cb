/**
 * Reference values where no other source is named: gbstats of GrowthBook (MIT) at commit 8f1db445, whose convention of the
 * tuning parameter this library follows: `git clone https://github.com/growthbook/growthbook`, `pip install scipy pydantic
 * pandas`, and in packages/stats for example `SequentialTwoSidedTTest([(ProportionStatistic(n=10000, sum=500),
 * ProportionStatistic(n=10200, sum=571))], SequentialConfig(difference_type='relative')).compute_result()`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Alternative,
  anytimeTest,
  type DifferenceType,
  effectOf,
  momentsOfMean,
  momentsOfProportion,
  welchTest,
} from '../../../libraries/statistics/index.ts';

const mean = [
  momentsOfMean({ n: 3407, sum: 1396.87, sumSquares: 52390.5 }),
  momentsOfMean({ n: 3461, sum: 2422.7, sumSquares: 134700.25 }),
] as const;
const proportion = [
  momentsOfProportion({ n: 10_000, sum: 500 }),
  momentsOfProportion({ n: 10_200, sum: 571 }),
] as const;
const arms = { mean, proportion };

const infinity = Number.POSITIVE_INFINITY;

function expectInterval(got: { low: number; high: number }, [low, high]: readonly [number, number]): void {
  for (const [one, wanted] of [
    [got.low, low],
    [got.high, high],
  ] as const) {
    if (Number.isFinite(wanted)) expect(one).toBeCloseTo(wanted, 10);
    else expect(one).toBe(wanted);
  }
}

describe("Welch's test", () => {
  it("is that of R on Student's sleep data: t.test(extra ~ group, sleep)", () => {
    const sums = (values: readonly number[]) => ({
      n: values.length,
      sum: values.reduce((sum, value) => sum + value, 0),
      sumSquares: values.reduce((sum, value) => sum + value * value, 0),
    });
    const control = momentsOfMean(sums([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]));
    const treatment = momentsOfMean(sums([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]));
    const effect = effectOf(control, treatment, 'absolute');
    expect(effect.estimate / effect.standardError).toBeCloseTo(1.8608, 4);
    expect(effect.degreesOfFreedom).toBeCloseTo(17.776473516178, 10);
    const test = welchTest(effect, 0.05, 'two-sided');
    expect(test.pValue).toBeCloseTo(0.0793941401873583, 12);
    expectInterval(test.interval, [-0.2054832307117114, 3.3654832307117104]);
  });

  it.each([
    [
      'mean',
      'absolute',
      'two-sided',
      0.12478861160323705,
      [0.04536813323853858, 0.5346318667614613],
      0.020163375184313548,
    ],
    [
      'mean',
      'absolute',
      'greater',
      0.12478861160323705,
      [0.08470844650498338, infinity],
      0.010081687592156774,
    ],
    ['mean', 'relative', 'less', 0.3788203478275674, [-infinity, 1.330519917580185], 0.9690351462253923],
    [
      'proportion',
      'absolute',
      'two-sided',
      0.0031513549505872616,
      [-0.00019652061524545652, 0.012157304928970936],
      0.05774711904027163,
    ],
    [
      'proportion',
      'relative',
      'two-sided',
      0.0667390926101322,
      [-0.011206222560300239, 0.2504219088348098],
      0.07312061258737579,
    ],
    [
      'proportion',
      'relative',
      'greater',
      0.0667390926101322,
      [0.009826763810829364, infinity],
      0.036560306293687894,
    ],
  ] as const)(
    'of a %s, %s, %s agrees with gbstats',
    (metric, difference, alternative, error, interval, p) => {
      const effect = effectOf(...arms[metric], difference);
      const test = welchTest(effect, 0.05, alternative);
      expect(effect.standardError).toBeCloseTo(error, 12);
      expect(test.pValue).toBeCloseTo(p, 12);
      expectInterval(test.interval, interval);
    },
  );
});

describe('the anytime-valid test', () => {
  it.each([
    ['mean', 'absolute', 'two-sided', [-0.0894252374939784, 0.6694252374939784], 0.290801966276534],
    ['mean', 'relative', 'two-sided', [-0.4445027811844535, 1.8591369275259169], 0.6988259387389559],
    ['mean', 'absolute', 'greater', [-0.05713066419992052, infinity], 0.15164518150329592],
    ['mean', 'relative', 'greater', [-0.34646625901290196, infinity], 0.41241391059875493],
    ['proportion', 'absolute', 'two-sided', [-0.0038777769517953694, 0.01583856126552085], 1],
    ['proportion', 'relative', 'two-sided', [-0.08916751585125651, 0.3283832021257661], 1],
  ] as const)('of a %s, %s, %s agrees with gbstats', (metric, difference, alternative, interval, p) => {
    const test = anytimeTest(effectOf(...arms[metric], difference), 0.05, alternative);
    expectInterval(test.interval, interval);
    // One-sided p values are found by bisection there, to about 1e-6.
    expect(test.pValue).toBeCloseTo(p, alternative === 'two-sided' ? 12 : 5);
  });

  it('follows alpha and the tuning parameter', () => {
    const test = anytimeTest(effectOf(...mean, 'absolute'), 0.01, 'two-sided', 1000);
    expectInterval(test.interval, [-0.17300879840425926, 0.7530087984042593]);
    expect(test.pValue).toBeCloseTo(0.6223119112658431, 12);
  });

  it('finds nothing in the direction that is not looked for', () => {
    const test = anytimeTest(effectOf(...mean, 'absolute'), 0.05, 'less');
    expect(test.pValue).toBe(1);
    expectInterval(test.interval, [-infinity, 0.6371306641999205]);
  });
});

describe('any test', () => {
  const effects = fc.record({
    estimate: fc.double({ min: -10, max: 10, noNaN: true }),
    standardError: fc.double({ min: 1e-6, max: 10, noNaN: true }),
    degreesOfFreedom: fc.double({ min: 1, max: 1e8, noNaN: true }),
    n: fc.integer({ min: 4, max: 1e9 }),
  });
  const alternatives = fc.constantFrom<Alternative>('two-sided', 'greater', 'less');
  const alphas = fc.double({ min: 1e-6, max: 0.2, noNaN: true });
  // Where p is alpha itself, rounding decides.
  const edge = (p: number, alpha: number) => Math.abs(Math.log(p / alpha)) < 1e-9;

  it.each([
    ['welchTest', welchTest],
    ['anytimeTest', anytimeTest],
  ])('%s has a p value below alpha exactly where its interval leaves out 0', (_, test) => {
    fc.assert(
      fc.property(effects, alphas, alternatives, (effect, alpha, alternative) => {
        const { pValue, interval } = test(effect, alpha, alternative);
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1);
        if (edge(pValue, alpha)) return;
        expect(interval.low > 0 || interval.high < 0).toBe(pValue < alpha);
      }),
    );
  });

  it('says the same of two arms that change places, with the sign turned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 999 }), fc.integer({ min: 2, max: 999 }), (one, other) => {
        const [a, b] = [one, other].map((sum) => momentsOfProportion({ n: 1000, sum })) as [
          ReturnType<typeof momentsOfProportion>,
          ReturnType<typeof momentsOfProportion>,
        ];
        for (const test of [welchTest, anytimeTest]) {
          const there = test(effectOf(a, b, 'absolute'), 0.05, 'greater');
          const back = test(effectOf(b, a, 'absolute'), 0.05, 'less');
          expect(back.pValue).toBeCloseTo(there.pValue, 12);
          expect(back.interval.high).toBeCloseTo(-there.interval.low, 12);
        }
      }),
    );
  });

  it('does not depend on the unit of a mean', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (scale) => {
        const scaled = mean.map(({ n, mean: value, variance }) => ({
          n,
          mean: value * scale,
          variance: variance * scale * scale,
        })) as [(typeof mean)[0], (typeof mean)[0]];
        for (const difference of ['absolute', 'relative'] satisfies DifferenceType[]) {
          const wanted = welchTest(effectOf(...mean, difference), 0.05, 'two-sided').pValue;
          expect(welchTest(effectOf(...scaled, difference), 0.05, 'two-sided').pValue).toBeCloseTo(
            wanted,
            10,
          );
        }
      }),
    );
  });

  it('refuses an alpha and a tuning that are none', () => {
    const effect = effectOf(...mean, 'absolute');
    expect(() => welchTest(effect, 0, 'two-sided')).toThrow('alpha is 0, not between 0 and 1');
    expect(() => welchTest(effect, Number.NaN, 'two-sided')).toThrow('alpha is NaN');
    expect(() => anytimeTest(effect, 0.5, 'less')).toThrow('one-sided it is below 0.5');
    expect(() => anytimeTest(effect, 0.05, 'less', 0)).toThrow('the tuning parameter is 0');
  });
});
