import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';
import { run } from '../run.ts';

const made = new TemplateRegistry();
const switchyard = (...words: readonly string[]) => run(words, { folder: made.folder });
const check = (file: string, ...words: readonly string[]) =>
  switchyard('data', 'check', file, '--dataset', 'bird-strike', ...words);

beforeAll(async () => {
  await made.make();
  const header = made.read('data/bird-strikes.csv').split('\n', 1)[0];
  const rows = [
    '1,1995-02-28,A,B,,C,Climbing,Small,X,Day,999,None,!',
    '1,1995-03-01,A,B,O,C,Climb,Small,X,Day,5,None,!',
  ];
  writeFileSync(join(made.folder, 'bad.csv'), `${[`${header},extra`, ...rows].join('\n')}\n`);
});
afterAll(() => made.close());

describe('data check', () => {
  it('passes the data of the template', async () => {
    const { status, out } = await check('data/bird-strikes.csv');
    expect(status).toBe(0);
    expect(out).toBe('data/bird-strikes.csv: 9,985 rows, held against bird-strike\n\n✔ 43 pass');
  });

  it('tells what is broken, a line a promise, and ends with status 1', async () => {
    const { status, out } = await check('bad.csv');
    expect(status).toBe(1);
    const lines = out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));
    expect(lines).toEqual(
      expect.arrayContaining([
        'fail | id | unique | each value once | 1 row with a value that stands twice',
        'fail | operator | missing | none missing | 1 of 2 rows (50 %)',
        'fail | phase_of_flight | categories | one of 7 categories | 1 row of "Climbing"',
        'fail | speed_knots | range | from 0 to 400 | 5 to 999',
        'warn | extra | declared | a column of the dataset | not declared',
      ]),
    );
    expect(lines.at(-1)).toMatch(/^✘ \d+ pass, 4 fail, 1 warn$/);
  });

  it('judges a profile, says what it cannot know, and lets --strict refuse that', async () => {
    await switchyard('profile', 'data', '--dataset', 'bird-strike', '--out', 'all.json');
    const { status, out } = await check('all.json', '--output', 'json');
    expect(status).toBe(0);
    const { findings } = JSON.parse(out) as { findings: { column: string; status: string }[] };
    expect(findings.filter((finding) => finding.status !== 'pass')).toMatchObject([
      { column: 'id', rule: 'unique', status: 'unknown' },
    ]);
    expect((await check('all.json', '--strict')).status).toBe(1);
  });

  it('judges volume and freshness at the moment that is asked for', async () => {
    const path = 'datasets/bird-strike.yaml';
    const expectations =
      '  expectations:\n    rows: { min: 9985 }\n    freshness: { column: flight_date, maxAge: 30d }\n  columns:\n';
    made.write(path, made.read(path).replace('  columns:\n', expectations));
    expect((await switchyard('check')).status).toBe(0);
    const at = async (now: string) => (await check('data/bird-strikes.csv', '--now', now)).out;
    expect(await at('2002-08-01')).toContain('✔ 45 pass');
    expect(await at('2004-01-01')).toMatch(
      /fail +flight_date +freshness +a row that is at most 30 days old +2002-07-25: 525 days old/,
    );
    made.write(path, made.read(path).replace('column: flight_date', 'column: airport'));
    const refused = await switchyard('check');
    expect(refused.out).toContain('InvalidExpectation');
    expect(refused.out).toContain('the column "airport" is a string: age is read from a column of dates');
  });

  it('answers what it cannot do in words', async () => {
    expect((await check('bad.csv', '--now', 'soon')).err).toContain("--now is 'soon', which is no time");
    expect((await switchyard('data', 'check', 'bad.csv', '--dataset', 'births')).err).toContain(
      'DatasetNotFound',
    );
  });
});
