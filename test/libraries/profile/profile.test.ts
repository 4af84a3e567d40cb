import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMissing, numberOf } from '../../../libraries/data-file/index.ts';
import {
  mergeProfiles,
  type NumberProfile,
  type Profile,
  Profiler,
  QuantileSketch,
  quantileOf,
  readProfile,
  writeProfile,
} from '../../../libraries/profile/index.ts';
import { seededRandom } from '../../../libraries/statistics/index.ts';

const reader = { isMissing, numberOf };
type Row = readonly (string | number | null)[];

function profile(columns: readonly string[], rows: readonly Row[], reference?: Profile): Profile {
  const profiler = new Profiler<string | number | null>(reader, reference);
  profiler.add(columns, rows);
  return profiler.profile();
}

const numbersOf = ({ columns }: Profile, at = 0) => columns[at] as NumberProfile;

function sketchOf(values: readonly number[]): QuantileSketch {
  const sketch = new QuantileSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -9, max: 9 }),
  fc.double({ min: -1, max: 1, noNaN: true }),
);

describe('a quantile sketch', () => {
  it('of parts, merged, is exactly that of the whole, in whatever order', () => {
    const values = fc.array(anyNumber, { maxLength: 1500, minLength: 600 });
    fc.assert(
      fc.property(values, fc.nat({ max: 600 }), (all, cut) => {
        const whole = sketchOf(all).toJson();
        const [one, other] = [sketchOf(all.slice(0, cut)), sketchOf(all.slice(cut))];
        other.merge(one);
        expect(other.toJson()).toEqual(whole);
        expect(sketchOf([...all].reverse()).toJson()).toEqual(whole);
        expect(QuantileSketch.fromJson(whole).toJson()).toEqual(whole);
      }),
      { numRuns: 60, seed: 1, endOnFailure: true },
    );
  });

  it('holds each value in a bucket that spans it', () => {
    fc.assert(
      fc.property(anyNumber, (value) => {
        const [bucket] = sketchOf([value]).buckets();
        expect(bucket!.from).toBeLessThanOrEqual(value);
        expect(bucket!.to).toBeGreaterThan(Math.min(value, 1e308));
      }),
      { numRuns: 500, seed: 1, endOnFailure: true },
    );
  });

  it('keeps quantiles of a hundred thousand values to some thousandths of the range', () => {
    const random = seededRandom(1);
    const values = Array.from({ length: 100_000 }, () => 1990 + 12 * random.next());
    const sketch = sketchOf(values);
    values.sort((one, other) => one - other);
    for (const share of [0.01, 0.25, 0.5, 0.9, 0.99]) {
      const found = quantileOf(sketch, share, values[0]!, values.at(-1)!);
      expect(Math.abs(found - values[Math.round(share * 99_999)]!)).toBeLessThan(0.06);
    }
  });
});

describe('a profile', () => {
  it('of parts, merged, is that of the whole', () => {
    const cell = fc.oneof(
      { weight: 8, arbitrary: anyNumber },
      { weight: 1, arbitrary: fc.constantFrom<string | number | null>(null, 'Infinity', 'NaN') },
    );
    const row = fc.tuple(cell, fc.constantFrom('a', 'b', 'c', null, 'rare'));
    const rows = fc.array(row, { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(rows, fc.nat({ max: 200 }), (all, cut) => {
        const columns = ['x', 'kind'];
        const reference = profile(columns, [[1, 'a'] as Row, [2, 'b'], [3.5, 'a']]);
        const whole = profile(columns, all, reference);
        const parts = [all.slice(0, cut), all.slice(cut)].map((part) => profile(columns, part, reference));
        const merged = mergeProfiles(parts[0]!, parts[1]!);
        const [own, other] = [numbersOf(whole), numbersOf(merged)];
        expect({ ...other, mean: null, variance: null }).toEqual({ ...own, mean: null, variance: null });
        if (own.mean !== null && other.mean !== null && Math.abs(own.mean) < 1e6)
          expect(other.mean - own.mean).toBeCloseTo(0, 6);
        expect(merged.columns[1]).toEqual(whole.columns[1]);
      }),
      { numRuns: 100, seed: 1, endOnFailure: true },
    );
  });

  it('of a dataset in parts, merged, has the edges that the whole has', () => {
    const random = seededRandom(4);
    const rows = Array.from({ length: 5000 }, (): Row => [random.next() ** 2, 'abcdef'[random.below(6)]!]);
    const whole = profile(['x', 'kind'], rows);
    const merged = mergeProfiles(
      profile(['x', 'kind'], rows.slice(0, 1234)),
      profile(['x', 'kind'], rows.slice(1234)),
    );
    expect(numbersOf(merged).edges).toEqual(numbersOf(whole).edges);
    expect(numbersOf(merged).counts).toEqual(numbersOf(whole).counts);
    expect(merged.columns[1]).toEqual(whole.columns[1]);
    expect(numbersOf(merged).mean).toBeCloseTo(numbersOf(whole).mean!, 12);
  });

  it('counts exactly below each edge, which are of the reference alone', () => {
    const random = seededRandom(2);
    const values = Array.from({ length: 4000 }, () => random.next() * 100);
    const reference = profile(
      ['x'],
      values.map((value) => [value]),
    );
    const { edges, counts } = numbersOf(reference);
    expect(edges.length).toBeGreaterThan(50);
    let below = 0;
    for (const [at, edge] of edges.entries()) {
      below += counts[at]!;
      expect(values.filter((value) => value < edge)).toHaveLength(below);
    }
    const window = profile(['x'], [[-5], [1e9], [50], ['text']], reference);
    expect(numbersOf(window)).toMatchObject({ edges, unreadable: 1, rows: 4 });
    expect(numbersOf(window).counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(window.reference).toBe(reference.digest);
  });

  it('stays below 16 KB a column, whatever it holds', () => {
    const random = seededRandom(3);
    const wild = () => (random.next() - 0.5) * 10 ** (600 * random.next() - 300);
    const rows = Array.from(
      { length: 20_000 },
      (): Row => [wild(), random.next(), `${'long '.repeat(60)}${random.word()}`],
    );
    for (const column of profile(['wild', 'even', 'text'], rows).columns) {
      expect(JSON.stringify(column).length).toBeLessThan(16 * 1024);
    }
  });

  it('does not count a text twice that was given up and came again', () => {
    const rows = Array.from({ length: 40_000 }, (_, row): Row => [`user ${row % 12_000}`]);
    const [column] = profile(['user'], rows).columns;
    expect(column).toMatchObject({ rows: 40_000, distinct: 10_001 });
  });

  it('knows at least as many texts as one of its parts', () => {
    const reference = profile(['kind'], [['a'], ['b']]);
    const texts = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, row): Row => [`text ${from + row}`]);
    const parts = [texts(0, 40), texts(30, 50)].map((rows) => profile(['kind'], rows, reference));
    expect(mergeProfiles(parts[0]!, parts[1]!).columns[0]).toMatchObject({
      rows: 60,
      distinct: 40,
      others: 60,
    });
  });

  it('groups what is rare, and names what the reference did not have', () => {
    const reference = profile(['kind'], [...Array(30).fill(['a']), ...Array(10).fill(['b'])]);
    const window = profile(['kind'], [['a'], ['zebra'], ['zebra'], ['b'], [null]], reference);
    expect(window.columns[0]).toMatchObject({
      levels: [
        ['a', 1],
        ['b', 1],
      ],
      others: 2,
      unseen: ['zebra'],
      missing: 1,
    });
  });

  it('decides by a column’s first thousand values whether it holds numbers', () => {
    const rows: Row[] = [...Array.from({ length: 1000 }, (_, row): Row => [row, 'x']), ['word', 'y']];
    const { columns } = profile(['late', 'kind'], rows);
    expect(columns[0]).toMatchObject({ type: 'number', unreadable: 1, rows: 1001 });
    const early = profile(['early'], [['word'], [1], [2]]);
    expect(early.columns[0]).toMatchObject({ type: 'category', distinct: 3 });
  });

  it('answers for no row, and for none but missing ones', () => {
    expect(profile(['x'], []).columns[0]).toMatchObject({ type: 'category', rows: 0 });
    const reference = profile(['x'], [[1], [2]]);
    expect(numbersOf(profile(['x'], [[null], [null]], reference))).toMatchObject({
      mean: null,
      least: null,
      missing: 2,
    });
  });
});

describe('a stored profile', () => {
  const stored = profile(['x'], [[1], [2], [3]]);

  it('is read back as it was', () => {
    expect(readProfile(writeProfile(stored))).toEqual(stored);
  });

  it('is refused where one figure of it was changed', () => {
    const changed = writeProfile(stored).replace('"rows":3,"missing":0', '"rows":3,"missing":1');
    expect(() => readProfile(changed)).toThrow('it was changed by hand');
    expect(() => readProfile('{}')).toThrow('its format is undefined');
    expect(() => readProfile('[')).toThrow('it is no JSON');
  });

  it('does not merge with one that was counted otherwise', () => {
    const window = profile(['x'], [[1]], stored);
    expect(() => mergeProfiles(stored, window)).toThrow('different references');
    expect(() => mergeProfiles(stored, profile(['y'], [[1]]))).toThrow('only one of them has the column "y"');
  });
});
