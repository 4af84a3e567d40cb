import { describe, expect, it } from 'vitest';
import {
  acceleration,
  aucStatistic,
  bcaInterval,
  bootstrap,
  bootstrapReplicates,
  difference,
  jackknife,
  meanOf,
  median,
  medianOf,
  normalCdf,
  normalQuantile,
  percentileInterval,
  quantile,
  randomFrom,
  type Statistic,
  seededRandom,
} from '../../../libraries/statistics/index.ts';

describe('random numbers', () => {
  it("are those of Blackman and Vigna's reference implementation of xoshiro128**", () => {
    const random = randomFrom([1, 2, 3, 4]);
    expect(Array.from({ length: 10 }, () => random.word())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('are the same for the same seed, differ between seeds, and fill their range evenly', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 60_000 }, () => random.below(6));
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const counts = [0, 0, 0, 0, 0, 0];
    for (const one of draw(0)) counts[one]!++;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // The 99.9 % point of chi-squared with 5 degrees of freedom.
    expect(chiSquared).toBeLessThan(20.5);
  });
});

describe('the normal distribution', () => {
  it('has its tabulated values, and its quantiles are their inverse', () => {
    expect(normalCdf(0)).toBe(0.5);
    expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14);
    expect(normalCdf(-1.96)).toBeCloseTo(0.024997895148220435, 14);
    expect(normalCdf(-8) / 6.22096057427178e-16).toBeCloseTo(1, 7);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    // Wichura 1988: the test values of AS 241.
    expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 14);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 14);
    expect(normalQuantile(1e-20)).toBeCloseTo(-9.2623400898, 10);
    for (const p of [1e-6, 0.01, 0.3, 0.5, 0.9, 0.999])
      expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 14);
  });
});

describe('quantiles', () => {
  it("are those of R's default and NumPy's", () => {
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(quantile([15, 20, 35, 40, 50], 0.4)).toBeCloseTo(29, 12);
    expect(median([3, 1, 2])).toBe(2);
    expect(medianOf([5, 1, 3])([1, 2, 1])).toBe(2);
    expect(medianOf([5, 1, 3])([0, 0, 0])).toBeUndefined();
    expect(() => median([])).toThrow('there is no row');
    expect(() => quantile([1, Number.NaN], 0.5)).toThrow('the value in row 2 is NaN');
  });
});

describe('the bootstrap of Efron and Tibshirani, An Introduction to the Bootstrap (1993)', () => {
  /** Table 3.1: the law school data. */
  const lsat = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594];
  const gpa = [3.39, 3.3, 2.81, 3.03, 3.44, 3.07, 3.0, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96];
  /** Table 14.1: the spatial test data, A. */
  const spatial = [
    48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41,
  ];

  const correlation: Statistic = (weights) => {
    const [x, y] = [meanOf(lsat)(weights), meanOf(gpa)(weights)];
    if (x === undefined || y === undefined) return undefined;
    const centred = (one: readonly number[], other: readonly number[], a: number, b: number) =>
      meanOf(one.map((value, row) => (value - a) * (other[row]! - b)))(weights)!;
    const spread = Math.sqrt(centred(lsat, lsat, x, x) * centred(gpa, gpa, y, y));
    return spread === 0 ? undefined : centred(lsat, gpa, x, y) / spread;
  };

  const variance: Statistic = (weights) => {
    const mean = meanOf(spatial)(weights);
    return mean === undefined ? undefined : meanOf(spatial.map((value) => (value - mean) ** 2))(weights);
  };

  it('gives the standard error of a correlation: 0.132 in table 6.1', () => {
    const replicates = [...bootstrapReplicates(15, correlation, { replicates: 3200, seed: 1 })];
    const mean = replicates.reduce((sum, one) => sum + one, 0) / replicates.length;
    const error = Math.sqrt(
      replicates.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (replicates.length - 1),
    );
    expect(correlation(new Uint8Array(15).fill(1))).toBeCloseTo(0.776, 3);
    expect(Math.abs(error - 0.132)).toBeLessThan(0.006);
  });

  it('gives the intervals of a variance in table 14.2, and its acceleration', () => {
    const options = { seed: 7, replicates: 10_000, level: 0.9 };
    const percentile = bootstrap(26, variance, options);
    expect(percentile.value).toBeCloseTo(171.5, 1);
    // The table, of 2,000 replicates: 100.8 and 233.9.
    expect(Math.abs(percentile.low - 100.8)).toBeLessThan(4);
    expect(Math.abs(percentile.high - 233.9)).toBeLessThan(4);
    const bca = bootstrap(26, variance, { ...options, method: 'bca' });
    // The table: 115.8 and 259.6.
    expect(Math.abs(bca.low - 115.8)).toBeLessThan(4);
    expect(Math.abs(bca.high - 259.6)).toBeLessThan(5);
    expect(acceleration([...jackknife(26, variance)])).toBeCloseTo(0.061, 3);
  });
});

describe('a paired bootstrap', () => {
  const rows = 400;
  const random = seededRandom(3);
  const labels = Uint8Array.from({ length: rows }, () => Number(random.next() < 0.3));
  const scores = Float64Array.from({ length: rows }, (_, row) => labels[row]! + 2 * random.next());
  const worse = scores.map((score) => score + random.next());

  it('holds an interval that is much narrower than those of its two sides', () => {
    const gain = bootstrap(rows, difference(aucStatistic(scores, labels), aucStatistic(worse, labels)), {
      seed: 1,
    });
    const alone = bootstrap(rows, aucStatistic(scores, labels), { seed: 1 });
    expect(gain.low).toBeLessThan(gain.value);
    expect(gain.value).toBeLessThan(gain.high);
    expect(gain.high - gain.low).toBeLessThan(0.8 * (alone.high - alone.low));
  });

  it('is the same for the same seed, and exactly nothing for two equal sides, by both methods', () => {
    const one = aucStatistic(scores, labels);
    const options = { seed: 5, replicates: 200 };
    expect(bootstrap(rows, one, options)).toEqual(bootstrap(rows, one, options));
    const none = { value: 0, low: 0, high: 0 };
    expect(bootstrap(rows, difference(one, one), options)).toEqual(none);
    expect(bootstrap(rows, difference(one, one), { ...options, method: 'bca' })).toEqual(none);
  });

  it('holds the true gain about as often as it says', () => {
    let held = 0;
    for (let world = 0; world < 200; world++) {
      const some = seededRandom(1000 + world);
      const values = Float64Array.from({ length: 60 }, () => some.next() - 0.5);
      const { low, high } = bootstrap(60, meanOf(values), { seed: world, replicates: 400 });
      if (low <= 0 && 0 <= high) held++;
    }
    expect(held).toBeGreaterThan(180);
    expect(held).toBeLessThan(200);
  });

  it('is refused in words where there is too little to draw from', () => {
    const single = aucStatistic([1, 2, 3], [0, 1, 1]);
    expect(() => bootstrap(3, single, { seed: 1, method: 'bca' })).toThrow('when a few rows are left out');
    const never: Statistic = (weights) => (weights[0] === 1 && weights[1] === 1 ? 1 : undefined);
    const rare = () =>
      bootstrap(40, (weights) => (weights.length > 1 ? never(weights) : undefined), { seed: 1 });
    expect(rare).toThrow('most samples of them do not have the figure');
    expect(() => percentileInterval([1])).toThrow('at least two replicates');
    expect(() => bcaInterval({ value: 9, replicates: [1, 2], jackknife: [1, 2] })).toThrow('on one side');
  });
});
