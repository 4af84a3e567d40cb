import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Design,
  expectedProportion,
  minimumSampleSize,
  power,
} from '../../../libraries/statistics/index.ts';

/** Two means that are `d` standard deviations apart. */
function apart(d: number, design: Partial<Design> = {}): Design {
  return {
    control: { mean: 0, variance: 1 },
    treatment: { mean: d, variance: 1 },
    difference: 'absolute',
    alternative: 'two-sided',
    alpha: 0.05,
    method: 'fixed',
    ...design,
  };
}

describe('power', () => {
  // statsmodels 0.15: TTestIndPower().power(d, n, alpha, ratio=r, alternative=…).
  it.each([
    [apart(0.5), 128, 0.8014595579222542],
    [apart(0.2), 400, 0.5140816374803289],
    [apart(0.5), 60, 0.4778965207601643],
    [apart(0.8, { alternative: 'greater' }), 24, 0.6002346522266928],
    [apart(0.1, { alpha: 0.01, share: 0.2 }), 6250, 0.7209307889191622],
  ])('of case %# is that of the noncentral t distribution', (design, rows, wanted) => {
    // An approximation, of which the error falls with the rows.
    expect(Math.abs(power(design, rows) - wanted)).toBeLessThan(rows < 100 ? 0.008 : 0.001);
  });

  it('is alpha where there is no difference', () => {
    expect(power(apart(0), 10_000)).toBeCloseTo(0.05, 4);
    expect(power(apart(0, { alternative: 'less' }), 10_000)).toBeCloseTo(0.05, 4);
  });

  it('grows with the rows, and is less for whoever wants to look at any time', () => {
    const d = fc.double({ min: 0.02, max: 1, noNaN: true });
    fc.assert(
      fc.property(d, fc.integer({ min: 50, max: 1e6 }), (away, rows) => {
        for (const method of ['fixed', 'sequential'] as const) {
          const design = apart(away, { method });
          expect(power(design, rows * 2)).toBeGreaterThanOrEqual(power(design, rows) - 1e-12);
        }
        expect(power(apart(away, { method: 'sequential' }), rows)).toBeLessThan(
          power(apart(away), rows) + 1e-12,
        );
      }),
    );
  });
});

describe('the minimum sample size', () => {
  // Cohen, "Statistical power analysis for the behavioral sciences" (1988), table 2.4.1 for a power of 0.80: 393, 64 and 26 an arm.
  it.each([
    [0.2, 393],
    [0.5, 64],
    [0.8, 26],
  ])("for d = %d is Cohen's %d an arm", (d, each) => {
    const { rows, control, treatment } = minimumSampleSize(apart(d));
    expect(control + treatment).toBe(rows);
    expect(Math.abs(Math.ceil(rows / 2) - each)).toBeLessThanOrEqual(1);
  });

  it('of proportions is that of the unpooled normal formula: 683 an arm for 10 % against 15 %', () => {
    const design: Design = {
      ...apart(0),
      control: expectedProportion(0.1),
      treatment: expectedProportion(0.15),
    };
    const formula = (1.959964 + 0.841621) ** 2 * ((0.09 + 0.1275) / 0.05 ** 2);
    expect(formula).toBeCloseTo(682.9, 1);
    expect(Math.abs(minimumSampleSize(design).rows / 2 - formula)).toBeLessThan(2);
  });

  it('has the power and one row fewer has not, for any design', () => {
    const designs = fc.record({
      away: fc.double({ min: 0.05, max: 1, noNaN: true }),
      method: fc.constantFrom<Design['method']>('fixed', 'sequential'),
      share: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      wanted: fc.double({ min: 0.3, max: 0.99, noNaN: true }),
    });
    fc.assert(
      fc.property(designs, ({ away, method, share, wanted }) => {
        const design = apart(away, { method, share });
        const found = minimumSampleSize(design, wanted);
        expect(found.power).toBeGreaterThanOrEqual(wanted);
        if (found.rows > Math.ceil(2 / Math.min(share, 1 - share)))
          expect(power(design, found.rows - 1)).toBeLessThan(wanted);
      }),
    );
  });

  it('is refused where no number of rows would do', () => {
    expect(() => minimumSampleSize(apart(0))).toThrow('no difference is expected');
    expect(() => minimumSampleSize(apart(0.1, { alternative: 'less' }))).toThrow(
      'that the alternative looks for',
    );
    expect(() => minimumSampleSize(apart(1e-9))).toThrow('too small for any number of rows');
    expect(() => minimumSampleSize(apart(0.1), 1)).toThrow('the power is 1');
    expect(() => minimumSampleSize(apart(0.1, { share: 0 }))).toThrow("treatment's share is 0");
    expect(() => power(apart(0.1), 3)).toThrow('3 rows are fewer than two in one of the arms');
    expect(() => power(apart(0.1, { control: { mean: 0, variance: 0 } }), 10)).toThrow(
      'the variance of control is 0',
    );
    expect(() => power(apart(0.1, { difference: 'relative' }), 10)).toThrow("control's mean is 0");
    expect(() => expectedProportion(0)).toThrow('the proportion is 0');
  });
});
