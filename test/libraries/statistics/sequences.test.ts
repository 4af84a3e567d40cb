import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anytimeTest,
  type Buckets,
  effectOf,
  exactDifferenceSequence,
  meanDifferenceSequence,
  momentsOfMean,
  momentsOfProportion,
  proportionDifferenceSequence,
  proportionSequence,
  quantileDifferenceSequence,
  type Random,
  seededRandom,
  sequentialSampleRatio,
} from '../../../libraries/statistics/index.ts';

const counted = fc
  .record({ n: fc.nat({ max: 1e7 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ n, share }) => ({ n, sum: Math.round(n * share) }));
const alphas = fc.double({ min: 1e-6, max: 0.5, noNaN: true });

describe('a proportion at all looks', () => {
  it('ends, where no row is 1, where the mixture of Krichevsky and Trofimov has come to 1 / alpha', () => {
    // Their probabilities of n zeros in a row.
    for (const [n, ofZeros] of [
      [1, 1 / 2],
      [2, 3 / 8],
      [3, 5 / 16],
      [4, 35 / 128],
    ] as const) {
      const { low, high } = proportionSequence({ n, sum: 0 }, 0.05);
      expect(low).toBe(0);
      expect(high).toBeCloseTo(1 - (0.05 * ofZeros) ** (1 / n), 12);
    }
  });

  it('is anything before the first row', () => {
    expect(proportionSequence({ n: 0, sum: 0 }, 0.05)).toEqual({ low: 0, high: 1 });
  });

  it('misses the truth at any of 300 looks with a chance of at most alpha, added up over all courses', () => {
    for (const truth of [0.01, 0.1, 0.5]) {
      const missed = chanceToMiss(300, truth, (n, sum) => {
        const { low, high } = proportionSequence({ n, sum }, 0.05);
        return truth < low || truth > high;
      });
      expect(missed).toBeLessThanOrEqual(0.05);
      // It is a bound, and not an empty one.
      expect(missed).toBeGreaterThan(0.001);
    }
  });

  it('holds what was seen, for any counts', () => {
    fc.assert(
      fc.property(counted, alphas, ({ n, sum }, alpha) => {
        const { low, high } = proportionSequence({ n, sum }, alpha);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(n === 0 ? 0 : sum / n);
        expect(high).toBeGreaterThanOrEqual(n === 0 ? 1 : sum / n);
      }),
    );
  });

  it('is refused for counts and levels that are none', () => {
    expect(() => proportionSequence({ n: 3, sum: 4 }, 0.05)).toThrow(/sum of the rows is 4 of n = 3/);
    expect(() => proportionSequence({ n: 3.5, sum: 1 }, 0.05)).toThrow(/n of the rows is 3.5/);
    expect(() => proportionSequence({ n: 3, sum: 1 }, 0)).toThrow(/alpha is 0/);
  });
});

describe('a difference of proportions at all looks', () => {
  it('is known where neither arm has an error, and where one has none', () => {
    const none = proportionDifferenceSequence({ n: 9000, sum: 0 }, { n: 1000, sum: 0 }, 0.05);
    expect(none.low).toBeLessThan(0);
    expect(none.high).toBeGreaterThan(0);
    expect(none.high).toBeLessThan(0.02);
    const worse = proportionDifferenceSequence({ n: 9000, sum: 0 }, { n: 1000, sum: 20 }, 0.05);
    expect(worse.low).toBeGreaterThan(0);
  });

  it('misses no difference at any of 30 looks with a chance of at most alpha, added up over all courses', () => {
    const truth = 0.3;
    const reached = new Map<number, boolean>();
    let alive = new Map<string, number>([['0/0', 1]]);
    let missed = 0;
    for (let n = 1; n <= 30; n += 1) {
      const next = new Map<string, number>();
      for (const [key, chance] of alive) {
        const [one = 0, other = 0] = key.split('/').map(Number);
        for (const [more, also, share] of [
          [0, 0, (1 - truth) ** 2],
          [0, 1, truth * (1 - truth)],
          [1, 0, truth * (1 - truth)],
          [1, 1, truth ** 2],
        ] as const) {
          const place = `${one + more}/${other + also}`;
          next.set(place, (next.get(place) ?? 0) + chance * share);
        }
      }
      alive = new Map();
      for (const [key, chance] of next) {
        const [control = 0, treatment = 0] = key.split('/').map(Number);
        const at = (n * 64 + control) * 64 + treatment;
        let isMissed = reached.get(at);
        if (isMissed === undefined) {
          const { low, high } = exactDifferenceSequence({ n, sum: control }, { n, sum: treatment }, 0.05);
          isMissed = low > 0 || high < 0;
          reached.set(at, isMissed);
        }
        if (isMissed) missed += chance;
        else alive.set(key, chance);
      }
    }
    expect(missed).toBeLessThanOrEqual(0.05);
    expect(missed).toBeGreaterThan(1e-5);
  });

  it('is as far as any pair of proportions goes that the martingales allow', () => {
    const control = { n: 40, sum: 4 };
    const treatment = { n: 12, sum: 5 };
    const allowed = 1 / 0.05;
    const mixture = ({ n, sum }: { n: number; sum: number }) => {
      // One row after the other, as Krichevsky and Trofimov predict them.
      let product = 1;
      for (let row = 0; row < n; row += 1) {
        const isOne = row < sum;
        product *= ((isOne ? row : row - sum) + 0.5) / (row + 1);
      }
      return product;
    };
    const likelihood = ({ n, sum }: { n: number; sum: number }, p: number) => p ** sum * (1 - p) ** (n - sum);
    let low = 1;
    let high = -1;
    for (let p = 0.001; p < 1; p += 0.001) {
      for (let q = 0.001; q < 1; q += 0.001) {
        const product =
          (mixture(treatment) * mixture(control)) / (likelihood(treatment, p) * likelihood(control, q));
        if (product >= allowed) continue;
        low = Math.min(low, p - q);
        high = Math.max(high, p - q);
      }
    }
    const found = exactDifferenceSequence(control, treatment, 0.05);
    expect(Math.abs(found.low - low)).toBeLessThan(0.003);
    expect(Math.abs(found.high - high)).toBeLessThan(0.003);
  });

  it('is that of the asymptotic sequence where arms have enough rows of either sort', () => {
    const control = { n: 100_000, sum: 5000 };
    const treatment = { n: 10_000, sum: 600 };
    const effect = effectOf(momentsOfProportion(control), momentsOfProportion(treatment), 'absolute');
    expect(proportionDifferenceSequence(control, treatment, 0.05)).toEqual(
      anytimeTest(effect, 0.04, 'two-sided').interval,
    );
  });

  it('holds what was seen and is the other way round for arms that are, for any counts', () => {
    fc.assert(
      fc.property(counted, counted, alphas, (control, treatment, alpha) => {
        const { low, high } = proportionDifferenceSequence(control, treatment, alpha);
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeLessThanOrEqual(1);
        if (control.n > 0 && treatment.n > 0) {
          const seen = treatment.sum / treatment.n - control.sum / control.n;
          expect(low).toBeLessThanOrEqual(seen + 1e-12);
          expect(high).toBeGreaterThanOrEqual(seen - 1e-12);
        }
        const back = proportionDifferenceSequence(treatment, control, alpha);
        expect(back.low).toBeCloseTo(-high, 9);
        expect(back.high).toBeCloseTo(-low, 9);
      }),
    );
  });
});

describe('a difference of quantiles at all looks', () => {
  const bounds = [1, 2, 4, 8, 16];
  const buckets = (...counts: number[]): Buckets => ({ bounds, counts });

  it('reaches from edge to edge of buckets', () => {
    const stable = buckets(0, 10_000, 0, 0, 0, 0);
    const slow = buckets(0, 0, 0, 1000, 0, 0);
    expect(quantileDifferenceSequence(stable, slow, 0.95, 0.05)).toEqual({ low: 2, high: 7 });
    expect(quantileDifferenceSequence(stable, stable, 0.95, 0.05)).toEqual({ low: -1, high: 1 });
  });

  it('is open where a quantile may lie beyond the last bound, and before there is a value', () => {
    const stable = buckets(10_000, 0, 0, 0, 0, 0);
    expect(quantileDifferenceSequence(stable, buckets(0, 0, 0, 0, 0, 500), 0.5, 0.05)).toEqual({
      low: 15,
      high: Number.POSITIVE_INFINITY,
    });
    const nothing = buckets(0, 0, 0, 0, 0, 0);
    expect(quantileDifferenceSequence(nothing, nothing, 0.5, 0.05)).toEqual({
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
    });
  });

  it('leaves the pairs of buckets to which no number of values below the quantile brings the martingales', () => {
    const count = fc.nat({ max: 30 });
    const arm = fc.tuple(count, count, count, count, count, count).map((counts) => buckets(...counts));
    const share = fc.constantFrom(0.1, 0.5, 0.95);
    fc.assert(
      fc.property(arm, arm, share, (control, treatment, quantile) => {
        let low = Number.POSITIVE_INFINITY;
        let high = Number.NEGATIVE_INFINITY;
        const [ofControl, ofTreatment] = [control, treatment].map((one) => leastEvidence(one, quantile));
        for (let here = 0; here <= bounds.length; here += 1) {
          for (let there = 0; there <= bounds.length; there += 1) {
            if (ofTreatment![here]! + ofControl![there]! >= Math.log(20)) continue;
            const edge = (bucket: number) =>
              bucket === 0 ? 0 : (bounds[bucket - 1] ?? Number.POSITIVE_INFINITY);
            low = Math.min(low, edge(here) - edge(there + 1));
            high = Math.max(high, edge(here + 1) - edge(there));
          }
        }
        expect(quantileDifferenceSequence(control, treatment, quantile, 0.05)).toEqual({ low, high });
      }),
    );
  });

  it('misses the truth in few of many courses, however often one looks', () => {
    const random = seededRandom(7);
    let missed = 0;
    for (let run = 0; run < 200; run += 1) {
      const control = [0, 0, 0, 0, 0, 0];
      const treatment = [0, 0, 0, 0, 0, 0];
      let isMissed = false;
      for (let look = 0; look < 40; look += 1) {
        for (let value = 0; value < 25; value += 1) {
          control[bucketOf(2 * exponential(random))]! += 1;
          treatment[bucketOf(2 * exponential(random))]! += 1;
        }
        const { low, high } = quantileDifferenceSequence(
          { bounds, counts: control },
          { bounds, counts: treatment },
          0.5,
          0.05,
        );
        isMissed ||= low > 0 || high < 0;
      }
      if (isMissed) missed += 1;
    }
    expect(missed / 200).toBeLessThanOrEqual(0.05);
  });

  it('is refused for buckets that are none', () => {
    const good = buckets(1, 1, 1, 1, 1, 1);
    const judge = (one: Buckets) => () => quantileDifferenceSequence(good, one, 0.5, 0.05);
    expect(judge({ bounds, counts: [1] })).toThrow(/treatment has 1 counts and 5 bounds/);
    expect(judge({ bounds: [2, 1], counts: [1, 1, 1] })).toThrow(/do not ascend/);
    expect(judge(buckets(1, -1, 1, 1, 1, 1))).toThrow(/the count of bucket 2 of treatment is -1/);
  });

  function bucketOf(value: number): number {
    const found = bounds.findIndex((bound) => value <= bound);
    return found === -1 ? bounds.length : found;
  }
});

describe('a difference of means at all looks', () => {
  const sums = { n: 500, sum: 1000, sumSquares: 2500 };

  it('is the asymptotic confidence sequence', () => {
    const other = { n: 500, sum: 1100, sumSquares: 2800 };
    const effect = effectOf(momentsOfMean(sums), momentsOfMean(other), 'absolute');
    expect(meanDifferenceSequence(sums, other, 0.05)).toEqual(
      anytimeTest(effect, 0.05, 'two-sided').interval,
    );
  });

  it('is refused in words where large samples are no promise, and where nothing varies', () => {
    expect(() => meanDifferenceSequence(sums, { n: 49, sum: 1, sumSquares: 1 }, 0.05)).toThrow(
      'treatment has 49 rows: before 50 a mean has no interval for all looks',
    );
    expect(() => meanDifferenceSequence({ n: 60, sum: 60, sumSquares: 60 }, sums, 0.05)).toThrow(
      /do not vary/,
    );
  });
});

/** The chance that some look of so many misses, exactly: over all numbers of rows that are 1. */
function chanceToMiss(looks: number, truth: number, isMissed: (n: number, sum: number) => boolean): number {
  let alive = [1];
  let missed = 0;
  for (let n = 1; n <= looks; n += 1) {
    const next = new Array<number>(n + 1).fill(0);
    for (const [sum, chance] of alive.entries()) {
      next[sum]! += chance * (1 - truth);
      next[sum + 1]! += chance * truth;
    }
    for (const [sum, chance] of next.entries()) {
      if (chance === 0 || !isMissed(n, sum)) continue;
      missed += chance;
      next[sum] = 0;
    }
    alive = next;
  }
  return missed;
}

/** By bucket, over every number of its values that may be below the quantile. */
function leastEvidence({ counts }: Buckets, share: number): readonly number[] {
  const n = counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  return counts.map((count) => {
    let least = n === 0 ? 0 : Number.POSITIVE_INFINITY;
    for (let sum = before; sum <= before + count && n > 0; sum += 1) {
      const ratio = { observed: [sum, n - sum], expected: [share, 1 - share] };
      least = Math.min(least, sequentialSampleRatio(ratio, { concentration: 500 }).logBayesFactor);
    }
    before += count;
    return least;
  });
}

function exponential(random: Random): number {
  return -Math.log(1 - random.next());
}
