import { describe, expect, it } from 'vitest';
import { type Cell, isMissing, numberOf } from '../../../../libraries/data-file/index.ts';
import { Profiler } from '../../../../libraries/profile/index.ts';
import {
  type Expectations,
  type ExpectedColumn,
  judgeQuality,
  type QualityOptions,
} from '../../../../libraries/profile/quality/index.ts';

const now = Date.parse('2026-03-10T12:00:00Z');

function judge(
  columns: Readonly<Record<string, readonly Cell[]>>,
  expected: readonly ExpectedColumn[],
  more: Omit<Expectations, 'columns'> & Partial<QualityOptions> = {},
) {
  const { otherColumns, repeated, ...expectations } = more;
  const names = Object.keys(columns);
  const types = new Map(
    expected
      .filter(({ name }) => names.includes(name))
      .map(({ name, type }) => [
        name,
        type === 'number' || type === 'integer' ? ('number' as const) : ('category' as const),
      ]),
  );
  const profiler = new Profiler<Cell>({ isMissing, numberOf }, undefined, types);
  const [first = []] = Object.values(columns);
  profiler.add(
    names,
    first.map((_, row) => names.map((name) => columns[name]?.[row] ?? null)),
  );
  return judgeQuality(
    profiler.profile(),
    { columns: expected, ...expectations },
    { now, ...(otherColumns ? { otherColumns } : {}), ...(repeated ? { repeated } : {}) },
  );
}

/** `[found, status]` of one rule. */
function rule(name: string, findings: ReturnType<typeof judge>) {
  const found = findings.filter((finding) => finding.rule === name);
  expect(found.length).toBe(1);
  return [found[0]?.found, found[0]?.status];
}

const x = (type: ExpectedColumn['type'], more: Partial<ExpectedColumn> = {}): ExpectedColumn => ({
  name: 'x',
  type,
  ...more,
});
const many = (count: number) => Array.from({ length: count }, (_, at) => `text ${at}`);

describe('the quality of data', () => {
  it('passes where each promise holds, one finding a promise', () => {
    const findings = judge(
      { x: ['1', '2', ''], day: ['2026-03-09', '2026-03-10', '2026-03-08'] },
      [x('integer', { nullable: true, min: 1, max: 2, unique: true }), { name: 'day', type: 'date' }],
      { rows: { min: 3, max: 3 }, freshness: { column: 'day', maxAgeMs: 86_400_000 } },
    );
    expect(findings.map(({ column, rule: name }) => `${column} ${name}`)).toEqual([
      'null volume',
      'day freshness',
      ...['present', 'missing', 'type', 'range', 'unique'].map((name) => `x ${name}`),
      ...['present', 'missing', 'type'].map((name) => `day ${name}`),
    ]);
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['pass']));
  });

  it.each<[string, ExpectedColumn, readonly Cell[], string, string]>([
    ['type', x('number'), ['1', 'two', 'three'], '2 that are no number', 'fail'],
    ['type', x('integer'), ['1', '2.5'], '1 that are not whole', 'fail'],
    ['type', x('boolean'), ['true', 'FALSE', '1'], 'true or false', 'pass'],
    ['type', x('boolean'), ['true', 'yes'], 'others, such as "yes"', 'fail'],
    ['type', x('date'), ['2026-02-28', '2026-02-30'], 'others, such as "2026-02-30"', 'fail'],
    ['type', x('date'), ['2026-02-28', '2026-02-28T10:00:00+02:00'], 'an ISO 8601 date', 'pass'],
    ['type', x('string'), ['1', '2'], 'texts', 'pass'],
    ['missing', x('string'), ['a', '', null], '2 of 3 rows (66.7 %)', 'fail'],
    ['missing', x('string', { nullable: true }), ['', ''], '2 of 2 rows (100 %)', 'pass'],
    ['missing', x('string', { nullable: true, maxMissing: 50 }), ['a', ''], '1 of 2 rows (50 %)', 'pass'],
    ['missing', x('string', { nullable: true, maxMissing: 49.9 }), ['a', ''], '1 of 2 rows (50 %)', 'fail'],
    ['range', x('number', { min: 0, max: 400 }), ['-3', '350'], '-3 to 350', 'fail'],
    ['range', x('number', { min: 0 }), ['0', '1e9'], '0 to 1000000000', 'pass'],
    ['range', x('number', { max: 1 }), ['Infinity', 'x'], 'no finite number', 'unknown'],
    ['finite', x('number'), ['Infinity', '1'], '1 infinite', 'fail'],
    ['categories', x('string', { categories: ['a', 'b'] }), ['a', 'a'], 'these alone', 'pass'],
    ['categories', x('string', { categories: ['a', 'b'] }), ['a', 'c', 'c'], '2 rows of "c"', 'fail'],
    [
      'categories',
      x('string', { categories: many(99) }),
      many(99),
      '35 rows of texts that the profile does not name',
      'unknown',
    ],
    ['categories', x('string', { categories: many(98) }), many(99), '99 different texts', 'fail'],
    ['unique', x('string', { unique: true }), many(200), 'no value twice', 'pass'],
    [
      'unique',
      x('string', { unique: true }),
      ['a', 'a', 'b'],
      '1 row with a value that stands twice',
      'fail',
    ],
    [
      'unique',
      x('number', { unique: true }),
      ['1', '1', '2', ''],
      '1 row with a value that stands twice',
      'fail',
    ],
    [
      'unique',
      x('integer', { unique: true }),
      many(40).map((_, at) => at),
      'more values than a profile counts',
      'unknown',
    ],
  ])('is judged by %s of %j', (name, expected, values, found, status) => {
    expect(rule(name, judge({ x: values }, [expected]))).toEqual([found, status]);
  });

  it('takes the count of repeated values of whoever saw the rows', () => {
    const values = many(40).map((_, at) => at);
    const counted = (count: number) =>
      judge({ x: values }, [x('integer', { unique: true })], { repeated: new Map([['x', count]]) });
    expect(rule('unique', counted(0))).toEqual(['no value twice', 'pass']);
    expect(rule('unique', counted(3))).toEqual(['3 rows with a value that stands twice', 'fail']);
  });

  it('tells of columns that are missing, and warns of others', () => {
    const findings = judge({ y: ['1'] }, [x('number')], { otherColumns: ['y'] });
    expect(findings).toEqual([
      { column: 'x', rule: 'present', expected: 'a column of this name', found: 'none', status: 'fail' },
      {
        column: 'y',
        rule: 'declared',
        expected: 'a column of the dataset',
        found: 'not declared',
        status: 'warn',
      },
    ]);
  });

  it('judges how many rows there are, none among them', () => {
    expect(rule('volume', judge({ x: [] }, [x('number')], { rows: { min: 1 } }))).toEqual(['0 rows', 'fail']);
    expect(rule('volume', judge({ x: ['1'] }, [x('number')], { rows: { max: 1 } }))).toEqual([
      '1 row',
      'pass',
    ]);
  });

  it.each([
    [['2026-03-07', '2026-03-08'], 'fail', '2026-03-08: 3 days old'],
    [['2026-03-10T11:00:00Z', '2026-03-01'], 'pass', '2026-03-10T11:00:00Z: 1 hour old'],
    [['2026-03-12'], 'pass', '2026-03-12: 0 seconds old'],
    [['soon'], 'fail', '"soon", which is no date'],
    [[''], 'fail', 'no value'],
  ] as const)('judges how old the newest of %j is', (values, status, found) => {
    const findings = judge({ x: values }, [x('date', { nullable: true })], {
      freshness: { column: 'x', maxAgeMs: 86_400_000 },
    });
    expect(rule('freshness', findings)).toEqual([found, status]);
  });
});
