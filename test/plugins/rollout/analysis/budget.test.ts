import { describe, expect, it } from 'vitest';
import { alphaAt, boundInWords, budgetOf } from '../../../../plugins/rollout/analysis/budget.ts';
import type { MetricDefinition } from '../../../../plugins/rollout/analysis/metric-definition.ts';

function metric(name: string, more: Partial<MetricDefinition> = {}): MetricDefinition {
  return {
    limits: { name },
    provider: 'builtin',
    query: { metric: 'errorRate' },
    failureCondition: 'result.lower > 0.01',
    ...more,
  };
}

const declared = { alpha: 0.06, isDeclared: true };

describe('an error budget', () => {
  it('is shared by the analyses of a rollout and the metrics that fail only when they are sure', () => {
    const definitions = [
      metric('sure'),
      metric('also', { failureCondition: undefined, successCondition: 'result.lower <= 0.01' } as never),
      metric('threshold', { failureCondition: 'result.candidate > 0.01' }),
    ];
    const budget = budgetOf(declared, 3, definitions);
    expect(budget.metrics).toMatchObject([
      { name: 'sure', alpha: expect.closeTo(0.01, 12), looks: 'any' },
      { name: 'also', alpha: expect.closeTo(0.01, 12), looks: 'any' },
      { name: 'threshold', alpha: null },
    ]);
    expect(alphaAt(budget, definitions[0]!, 1)).toBeCloseTo(0.01, 12);
    expect(alphaAt(budget, definitions[0]!, 1000)).toBeCloseTo(0.01, 12);
    expect(boundInWords(budget)).toBe(
      "P(a good version is rolled back by this analysis) by these metrics ≤ 0.02 (the model's error budget of 0.06 over 3 analyses): " +
        'sure 0.01 over any number of looks (exact at first, then for large samples), ' +
        'also 0.01 over any number of looks (exact at first, then for large samples). No bound: threshold (a threshold without an interval).',
    );
  });

  it('is split by looks where a window moves on, and never adds up to more', () => {
    const counted = metric('counted', { window: 60_000, limits: { name: 'counted', interval: 1, count: 4 } });
    const endless = metric('endless', { window: 60_000, limits: { name: 'endless', interval: 1 } });
    const budget = budgetOf(declared, 1, [counted, endless]);
    const spent = (definition: MetricDefinition, looks: number) =>
      Array.from({ length: looks }, (_, look) => alphaAt(budget, definition, look + 1) ?? 0).reduce(
        (sum, one) => sum + one,
        0,
      );
    expect(spent(counted, 4)).toBeCloseTo(0.03, 12);
    expect(spent(endless, 10_000)).toBeLessThanOrEqual(0.03);
    expect(spent(endless, 10_000)).toBeGreaterThan(0.0299);
  });

  it('bounds nothing where a metric fails without data, judges by a choice, or has no bounds', () => {
    const budget = budgetOf(declared, 1, [
      metric('empty', { limits: { name: 'empty', noData: 'fail' } }),
      metric('choice', { failureCondition: 'result.lower > 0.01 || result.candidate > 0.2' }),
      metric('unsure', { failureCondition: undefined, successCondition: 'result.upper < 0.02' } as never),
      metric('counted', { query: { metric: 'requests' }, failureCondition: 'result.candidate < 10.0' }),
      metric('elsewhere', { provider: 'prometheus', failureCondition: 'result > 1.0' }),
      metric('dry', { limits: { name: 'dry', dryRun: true } }),
    ]);
    expect(budget.metrics.map(({ name, alpha }) => [name, alpha])).toEqual([
      ['empty', null],
      ['choice', null],
      ['unsure', null],
      ['counted', null],
      ['elsewhere', null],
    ]);
    expect(boundInWords(budget)).toMatch(
      /^P\(a good version is rolled back by this analysis\) has no bound: empty \(noData: fail\), choice \(/,
    );
    // Bounds are shown, and spend nothing.
    expect(alphaAt(budget, metric('choice'), 3)).toBe(0.06);
    expect(alphaAt(budget, metric('dry', { limits: { name: 'dry', dryRun: true } }), 3)).toBe(0.06);
    expect(alphaAt(budget, metric('counted', { query: { metric: 'requests' } }), 1)).toBeUndefined();
  });

  it('says which bounds are those of large samples, and that it is the default', () => {
    const budget = budgetOf({ alpha: 0.05, isDeclared: false }, 1, [
      metric('score', { query: { metric: 'scoreShift' }, failureCondition: 'result.lower > 0.1' }),
    ]);
    expect(boundInWords(budget)).toBe(
      'P(a good version is rolled back by this analysis) ≤ 0.05 (the default error budget of 0.05): ' +
        'score 0.05 over any number of looks (for large samples).',
    );
  });
});
