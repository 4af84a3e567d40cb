import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Random, StatisticsError, seededRandom } from '../../../../libraries/statistics/index.ts';
import {
  andersonDarlingOf,
  areaTail,
  type Cells,
  kolmogorovSmirnov,
  mmd,
  type NumericTest,
  poolSmall,
  quadraticFormTail,
  quantileCells,
  sortedSamples,
  type TestName,
  type TestOutcome,
  testCells,
  testNames,
  testNumbers,
} from '../../../../libraries/statistics/two-sample/index.ts';

const proportionTests = ['z-test', 'fisher-exact'] as const;
const forNumbers = testNames.filter((name) => !(proportionTests as readonly string[]).includes(name));
const numericAlone = [
  'kolmogorov-smirnov',
  'wasserstein',
  'mann-whitney',
  'welch-t',
  'student-t',
  'cramer-von-mises',
  'anderson-darling',
  'epps-singleton',
  'energy-distance',
  'mmd',
];
const forCells = testNames.filter((name) => !numericAlone.includes(name));

const numbers = (name: TestName, reference: readonly number[], current: readonly number[]) =>
  testNumbers(name as NumericTest, sortedSamples(reference, current));
const cells = (name: TestName, counts: Cells) => testCells(name as Exclude<TestName, NumericTest>, counts);

/** The outcome, or undefined where the samples were refused in words. Anything else is a failure. */
function orRefused(judge: () => TestOutcome): TestOutcome | undefined {
  try {
    return judge();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(StatisticsError);
    return undefined;
  }
}

function expectSound(outcome: TestOutcome | undefined): void {
  if (outcome === undefined) return;
  const { statistic, pValue, effect } = outcome;
  expect([statistic, pValue, effect].filter((value) => !Number.isFinite(value))).toEqual([]);
  expect(pValue).toBeGreaterThanOrEqual(0);
  expect(pValue).toBeLessThanOrEqual(1);
  expect(effect).toBeGreaterThanOrEqual(0);
}

describe('every test of two samples', () => {
  it('is there by its whole name', () => {
    expect([...testNames].sort()).toEqual(
      `anderson-darling chi-square cramer-von-mises energy-distance epps-singleton fisher-exact g-test hellinger
       jensen-shannon kolmogorov-smirnov kullback-leibler l-infinity mann-whitney mmd psi student-t
       total-variation wasserstein welch-t z-test`.split(/\s+/),
    );
  });

  it.each(forNumbers)('%s answers finite figures or refuses, whatever numbers it is given', (name) => {
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -3, max: 3 }),
      fc.double({ min: 1, max: 2, noNaN: true }),
    );
    const sample = fc.array(value, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sample, sample, (reference, current) => {
        expectSound(orRefused(() => numbers(name, reference, current)));
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it.each(forCells)('%s answers finite figures or refuses, whatever counts it is given', (name) => {
    const counts = fc
      .array(fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 50 })), { minLength: 1, maxLength: 8 })
      .map((pairs) => ({ reference: pairs.map(([one]) => one), current: pairs.map(([, other]) => other) }));
    const two = counts.map((many) => ({
      reference: [many.reference[0]!, many.reference.at(-1)!],
      current: [many.current[0]!, many.current.at(-1)!],
    }));
    fc.assert(
      fc.property(fc.oneof(counts, two), (some) => expectSound(orRefused(() => cells(name, some)))),
      { numRuns: 200, seed: 1 },
    );
  });

  it.each(forNumbers)('%s refuses empty samples and values that are no finite numbers', (name) => {
    expect(() => numbers(name, [], [1, 2])).toThrow('the reference has no value');
    expect(() => numbers(name, [1, 2], [])).toThrow('the current has no value');
    expect(() => numbers(name, [1, Number.NaN], [1, 2])).toThrow('the reference in row 2 is NaN');
    expect(() => numbers(name, [1, 2], [Number.POSITIVE_INFINITY])).toThrow('is Infinity');
  });

  it.each(forNumbers.filter((name) => name !== 'kolmogorov-smirnov'))(
    '%s refuses samples of one and the same value',
    (name) => {
      const same = new Array<number>(30).fill(4);
      expect(() => numbers(name, same, same)).toThrow(StatisticsError);
    },
  );

  it.each(forCells)('%s refuses counts that are none and cells that do not match', (name) => {
    expect(() => cells(name, { reference: [1, 2], current: [1] })).toThrow(StatisticsError);
    expect(() => cells(name, { reference: [0, 0], current: [10, 20] })).toThrow('the reference has no value');
    expect(() => cells(name, { reference: [5, -1], current: [10, 20] })).toThrow('not a whole number');
  });

  it.each(forNumbers)('%s sees no effect in equal samples, and finds a large shift', (name) => {
    const rows = Array.from({ length: 200 }, (_, row) => Math.sin(row) * 3);
    const same = numbers(name, rows, rows);
    expect(same.effect).toBeCloseTo(0, 7);
    expect(same.pValue).toBeGreaterThan(0.5);
    const shifted = numbers(
      name,
      rows,
      rows.map((value) => value + 2),
    );
    expect(shifted.pValue).toBeLessThan(1e-4);
    expect(shifted.effect).toBeGreaterThan(0.1);
    expect(shifted.n).toEqual({ reference: 200, current: 200 });
  });
});

describe('effects', () => {
  it.each(forNumbers)('of %s do not grow with the rows', (name) => {
    const rows = Array.from({ length: 400 }, (_, row) => ((row * 0.618) % 1) + ((row * 0.414) % 1));
    const others = rows.map((value) => value + 0.2);
    const twice = (values: readonly number[]) => [...values, ...values, ...values];
    const once = numbers(name, rows, others);
    const more = numbers(name, twice(rows), twice(others));
    expect(more.effect / once.effect).toBeCloseTo(1, 1);
    expect(more.pValue).toBeLessThan(once.pValue);
  });
});

describe('values that are equal', () => {
  const rounded = (random: Random, rows: number, round: (value: number) => number) =>
    // Twelve uniform values make a normal one, nearly.
    Array.from({ length: rows }, () => {
      let sum = -6;
      for (let part = 0; part < 12; part++) sum += random.next();
      return round(sum);
    });
  const shapes = [
    ['whole numbers', (value: number) => Math.round(value)],
    ['mostly 0', (value: number) => Math.max(0, value - 0.7)],
  ] as const;

  describe.each(shapes)('%s', (_title, round) => {
    it.each(forNumbers)('make %s reject about as often as it may', (name) => {
      const random = seededRandom(11);
      const trials = 120;
      let rejected = 0;
      for (let trial = 0; trial < trials; trial++) {
        const found = numbers(name, rounded(random, 120, round), rounded(random, 90, round));
        rejected += Number(found.pValue < 0.05);
      }
      // Of 120 trials at 5 %, more than 14 are a chance of one in a thousand.
      expect(rejected).toBeLessThanOrEqual(14);
    });
  });

  it.each(['cramer-von-mises', 'anderson-darling', 'energy-distance'] as const)(
    'give %s the p value that random orders of them have',
    (name) => {
      const reference = [1, 2, 2, 3, 3, 3, 4, 5, 5, 6, 7, 7, 2, 4, 4, 5];
      const current = [2, 3, 3, 4, 5, 5, 5, 6, 6, 7, 8, 8, 9, 9, 9, 6, 7, 5, 4, 6];
      const found = numbers(name, reference, current);
      const random = seededRandom(12);
      const pooled = [...reference, ...current];
      const orders = 2000;
      let far = 0;
      for (let order = 0; order < orders; order++) {
        for (let at = pooled.length - 1; at > 0; at--) {
          const other = random.below(at + 1);
          [pooled[at], pooled[other]] = [pooled[other]!, pooled[at]!];
        }
        const one = numbers(name, pooled.slice(0, reference.length), pooled.slice(reference.length));
        far += Number(one.statistic >= found.statistic - 1e-12);
      }
      expect(Math.abs(found.pValue - far / orders)).toBeLessThan(0.015);
    },
  );

  it.each(['cramer-von-mises', 'anderson-darling'] as const)(
    'change little in what %s answers where there are two of them, and say that they were told',
    (name) => {
      const reference = Array.from({ length: 400 }, (_, row) => Math.sin(row));
      const current = Array.from({ length: 300 }, (_, row) => Math.sin(row + 0.5) + 0.12);
      const apart = numbers(name, reference, current);
      const tied = numbers(name, reference, current.with(0, reference[0]!));
      expect(tied.method).not.toBe(apart.method);
      expect(tied.pValue / apart.pValue).toBeCloseTo(1, 0);
      expect(Math.abs(tied.pValue - apart.pValue)).toBeLessThan(0.005);
    },
  );

  it('leave the mean squared distance of cramer-von-mises below the largest, whichever way they are read', () => {
    const reference = [0, 0, 0, 0, 0, 1, 2, 2, 3];
    const current = [0, 0, 0, 1, 1, 2, 3, 3];
    const found = numbers('cramer-von-mises', reference, current);
    expect(found.effect).toBeLessThanOrEqual(numbers('kolmogorov-smirnov', reference, current).effect);
    const negated = (values: readonly number[]) => values.map((value) => -value);
    const mirrored = numbers('cramer-von-mises', negated(reference), negated(current));
    expect(mirrored.statistic).toBeCloseTo(found.statistic, 12);
    expect(mirrored.pValue).toBeCloseTo(found.pValue, 9);
  });
});

describe('chi-square', () => {
  it('scales what it expects to the rows of each sample: the same shares in other sizes are no drift', () => {
    const outcome = cells('chi-square', { reference: [5000, 3000, 2000], current: [50, 30, 20] });
    expect(outcome.statistic).toBe(0);
    expect(outcome.pValue).toBe(1);
  });

  it('pools small cells, and says so', () => {
    const counts = { reference: [500, 480, 3, 2, 1], current: [250, 240, 0, 4, 6] };
    expect(poolSmall(counts)).toEqual({ reference: [500, 480, 6], current: [250, 240, 10], pooled: 3 });
    expect(cells('chi-square', counts).limits).toEqual(['3 small cells are judged as one for the p value']);
  });

  it('adds what is too small even when pooled to the smallest of the rest', () => {
    const counts = { reference: [500, 400, 1], current: [50, 40, 1] };
    expect(poolSmall(counts)).toEqual({ reference: [500, 401], current: [50, 41], pooled: 1 });
  });
});

describe('kolmogorov-smirnov', () => {
  it('is exact for small samples, asymptotic for large ones, and says which', () => {
    const rows = Array.from({ length: 1500 }, (_, row) => Math.sin(row));
    expect(numbers('kolmogorov-smirnov', rows.slice(0, 400), rows.slice(400, 900)).method).toBe('exact');
    const samples = sortedSamples(rows, rows);
    expect(kolmogorovSmirnov(samples).method).toBe('asymptotic');
    expect(kolmogorovSmirnov(samples, 'exact').method).toBe('exact');
  });

  it('knows ties: its exact p value is that of all orders of the pooled values', () => {
    const outcome = kolmogorovSmirnov(sortedSamples([1, 1, 2, 3], [2, 3, 3, 4]), 'exact');
    // Of all 70 ways to choose four of these eight values, so many are at least as far apart.
    const pooled = [1, 1, 2, 2, 3, 3, 3, 4];
    let far = 0;
    for (let mask = 0; mask < 256; mask++) {
      const taken = pooled.filter((_, at) => (mask >> at) & 1);
      if (taken.length !== 4) continue;
      const rest = pooled.filter((_, at) => !((mask >> at) & 1));
      if (kolmogorovSmirnov(sortedSamples(taken, rest)).statistic >= outcome.statistic) far++;
    }
    expect(outcome.pValue).toBeCloseTo(far / 70, 12);
  });

  it('keeps the digits of small chances', () => {
    const rows = Array.from({ length: 100 }, (_, row) => row);
    const others = rows.map((value) => value + 1000);
    // Two of all C(200, 100) orders put the samples apart.
    expect(kolmogorovSmirnov(sortedSamples(rows, others)).pValue).toBeCloseTo(2 / 9.0548514656103e58, 70);
  });
});

describe('anderson-darling', () => {
  it('answers what Scholz and Stephens found for four laboratories', () => {
    const laboratories = [
      [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0],
      [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8],
      [34.0, 35.0, 39.0, 40.0, 43.0, 43.0, 44.0, 45.0],
      [34.0, 34.8, 34.8, 35.4, 37.2, 37.8, 41.2, 42.8],
    ].map((values) => Float64Array.from(values));
    const { statistic, pValue } = andersonDarlingOf(laboratories);
    expect(statistic).toBeCloseTo(4.48, 3);
    // Interpolated in their table: 0.0020.
    expect(pValue).toBeCloseTo(0.002, 3);
  });

  it('has the published points of its limit: 2.492 at 5 %, 3.857 at 1 % (Anderson and Darling 1954)', () => {
    const weights = Array.from({ length: 200 }, (_, at) => ({
      value: 1 / ((at + 1) * (at + 2)),
      degrees: 1,
    }));
    expect(Math.abs(quadraticFormTail(2.492 - 1 / 201, weights) - 0.05)).toBeLessThan(0.002);
    expect(Math.abs(quadraticFormTail(3.857 - 1 / 201, weights) - 0.01)).toBeLessThan(0.001);
  });
});

describe('wasserstein', () => {
  it('has nearly the published points of its limit: 0.499 at 10 %, 0.582 at 5 %, 0.752 at 1 % (Johnson and Killeen 1983)', () => {
    const cells = 64;
    const blocks = Array.from({ length: cells }, (_, at) => {
      const share = (at + 0.5) / cells;
      return { share, weight: Math.sqrt(share * (1 - share)) / cells };
    });
    expect(Math.abs(areaTail(0.4985, blocks) - 0.1)).toBeLessThan(0.012);
    expect(Math.abs(areaTail(0.5821, blocks) - 0.05)).toBeLessThan(0.006);
    expect(Math.abs(areaTail(0.7518, blocks) - 0.01)).toBeLessThan(0.001);
    expect(areaTail(3, blocks)).toBeLessThan(1e-18);
  });
});

describe('mmd', () => {
  it('is the mean of the kernel within the samples less that between them, by its definition', () => {
    const [reference, current] = [
      [0.1, 0.7, 1.9, 2.4],
      [1.2, 2.8, 3.1],
    ];
    const { statistic, method } = mmd(sortedSamples(reference, current));
    const width = Number(method.match(/width (.+)$/)?.[1]);
    const mean = (ones: readonly number[], others: readonly number[]) => {
      let sum = 0;
      for (const one of ones)
        for (const other of others) sum += Math.exp(-((one - other) ** 2) / (2 * width ** 2));
      return sum / (ones.length * others.length);
    };
    const expected = mean(reference, reference) + mean(current, current) - 2 * mean(reference, current);
    expect(statistic).toBeCloseTo(expected, 3);
  });
});

describe('bins of numbers', () => {
  it('have edges of the reference alone, about as full as each other', () => {
    const reference = Array.from({ length: 100 }, (_, row) => row);
    const { reference: counts, current } = quantileCells(sortedSamples(reference, [-50, 10, 10, 1e9]), 10);
    expect(counts).toEqual(new Array(10).fill(10));
    expect(current).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('are one a value where there are few', () => {
    const { reference } = quantileCells(sortedSamples([0, 0, 0, 1, 1, 2], [0, 1]), 10);
    expect(reference).toEqual([3, 2, 1]);
  });
});
