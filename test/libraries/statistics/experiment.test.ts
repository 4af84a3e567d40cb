import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyze, type Experiment } from '../../../libraries/statistics/index.ts';

const experiment: Experiment = {
  metric: 'proportion',
  arms: [
    { name: 'stable', n: 10_000, sum: 500 },
    { name: 'candidate', n: 10_200, sum: 571 },
  ],
  method: 'fixed',
  difference: 'relative',
};

describe('an experiment', () => {
  it('is judged by the method that it names', () => {
    const [fixed] = analyze(experiment).comparisons;
    expect(fixed).toMatchObject({
      arm: 'candidate',
      n: 20_200,
      means: { control: 0.05 },
      significant: false,
    });
    expect(fixed?.pValue).toBeCloseTo(0.07312061258737579, 12);
    expect(fixed?.adjustedPValue).toBe(fixed?.pValue);
    const sequential = analyze({ ...experiment, method: 'sequential' });
    expect(sequential).toMatchObject({ tuning: 5000, alpha: 0.05, alternative: 'two-sided' });
    expect(sequential.comparisons[0]?.pValue).toBe(1);
    const [bayesian] = analyze({ ...experiment, method: 'bayesian' }).comparisons;
    expect(bayesian).toMatchObject({ pValue: null, adjustedPValue: null, significant: null });
    expect(bayesian?.chanceToWin).toBeCloseTo(0.9634471829092424, 12);
  });

  it('has one result for each treatment, with p values adjusted over all of them', () => {
    const third = { name: 'other', n: 9_900, sum: 612 };
    const { comparisons } = analyze({ ...experiment, arms: [...experiment.arms, third] });
    expect(comparisons.map(({ arm }) => arm)).toEqual(['candidate', 'other']);
    const [candidate, other] = comparisons;
    expect(candidate?.adjustedPValue).toBe(candidate?.pValue);
    expect(other?.adjustedPValue).toBeCloseTo(2 * (other?.pValue ?? 0), 14);
    expect(other?.significant).toBe(true);
  });

  it('takes a covariate into account', () => {
    const { comparisons } = analyze({
      metric: 'mean',
      arms: [
        { name: 'a', n: 400, sum: 3413.42, sumSquares: 32414.845278 },
        { name: 'b', n: 420, sum: 3961.939, sumSquares: 41517.974087 },
      ],
      covariate: [
        { sum: 3873.117, sumSquares: 40569.094969, sumProducts: 35400.10066 },
        { sum: 4175.272, sumSquares: 45040.91994, sumProducts: 42196.310957 },
      ],
      method: 'sequential',
    });
    expect(comparisons[0]?.estimate).toBeCloseTo(0.6962889966592156, 8);
    expect(comparisons[0]?.pValue).toBeCloseTo(0.001702047835489595, 8);
    expect(comparisons[0]?.theta).toBeCloseTo(0.787163967, 8);
  });

  it('warns where its figures are not to be trusted', () => {
    expect(analyze(experiment).warnings).toEqual([]);
    const few = [
      { name: 'a', n: 10_000, sum: 500 },
      { name: 'b', n: 1_000, sum: 3 },
    ];
    const { warnings, sampleRatio } = analyze({ ...experiment, arms: few, shares: [1, 1] });
    expect(sampleRatio?.pValue).toBeLessThan(1e-6);
    expect(warnings).toEqual([
      expect.stringContaining('arm b has 3 of 1000'),
      expect.stringContaining('did not get the shares'),
    ]);
    const near = [
      { name: 'a', n: 100, sum: 1, sumSquares: 100 },
      { name: 'b', n: 100, sum: 2, sumSquares: 100 },
    ];
    expect(analyze({ ...experiment, metric: 'mean', arms: near }).warnings).toEqual([
      expect.stringContaining('the mean of a is within 4 of its standard errors from 0'),
    ]);
  });

  it('is judged in numbers or refused in words, whatever its sums are', () => {
    const number = fc.oneof(
      fc.double({ noNaN: false }),
      fc.double({ min: -100, max: 100, noNaN: true }),
      fc.integer({ min: -3, max: 300 }),
      fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 5e-324, 1e-160),
    );
    const mostly = (sensible: fc.Arbitrary<number>) =>
      fc.oneof({ arbitrary: sensible, weight: 9 }, { arbitrary: number, weight: 1 });
    const wild = fc.record({
      n: fc.oneof(fc.integer({ min: 0, max: 1000 }), number),
      sum: number,
      sumSquares: number,
      covariate: fc.record({ sum: number, sumSquares: number, sumProducts: number }),
    });
    // Sums of rows that there could be, so that many are judged: a double alone is mostly next to nothing.
    const value = fc.oneof(
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.integer({ min: -999, max: 999 }),
    );
    const rowsOf = (values: fc.Arbitrary<number>) =>
      fc.array(fc.record({ y: values, x: value }), { minLength: 2, maxLength: 30 }).map((rows) => {
        const total = (of: (row: { x: number; y: number }) => number) =>
          rows.reduce((sum, row) => sum + of(row), 0);
        const covariate = {
          sum: total(({ x }) => x),
          sumSquares: total(({ x }) => x * x),
          sumProducts: total(({ x, y }) => x * y),
        };
        return { n: rows.length, sum: total(({ y }) => y), sumSquares: total(({ y }) => y * y), covariate };
      });
    const arm = fc.oneof(
      { arbitrary: rowsOf(value), weight: 4 },
      { arbitrary: rowsOf(fc.constantFrom(0, 1)), weight: 4 },
      { arbitrary: wild, weight: 1 },
    );
    const share = mostly(fc.integer({ min: 1, max: 300 }));
    const experiments = fc
      .record(
        {
          metric: fc.constantFrom('mean' as const, 'proportion' as const),
          sides: fc.array(fc.record({ arm, share }), { minLength: 2, maxLength: 3 }),
          method: fc.constantFrom('fixed' as const, 'sequential' as const, 'bayesian' as const),
          isAdjusted: fc.boolean(),
          isShared: fc.boolean(),
          difference: fc.constantFrom('absolute' as const, 'relative' as const),
          alternative: fc.constantFrom('two-sided' as const, 'greater' as const, 'less' as const),
          alpha: mostly(fc.integer({ min: 1, max: 600 }).map((thousandths) => thousandths / 1000)),
          tuning: mostly(fc.integer({ min: 1, max: 10_000 })),
          prior: fc.record({ mean: mostly(value), variance: mostly(fc.integer({ min: 1, max: 100 })) }),
        },
        { requiredKeys: ['metric', 'sides', 'method'] },
      )
      .map(({ sides, isAdjusted, isShared, ...rest }) => ({
        ...rest,
        arms: sides.map(({ arm: { n, sum, sumSquares } }, at) => ({ name: `arm${at}`, n, sum, sumSquares })),
        ...(isAdjusted ? { covariate: sides.map((side) => side.arm.covariate) } : {}),
        ...(isShared ? { shares: sides.map((side) => side.share) } : {}),
      }));
    let judged = 0;
    fc.assert(
      fc.property(experiments, (given) => {
        let told: ReturnType<typeof analyze>;
        try {
          told = analyze(given);
        } catch (error) {
          expect(error).toMatchObject({ code: 'DegenerateInput' });
          return;
        }
        judged++;
        for (const { interval, ...comparison } of told.comparisons) {
          expect(interval.low).not.toBeNaN();
          expect(interval.high).not.toBeNaN();
          for (const value of Object.values({ ...comparison, ...comparison.risk, ...comparison.means }))
            if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite);
        }
        if (told.sampleRatio) expect(told.sampleRatio.pValue).toSatisfy(Number.isFinite);
      }),
      { numRuns: 3000 },
    );
    expect(judged).toBeGreaterThan(300);
  });

  it.each<[Partial<Experiment>, string]>([
    [{ arms: experiment.arms.slice(1) }, 'fewer than two arms'],
    [{ arms: [experiment.arms[0]!, experiment.arms[0]!] }, 'two arms are called stable'],
    [{ arms: [experiment.arms[0]!, { name: 'b', n: 10, sum: 11 }] }, 'arm b: sum is 11 of n = 10'],
    [{ arms: [experiment.arms[0]!, { name: 'b', n: 10, sum: 5, sumSquares: 6 }] }, 'they are the same'],
    [{ metric: 'mean' }, 'arm stable: sumSquares is missing'],
    [{ covariate: [] }, '2 arms and 0 covariates'],
    [{ shares: [1, 1, 1] }, '2 arms and 3 shares'],
    [{ alpha: 2 }, 'alpha is 2'],
    [
      {
        metric: 'mean',
        arms: [
          { name: 'a', n: 10, sum: 0, sumSquares: 3 },
          { name: 'b', n: 10, sum: 1, sumSquares: 3 },
        ],
      },
      "b against a: control's mean is 0",
    ],
  ])('that is degenerate is refused in words: case %#', (change, message) => {
    expect(() => analyze({ ...experiment, ...change })).toThrow(message);
  });
});
