/**
 * Reference values to 60 digits, rounded to doubles: `pip install mpmath`, then for example
 * `mp.dps = 60; betainc(1000, 2500, 0, mpf(0.28), regularized=True)`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chiSquaredUpperTail,
  incompleteBeta,
  logGamma,
  normalCdf,
  normalDensity,
  normalQuantile,
  normalUpperTail,
  studentUpperPoint,
  studentUpperTail,
  upperIncompleteGamma,
} from '../../../libraries/statistics/index.ts';

/** Relative, since tails are small. */
function expectNear(got: number, wanted: number, relative = 1e-12): void {
  expect(Math.abs(got / wanted - 1), `${got} for ${wanted}`).toBeLessThan(relative);
}

describe('the logarithm of the gamma function', () => {
  it.each([
    [0.001, 6.907178885383853],
    [0.5, 0.5723649429247001],
    [1.5, -0.12078223763524522],
    [3.7, 1.428072326665388],
    [15.25, 25.86194990184852],
    [100, 359.1342053695754],
    [1e6, 12815504.569147611],
    [1e10, 220258509288.81058],
  ])('of %d is %d', (x, wanted) => expectNear(logGamma(x), wanted));

  it('is 0 at 1 and 2', () => {
    expect(logGamma(1)).toBeCloseTo(0, 14);
    expect(logGamma(2)).toBeCloseTo(0, 14);
  });
});

describe('the incomplete beta function', () => {
  it.each([
    [0.5, 2, 3, 0.6875],
    [0.1, 0.5, 0.5, 0.20483276469913345],
    [0.9, 10, 2, 0.6973568802000001],
    [0.01, 3.5, 40, 0.002862323684690366],
    [0.3, 100, 250, 0.7265414741433193],
    [0.28, 1000, 2500, 0.22784220843416905],
    [0.2, 0.01, 5, 0.9978180380770353],
  ])('at %d of %d and %d is %d', (x, a, b, wanted) => expectNear(incompleteBeta(x, a, b), wanted));

  it('is what the same from the other end leaves', () => {
    const parameter = fc.double({ min: 0.05, max: 5000, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), parameter, parameter, (x, a, b) => {
        const [one, other] = [incompleteBeta(x, a, b), incompleteBeta(1 - x, b, a, x)];
        expect(one).toBeGreaterThanOrEqual(0);
        expect(Math.abs(one + other - 1)).toBeLessThan(1e-10);
      }),
    );
  });
});

describe('the incomplete gamma function', () => {
  it.each([
    [0.5, 0.5, 0.3173105078629141],
    [0.5, 40, 3.744097384202899e-19],
    [1, 1, 0.36787944117144233],
    [3.5, 2, 0.779777408475716],
    [10, 25, 0.00022147663824878357],
    [50, 30, 0.999481108537452],
    [100, 180, 2.948294557648285e-11],
    [0.5, 1e-5, 0.9964317636618195],
  ])('of %d beyond %d is %d', (a, x, wanted) => expectNear(upperIncompleteGamma(a, x), wanted));

  it('gives the tabulated points of chi-squared', () => {
    // 95 % points, as every table has them.
    expect(chiSquaredUpperTail(3.841, 1)).toBeCloseTo(0.05, 4);
    expect(chiSquaredUpperTail(18.307, 10)).toBeCloseTo(0.05, 5);
    expect(chiSquaredUpperTail(0, 3)).toBe(1);
    expect(chiSquaredUpperTail(Number.POSITIVE_INFINITY, 3)).toBe(0);
  });
});

describe('the normal distribution', () => {
  it.each([
    [0.5, 0.3085375387259869],
    [2, 0.02275013194817921],
    [3, 0.0013498980316300946],
    [5, 2.866515718791939e-7],
    [7.1, 6.237844463331591e-13],
    [20, 2.7536241186062337e-89],
    [37, 5.725571222524577e-300],
  ])('exceeds %d with a chance of %d', (x, wanted) => {
    expectNear(normalUpperTail(x), wanted, 1e-14);
    expectNear(normalCdf(-x), wanted, 1e-14);
  });

  it('has nothing beyond what a double can tell, and its density at 0', () => {
    expect(normalUpperTail(40)).toBe(0);
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalDensity(0)).toBeCloseTo(0.3989422804014327, 15);
  });

  it('has quantiles that lead back, also far out', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-290, max: 0.5, noNaN: true }), (tail) =>
        expectNear(normalCdf(normalQuantile(tail)), tail, 1e-11),
      ),
    );
  });
});

describe("Student's t distribution", () => {
  it.each([
    [0.5, 1, 0.35241638234956674],
    [100, 1, 0.003182992764908255],
    [2.5, 3, 0.04385332350403277],
    [4, 12.5, 0.0008145314603234228],
    [10, 200, 1.1887415722103797e-19],
    [6, 9999, 1.020812709425799e-9],
    [6, 10001, 1.0208057642015116e-9],
    [10, 20000, 8.652291236533664e-24],
    [8, 1e6, 6.22753171660126e-16],
    [3, 1e9, 0.0013498980648689578],
    [-1.5, 7, 0.911350756505015],
  ])('exceeds %d at %d degrees with a chance of %d', (t, degrees, wanted) =>
    expectNear(studentUpperTail(t, degrees), wanted),
  );

  it.each([
    [0.025, 1, 12.706204736174705],
    [0.025, 2.5, 3.574654842003683],
    [0.025, 10, 2.228138851986275],
    [0.05, 30, 1.6972608865939578],
    [0.005, 121.7, 2.6168315128860633],
    [1e-6, 5, 24.771029720515944],
    [1e-10, 40, 8.443586246773638],
    [0.4, 3, 0.27667066233268983],
    [0.025, 9000, 1.9602276050814778],
  ])('is exceeded with a chance of %d at %d degrees beyond %d', (tail, degrees, wanted) =>
    expectNear(studentUpperPoint(tail, degrees), wanted),
  );

  it('has points that lead back, for any tail and any degrees', () => {
    const tail = fc.double({ min: 1e-12, max: 1 - 1e-6, noNaN: true });
    const degrees = fc.double({ min: 0.7, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(tail, degrees, (wanted, v) =>
        expectNear(studentUpperTail(studentUpperPoint(wanted, v), v), wanted, 1e-10),
      ),
    );
  });
});
