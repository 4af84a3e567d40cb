import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import type { DriftReport, SliceDrift } from '../../../libraries/statistics/drift/index.ts';
import { run } from '../run.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-drift-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const drift = (...words: readonly string[]) => run(['drift', 'compare', ...words], { folder });

async function report(...words: readonly string[]): Promise<DriftReport> {
  const { status, out, err } = await drift(...words, '--output', 'json');
  expect(err).toBe('');
  expect(status).toBe(0);
  return JSON.parse(out) as DriftReport;
}

const driftedOf = ({ columns }: Pick<DriftReport, 'columns'>) =>
  columns.filter(({ drifted }) => drifted).map(({ column }) => column);

describe('drift compare of the bird strikes', () => {
  const inputs =
    'airport,aircraft,operator,origin_state,phase_of_flight,wildlife_size,wildlife_species,time_of_day,speed_knots';

  beforeAll(() => {
    const text = readFileSync(packageFile('registry-repo-template/data/bird-strikes.csv'), 'utf8');
    const [header = '', ...rows] = text.trimEnd().split('\n');
    const part = (name: string, years: readonly [number, number], isHeldOut?: boolean) => {
      const chosen = rows.filter((row) => {
        const [id = '', date = ''] = row.split(',');
        const year = Number(date.slice(0, 4));
        if (year < years[0] || year > years[1]) return false;
        return isHeldOut === undefined || (Number(id) % 5 === 0) === isHeldOut;
      });
      write(name, `${[header, ...chosen].join('\n')}\n`);
    };
    part('trained.csv', [1990, 1994], false);
    part('held-out.csv', [1990, 1994], true);
    part('1995.csv', [1995, 1995]);
    part('2001.csv', [2001, 2001]);
  });

  it('finds none of nine columns drifted in what was held out of training', async () => {
    const found = await report('-r', 'trained.csv', '-c', 'held-out.csv', '--columns', inputs);
    expect(found.columns).toHaveLength(9);
    expect(driftedOf(found)).toEqual([]);
    expect(found.dataset).toMatchObject({ compared: 9, drifted: 0, driftDetected: false });
  });

  it('tells 1995 apart by all columns together, and what was held out not', async () => {
    const found = async (current: string) => {
      const words = ['-r', 'trained.csv', '-c', current, '--columns', inputs, '--multivariate'];
      const { multivariate = [] } = (await report(...words)) as DriftReport & {
        multivariate?: readonly { method: string; drifted: boolean; columns?: { column: string }[] }[];
      };
      return multivariate;
    };
    expect(await found('held-out.csv')).toMatchObject([
      { method: 'domain-classifier', drifted: false },
      { method: 'pca-reconstruction', drifted: false },
    ]);
    const [classifier] = await found('1995.csv');
    expect(classifier).toMatchObject({ drifted: true });
    expect(
      classifier?.columns
        ?.slice(0, 4)
        .map(({ column }) => column)
        .sort(),
    ).toEqual(['aircraft', 'airport', 'operator', 'origin_state']);
  });

  it('shows columns together in the table and on the page, by the methods that are named', async () => {
    const words = ['-r', 'trained.csv', '-c', '2001.csv', '--columns', inputs];
    const one = await drift(...words, '--multivariate', 'domain-classifier', '--fail-on-drift');
    expect(one.status).toBe(1);
    expect(one.out).toMatch(/^TOGETHER +STATISTIC/m);
    expect(one.out).toMatch(/^domain-classifier +0\.\d+ .* drifted +told apart by aircraft \d+ %/m);
    expect(one.out).not.toContain('pca-reconstruction');
    const page = await drift(...words, '--multivariate', '--output', 'html');
    expect(page.out).toContain('<h2>Columns together</h2>');
    expect(page.out).toContain('<th scope="row">pca-reconstruction');
  });

  it('judges damage as the target, and 1995 within each phase of flight', async () => {
    const words = ['-r', 'trained.csv', '-c', '1995.csv', '--columns', 'airport,operator,speed_knots'];
    const more = ['--target', 'damage', '--slice', 'phase_of_flight', '--slice', 'operator=MILITARY'];
    const found = (await report(...words, ...more)) as DriftReport & { slices: readonly SliceDrift[] };
    expect(found.columns.map(({ column, role }) => `${column} ${role}`)).toEqual([
      'airport input',
      'operator input',
      'speed_knots input',
      'damage target',
    ]);
    expect(found.dataset.columns).toBe(3);
    expect(found.slices.map(({ slice }) => `${slice.column}=${slice.value}`)).toEqual([
      ...['Approach', 'Climb', 'Take-off run', 'Landing Roll', 'Descent', 'Taxi', 'Parked'].map(
        (phase) => `phase_of_flight=${phase}`,
      ),
      'operator=MILITARY',
    ]);
    expect(found.slices[0]?.dataset.rows).toEqual({ reference: 1217, current: 303 });
    expect(driftedOf(found.slices[0]!)).toEqual(['airport', 'operator']);
    const shown = await drift(...words, ...more);
    expect(shown.out).toMatch(/^damage \(target\) /m);
    expect(shown.out).toMatch(
      /^phase_of_flight=Approach +1217 → 303 +2 of 3 +airport 0\.\d+, operator 0\.\d+$/m,
    );
    const page = await drift(...words, ...more, '--output', 'html');
    expect(page.out).toContain('<th scope="row">operator=MILITARY<td>324 → 38');
  });

  it.each([
    [['--slice', 'phase'], 'it has no column "phase" to slice by'],
    [['--slice', 'id'], '"id" has more than 200 values: name one'],
    [['--slice', 'operator=NOBODY'], 'no row of trained.csv has operator=NOBODY'],
    [['--target', 'harm'], "no file has a column 'harm'"],
  ])('refuses %j in words', async (words, expected) => {
    const refused = await drift('-r', 'trained.csv', '-c', '1995.csv', ...words);
    expect(refused.status).not.toBe(0);
    expect(refused.err).toContain(expected);
  });

  it('refuses methods that it does not know', async () => {
    const refused = await drift('-r', 'trained.csv', '-c', '1995.csv', '--multivariate', 'magic');
    expect(refused.err).toContain("there is no method called 'magic'");
  });

  it('finds five drifted in 1995, the first year after it', async () => {
    const found = await report('-r', 'trained.csv', '-c', '1995.csv', '--columns', inputs);
    expect(driftedOf(found).sort()).toEqual([
      'aircraft',
      'airport',
      'operator',
      'origin_state',
      'wildlife_species',
    ]);
    expect(found.dataset.driftDetected).toBe(true);
  });

  it('finds seven in 2001: of the speeds, more are missing', async () => {
    const found = await report('-r', 'trained.csv', '-c', '2001.csv', '--columns', inputs);
    expect(driftedOf(found)).toHaveLength(7);
    const speed = found.columns.find(({ column }) => column === 'speed_knots');
    expect(speed).toMatchObject({ test: 'wasserstein', drifted: true, missing: { drifted: true } });
    expect(speed?.effect).toBeLessThan(0.1);
    expect(speed?.missing.reference).toBeCloseTo(0.187, 3);
    expect(speed?.missing.current).toBeCloseTo(0.353, 3);
  });

  it('leaves out, and says so, what is an identifier and no category', async () => {
    const found = await report('-r', 'trained.csv', '-c', 'held-out.csv');
    const date = found.columns.find(({ column }) => column === 'flight_date');
    expect(date).toMatchObject({ status: 'identifier', drifted: null, test: null });
  });
});

describe('drift compare', () => {
  beforeAll(() => {
    const rows = Array.from({ length: 300 }, (_, row) => row);
    const line = (row: number, shift: number) =>
      `${Math.sin(row) * 3 + shift},${row % 2 === 0 ? 'a' : 'b'},${(row * 7) % 11}`;
    write('a.csv', `x,kind,level\n${rows.map((row) => line(row, 0)).join('\n')}\n`);
    write('b.csv', `x,kind,level\n${rows.map((row) => line(row + 7, 1)).join('\n')}\n`);
  });

  it('chooses tests by type and size, corrects for their number, and needs an effect', async () => {
    const { columns, dataset } = await report('-r', 'a.csv', '-c', 'b.csv');
    expect(columns.map(({ column, test, drifted }) => [column, test, drifted])).toEqual([
      ['x', 'kolmogorov-smirnov', true],
      ['kind', 'z-test', false],
      ['level', 'kolmogorov-smirnov', false],
    ]);
    const [x] = columns;
    expect(x).toMatchObject({ method: 'exact', threshold: 0.1, n: { reference: 300, current: 300 } });
    expect(x?.adjustedPValue).toBeGreaterThanOrEqual(x?.pValue ?? 1);
    expect(dataset).toMatchObject({ compared: 3, drifted: 1, threshold: 0.5, driftDetected: false });
    expect(dataset.share).toBeCloseTo(1 / 3);
  });

  it('does not call a difference drift that is significant and small', async () => {
    const { columns } = await report('-r', 'a.csv', '-c', 'b.csv', '--columns', 'x', '--threshold', '0.9');
    expect(columns[0]).toMatchObject({ drifted: false, threshold: 0.9 });
    expect(columns[0]?.adjustedPValue).toBeLessThan(0.001);
  });

  it('takes a test for all columns, and one for a single column', async () => {
    const words = ['-r', 'a.csv', '-c', 'b.csv', '--test', 'total-variation', '--test', 'x=energy-distance'];
    const { columns } = await report(...words);
    expect(columns.map(({ test }) => test)).toEqual([
      'energy-distance',
      'total-variation',
      'total-variation',
    ]);
  });

  it('says of a column that the test is not for it, which is not "no drift"', async () => {
    const { columns, dataset } = await report('-r', 'a.csv', '-c', 'b.csv', '--test', 'wasserstein');
    expect(columns[1]).toMatchObject({ status: 'test-not-applicable', drifted: null, pValue: null });
    expect(dataset.compared).toBe(2);
  });

  it('gives the Jensen–Shannon distance in base 2, and natural on request', async () => {
    const words = ['-r', 'a.csv', '-c', 'b.csv', '--test', 'jensen-shannon', '--columns', 'kind'];
    write('c.csv', `kind\n${'a\n'.repeat(90)}${'b\n'.repeat(30)}`);
    words[3] = 'c.csv';
    const two = (await report(...words)).columns[0]?.statistic ?? 0;
    const natural = (await report(...words, '--base', 'e')).columns[0]?.statistic ?? 0;
    expect(natural / two).toBeCloseTo(Math.sqrt(Math.LN2), 10);
  });

  it('has a status for whatever a column may hold', async () => {
    const good = { n: 1, kind: 'a', same: 7, gone: 1, texts: 5, wild: 1 };
    const lines = (make: (row: number) => object) =>
      Array.from({ length: 60 }, (_, row) => JSON.stringify(make(row))).join('\n');
    write(
      'reference.jsonl',
      lines((row) => ({ ...good, n: row, kind: row % 3 ? 'a' : 'b', gone: row, texts: row, wild: row })),
    );
    write(
      'current.jsonl',
      lines((row) => ({
        n: row,
        kind: row % 3 ? 'a' : 'zebra',
        same: row < 30 ? 7 : 8,
        gone: null,
        texts: 'word',
        wild: row < 20 ? 'Infinity' : row,
        added: row,
      })),
    );
    const { columns, dataset } = await report('-r', 'reference.jsonl', '-c', 'current.jsonl');
    const statuses = Object.fromEntries(columns.map(({ column, status }) => [column, status]));
    expect(statuses).toEqual({
      n: 'compared',
      kind: 'compared',
      same: 'constant-reference',
      gone: 'current-only-missing',
      texts: 'type-differs',
      wild: 'compared',
      added: 'not-in-reference',
    });
    const of = (name: string) => columns.find(({ column }) => column === name);
    expect(of('kind')).toMatchObject({
      drifted: true,
      newCategories: { count: 1, rows: 20, names: ['zebra'] },
      vanishedCategories: { count: 1, names: ['b'] },
    });
    expect(of('same')).toMatchObject({ drifted: true });
    expect(of('gone')).toMatchObject({ drifted: true, missing: { reference: 0, current: 1, drifted: true } });
    expect(of('wild')).toMatchObject({ infinite: { reference: 0, current: 20 } });
    expect(of('added')).toMatchObject({ drifted: null });
    expect(dataset.compared).toBe(6);
  });

  it('answers for files without a row', async () => {
    write('empty.csv', 'x,kind,level\n');
    const { columns, dataset } = await report('-r', 'a.csv', '-c', 'empty.csv');
    expect(columns.map(({ status }) => status)).toEqual(['current-empty', 'current-empty', 'current-empty']);
    expect(dataset).toMatchObject({ compared: 0, share: 0, driftDetected: false });
  });

  it('prints a table, and one page of HTML without scripts or addresses', async () => {
    write('odd.csv', `x,kind,level\n${'1.5,<script>alert(1)</script>,3\n'.repeat(50)}`);
    const table = await drift('-r', 'a.csv', '-c', 'b.csv');
    expect(table.out).toContain('No drift of the dataset: 1 of 3 compared columns drifted (33 %');
    expect(table.out).toMatch(/^x +kolmogorov-smirnov +0\.\d+ +0\.1 +\S+ +drifted/m);
    const page = await drift('-r', 'a.csv', '-c', 'odd.csv', '--output', 'html');
    expect(page.out).toContain('<!doctype html>');
    expect(page.out).not.toMatch(/<script|https?:|src=|@import/);
    expect(page.out).toContain('&#60;script&#62;');
  });

  it('fails where a column has drifted only when asked to', async () => {
    expect((await drift('-r', 'a.csv', '-c', 'b.csv', '--fail-on-drift')).status).toBe(1);
    expect((await drift('-r', 'a.csv', '-c', 'a.csv', '--fail-on-drift')).status).toBe(0);
  });

  it('refuses what it cannot do, with what to do instead', async () => {
    const refused = async (...words: readonly string[]) => {
      const { status, out, err } = await drift(...words);
      expect(out).toBe('');
      return [status, err] as const;
    };
    expect(await refused('-r', 'a.csv', '-c', 'b.csv', '--test', 'kolmogorof')).toEqual([
      2,
      expect.stringContaining('kolmogorov-smirnov'),
    ]);
    expect(await refused('-r', 'a.csv', '-c', 'b.csv', '--columns', 'y')).toEqual([
      2,
      expect.stringContaining("no file has a column 'y'"),
    ]);
    expect(await refused('-r', 'a.csv', '-c', 'nowhere.csv')).toEqual([
      1,
      expect.stringContaining('FileUnreadable'),
    ]);
    write('torn.jsonl', '{"x": 1}\n{"x": 2');
    expect(await refused('-r', 'torn.jsonl', '-c', 'b.csv')).toEqual([
      1,
      expect.stringMatching(/line 2 is no JSON[\s\S]*DataFileUnusable/),
    ]);
    write('torn.csv', 'x,y\n1,2\n3\n');
    expect((await refused('-r', 'torn.csv', '-c', 'b.csv'))[1]).toMatch(/line 3[\s\S]*DataFileUnusable/);
    write('not.parquet', 'PAR1 no');
    expect((await refused('-r', 'not.parquet', '-c', 'b.csv'))[1]).toContain('it is no Parquet');
    expect((await refused('-r', 'a.txt', '-c', 'b.csv'))[1]).toContain('names no format');
  });
});
