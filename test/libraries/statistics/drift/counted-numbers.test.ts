import { describe, expect, it } from 'vitest';
import { makeProfile, NumberColumn, samplesOf } from '../../../../libraries/profile/index.ts';
import {
  type ColumnDrift,
  compareSamples,
  type NumberSample,
} from '../../../../libraries/statistics/drift/index.ts';
import { seededRandom } from '../../../../libraries/statistics/index.ts';
import { type TestName, testNames } from '../../../../libraries/statistics/two-sample/index.ts';

const random = seededRandom(3);
const draw = (rows: number, values: number, first = 0) =>
  Float64Array.from({ length: rows }, () => first + Math.floor(values * random.next() ** 2));

const sampleOf = (values: Float64Array): NumberSample => ({
  type: 'number',
  rows: values.length,
  missing: 0,
  values,
  infinite: 0,
  unreadable: 0,
});

function ofRows(reference: Float64Array, current: Float64Array, test?: TestName): ColumnDrift {
  const [one, other] = [reference, current].map((values) => new Map([['x', sampleOf(values)]]));
  return compareSamples(one!, other!, test === undefined ? {} : { test }).columns[0]!;
}

function ofProfiles(reference: Float64Array, current: Float64Array, test?: TestName): ColumnDrift {
  const first = new NumberColumn('x');
  first.addAll(reference);
  const own = makeProfile(reference.length, [first.profile()]);
  const second = new NumberColumn('x', first.profile().edges);
  second.addAll(current);
  const other = makeProfile(current.length, [second.profile()], { reference: own });
  return compareSamples(samplesOf(own), samplesOf(other), test === undefined ? {} : { test }).columns[0]!;
}

describe('profiles of numbers with few distinct values', () => {
  const reference = draw(1600, 12);
  const current = draw(1400, 13, 1);

  it.each(testNames)('tell by %s what the rows tell', (test) => {
    const [rows, profiles] = [ofRows(reference, current, test), ofProfiles(reference, current, test)];
    expect([profiles.status, profiles.test, profiles.drifted]).toEqual([
      rows.status,
      rows.test,
      rows.drifted,
    ]);
    expect(profiles.statistic ?? 0).toBeCloseTo(rows.statistic ?? 0, 9);
    expect(profiles.effect ?? 0).toBeCloseTo(rows.effect ?? 0, 9);
    expect(Math.log(profiles.pValue ?? 1)).toBeCloseTo(Math.log(rows.pValue ?? 1), 6);
    expect(profiles.distribution.map((cell) => [cell.reference, cell.current])).toEqual(
      rows.distribution.map((cell) => [cell.reference, cell.current]),
    );
  });

  it('are compared as categories where there are at most five, as rows are', () => {
    const [one, other] = [draw(1500, 2), draw(1300, 3)];
    expect(ofProfiles(one, other)).toEqual(ofRows(one, other));
    expect(ofProfiles(one, other)).toMatchObject({ test: 'jensen-shannon', status: 'compared' });
  });

  it('are compared by what they are, however many rows there were', () => {
    const answers = (no: number, yes: number) => {
      const counts = [no, yes] as const;
      const distinct = counts.map((count, value) => [value, count] as const);
      const [least, most, mean, variance] = [0, 1, 0.5, 0.25];
      const about = { rows: no + yes, missing: 0, infinite: 0, unreadable: 0, edges: [1], counts };
      return new Map([
        ['x', { type: 'histogram', ...about, distinct, least, most, mean, variance } as const],
      ]);
    };
    const [column] = compareSamples(answers(6e8, 4e8), answers(5e8, 5e8)).columns;
    expect(column).toMatchObject({ test: 'jensen-shannon', drifted: false, pValue: 0 });
    const [ranks] = compareSamples(answers(6e8, 4e8), answers(5e8, 5e8), { test: 'mann-whitney' }).columns;
    expect(ranks).toMatchObject({ status: 'test-not-applicable', drifted: null });
  });

  it('are held against a constant, and equal constants are none', () => {
    const [same, other] = [new Float64Array(1200).fill(4), draw(1000, 9)];
    expect(ofProfiles(same, other)).toEqual(ofRows(same, other));
    expect(ofProfiles(same, other)).toMatchObject({ status: 'constant-reference', drifted: true });
    expect(ofProfiles(same, same)).toMatchObject({ status: 'constant', drifted: false });
  });
});

describe('a profile of numbers whose sums no double holds', () => {
  const large = Float64Array.from({ length: 100 }, (_, row) => (1 + row / 100) * 1e307);

  it.each(['welch-t', 'student-t', 'wasserstein'] as const)(
    'is not compared by %s: refused in words',
    (test) => {
      const small = Float64Array.from({ length: 100 }, (_, row) => row);
      for (const [one, other] of [
        [large, small],
        [small, large],
      ] as const) {
        const found = ofProfiles(one, other, test);
        expect(found).toMatchObject({ status: 'not-comparable', drifted: null, pValue: null });
        expect(found.reason).toMatch(/too large|too unevenly/);
      }
    },
  );
});
