/** Reference values: gbstats, as in comparisons.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  effectOf,
  momentsOfMean,
  momentsOfProportion,
  posteriorOf,
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

function expectInterval(got: { low: number; high: number }, [low, high]: readonly [number, number]): void {
  expect(got.low).toBeCloseTo(low, 10);
  expect(got.high).toBeCloseTo(high, 10);
}

describe('a posterior', () => {
  it.each([
    [
      'mean',
      'absolute',
      undefined,
      0.29,
      [0.045418815576898225, 0.5345811844231017],
      0.9899353773586762,
      [0.2904258935617009, 0.00042589356170090437],
    ],
    [
      'mean',
      'relative',
      { mean: 0.01, variance: 0.04 },
      0.16199969933080666,
      [-0.18464742727784977, 0.508646825939463],
      0.8201550593431617,
      [0.17924888580910067, 0.017249186478294022],
    ],
    [
      'proportion',
      'relative',
      undefined,
      0.11960784313725478,
      [-0.011198374739487621, 0.25041406101399716],
      0.9634471829092424,
      [0.12057951934511763, 0.0009716762078628616],
    ],
    [
      'proportion',
      'absolute',
      { mean: 0.01, variance: 0.04 },
      0.005981389881110157,
      [-0.00019438572384250334, 0.012157165486062816],
      0.9711699426391293,
      [0.00601637830784296, 3.498842673280241e-5],
    ],
  ] as const)(
    'of a %s, %s agrees with gbstats (prior %o)',
    (metric, difference, prior, estimate, interval, chance, risk) => {
      const posterior = posteriorOf(effectOf(...arms[metric], difference), 0.05, 'two-sided', prior);
      expect(posterior.estimate).toBeCloseTo(estimate, 12);
      expectInterval(posterior.interval, interval);
      expect(posterior.chanceToWin).toBeCloseTo(chance, 12);
      expect(posterior.risk.control).toBeCloseTo(risk[0], 12);
      expect(posterior.risk.treatment).toBeCloseTo(risk[1], 12);
    },
  );

  it('turns round where less is better', () => {
    const effect = effectOf(...mean, 'absolute');
    const [more, less] = [posteriorOf(effect, 0.05, 'greater'), posteriorOf(effect, 0.05, 'less')];
    expect(less.chanceToWin).toBeCloseTo(1 - more.chanceToWin, 14);
    expect(less.risk).toEqual({ control: more.risk.treatment, treatment: more.risk.control });
  });

  it('hangs between prior and data, and its risks differ by the estimate', () => {
    const effect = fc.record({
      estimate: fc.double({ min: -5, max: 5, noNaN: true }),
      standardError: fc.double({ min: 0.01, max: 5, noNaN: true }),
      degreesOfFreedom: fc.constant(100),
      n: fc.constant(102),
    });
    const prior = fc.record({
      mean: fc.double({ min: -5, max: 5, noNaN: true }),
      variance: fc.double({ min: 1e-3, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(effect, prior, (given, believed) => {
        const { estimate, risk } = posteriorOf(given, 0.05, 'two-sided', believed);
        expect(estimate).toBeGreaterThanOrEqual(Math.min(given.estimate, believed.mean) - 1e-9);
        expect(estimate).toBeLessThanOrEqual(Math.max(given.estimate, believed.mean) + 1e-9);
        expect(risk.control - risk.treatment).toBeCloseTo(estimate, 9);
        expect(Math.min(risk.control, risk.treatment)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('refuses a prior that is none', () => {
    const effect = effectOf(...mean, 'absolute');
    expect(() => posteriorOf(effect, 0.05, 'greater', { mean: 0, variance: 0 })).toThrow(
      "the prior's variance is 0",
    );
    expect(() => posteriorOf(effect, 0.05, 'greater', { mean: Number.NaN, variance: 1 })).toThrow(
      "the prior's mean",
    );
  });
});
