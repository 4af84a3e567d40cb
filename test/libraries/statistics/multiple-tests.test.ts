import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg, holm, splitErrorBudget } from '../../../libraries/statistics/index.ts';

/** Benjamini and Hochberg 1995, section 4.1; adjusted by statsmodels 0.15: `multipletests(p, method='fdr_bh')`, `'holm'`. */
const published = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
  0.759, 1,
];

describe('several p values', () => {
  it('are adjusted for the chance of any false rejection by Holm', () => {
    const adjusted = holm(published);
    expect(adjusted[1]).toBeCloseTo(0.0056, 12);
    expect(adjusted[3]).toBeCloseTo(0.114, 12);
    expect(adjusted[6]).toBeCloseTo(0.278, 12);
    expect(adjusted[14]).toBe(1);
    expect(adjusted.filter((p) => p < 0.05)).toHaveLength(3);
  });

  it('are adjusted for the share of false rejections by Benjamini and Hochberg: four in their example', () => {
    const adjusted = benjaminiHochberg(published);
    expect(adjusted[3]).toBeCloseTo(0.035625, 12);
    expect(adjusted[5]).toBeCloseTo(0.06385714285714286, 12);
    expect(adjusted.filter((p) => p < 0.05)).toHaveLength(4);
  });

  it('keep their order and place, are never smaller, and Holm is the stricter', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 20 }), (values) => {
        const [strict, loose] = [holm(values), benjaminiHochberg(values)];
        for (const [at, value] of values.entries()) {
          expect(loose[at]).toBeGreaterThanOrEqual(value);
          expect(strict[at]).toBeGreaterThanOrEqual(loose[at]! - 1e-12);
          expect(strict[at]).toBeLessThanOrEqual(1);
          for (const [other, than] of values.entries())
            if (value < than) expect(strict[at]).toBeLessThanOrEqual(strict[other]!);
        }
        const turned = holm([...values].reverse()).toReversed();
        expect(turned).toEqual(strict);
      }),
    );
    expect(holm([])).toEqual([]);
    expect(() => holm([0.5, Number.NaN])).toThrow('p value 2 is NaN, not from 0 to 1');
    expect(() => benjaminiHochberg([1.5])).toThrow('p value 1 is 1.5');
  });
});

describe('an error budget', () => {
  it('is split by weight over metrics, and evenly over looks', () => {
    const { metrics, bound, statement } = splitErrorBudget(0.05, [
      { name: 'error-rate', weight: 3, looks: 'any' },
      { name: 'latency', looks: 10 },
      { name: 'score', looks: 'unbounded' },
    ]);
    expect(metrics.map(({ alpha }) => alpha)).toEqual(
      [0.03, 0.01, 0.01].map((alpha) => expect.closeTo(alpha, 14)),
    );
    expect(metrics[0]!.alphaAt(1000)).toBeCloseTo(0.03, 14);
    expect(metrics[1]!.alphaAt(10)).toBeCloseTo(0.001, 14);
    expect(metrics[2]!.alphaAt(1)).toBeCloseTo(0.005, 14);
    expect(bound).toBeCloseTo(0.05, 14);
    expect(statement).toBe(
      'The chance of any false alarm is at most 5 %: error-rate 3 % over any number of looks, latency 1 % over 10 looks, score 1 % over any number of looks.',
    );
    expect(() => metrics[1]!.alphaAt(11)).toThrow(
      'latency has 10 looks in its error budget, and this is look 11',
    );
  });

  it('is never overdrawn, however often is looked', () => {
    const looks = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constant('unbounded' as const));
    fc.assert(
      fc.property(
        fc.array(looks, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 300 }),
        (each, made) => {
          const { metrics } = splitErrorBudget(
            0.1,
            each.map((count, at) => ({ name: `m${at}`, weight: at + 1, looks: count })),
          );
          let spent = 0;
          for (const [at, metric] of metrics.entries()) {
            const count = each[at]!;
            const most = count === 'unbounded' ? made : Math.min(made, count);
            for (let look = 1; look <= most; look++) spent += metric.alphaAt(look);
          }
          expect(spent).toBeLessThanOrEqual(0.1 + 1e-12);
        },
      ),
    );
  });

  it('is refused in words where it makes no sense', () => {
    expect(() => splitErrorBudget(1, [{ name: 'a', looks: 1 }])).toThrow('alpha is 1');
    expect(() => splitErrorBudget(0.05, [])).toThrow('no metric');
    expect(() => splitErrorBudget(0.05, [{ name: 'a', looks: 0 }])).toThrow('the looks of a is 0');
    expect(() => splitErrorBudget(0.05, [{ name: 'a', weight: 0, looks: 1 }])).toThrow(
      'the weight of a is 0',
    );
    const twice = { name: 'a', looks: 1 };
    expect(() => splitErrorBudget(0.05, [twice, twice])).toThrow('the metric a is there twice');
  });
});
