import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProfile } from '../../../libraries/profile/index.ts';
import type { DriftReport } from '../../../libraries/statistics/drift/index.ts';
import { run } from '../run.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-profile-'));
  const line = (row: number, shift: number) =>
    `${Math.sin(row) * 3 + shift},${'abc'[row % 3]},${row % 5 === 0 ? '' : row % 7}`;
  const rows = Array.from({ length: 3000 }, (_, row) => row);
  const header = 'x,kind,few\n';
  writeFileSync(join(folder, 'a.csv'), header + rows.map((row) => line(row, 0)).join('\n'));
  writeFileSync(join(folder, 'b.csv'), header + rows.map((row) => line(row + 5, 0.6)).join('\n'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const switchyard = (...words: readonly string[]) => run(words, { folder });

async function report(reference: string, current: string): Promise<DriftReport> {
  const { out } = await switchyard('drift', 'compare', '-r', reference, '-c', current, '--output', 'json');
  return JSON.parse(out) as DriftReport;
}

describe('profile data', () => {
  it('prints a line a column, and writes a profile that is read again', async () => {
    const { status, out } = await switchyard('profile', 'data', 'a.csv', '--out', 'a.json');
    expect(status).toBe(0);
    expect(out).toContain('a.csv: 3,000 rows, 3 columns');
    expect(out).toMatch(/^x +number +0 % +-3 to 3, median /m);
    expect(out).toMatch(/^kind +category +0 % +3 different: a 33 %/m);
    expect(out).toMatch(/^few +number +20 %/m);
    const stored = readProfile(readFileSync(join(folder, 'a.json'), 'utf8'));
    expect(stored.columns.map(({ name }) => name)).toEqual(['x', 'kind', 'few']);
    expect((await switchyard('profile', 'data', 'a.csv', '--output', 'json')).out).toBe(
      readFileSync(join(folder, 'a.json'), 'utf8'),
    );
  });

  it('is enough to see the drift that the rows show', async () => {
    await switchyard('profile', 'data', 'a.csv', '--out', 'a.json');
    await switchyard('profile', 'data', 'b.csv', '--against', 'a.json', '--out', 'b.json');
    const [rows, profiles, mixed] = [
      await report('a.csv', 'b.csv'),
      await report('a.json', 'b.json'),
      await report('a.json', 'b.csv'),
    ];
    expect(mixed).toEqual(profiles);
    for (const [at, column] of rows.columns.entries()) {
      const other = profiles.columns[at]!;
      expect([other.column, other.test, other.drifted]).toEqual([column.column, column.test, column.drifted]);
      expect(Math.abs(other.effect! - column.effect!)).toBeLessThan(0.02);
    }
    expect(rows.columns[0]).toMatchObject({ test: 'wasserstein', drifted: true });
    expect(profiles.columns[0]?.limits).toEqual([
      expect.stringMatching(/spread evenly between the \d+ edges/),
    ]);
  });

  it('refuses a profile that was changed, one of other cells, and data where a profile is due', async () => {
    await switchyard('profile', 'data', 'a.csv', '--out', 'a.json');
    await switchyard('profile', 'data', 'b.csv', '--out', 'alone.json');
    const refused = async (reference: string, current: string) =>
      (await switchyard('drift', 'compare', '-r', reference, '-c', current)).err;
    expect(await refused('a.json', 'alone.json')).toMatch(/counted by other cells[\s\S]*ProfileUnusable/);
    const text = readFileSync(join(folder, 'a.json'), 'utf8');
    writeFileSync(join(folder, 'changed.json'), text.replace('"missing":600', '"missing":60'));
    expect(await refused('changed.json', 'b.csv')).toMatch(/changed by hand[\s\S]*ProfileTampered/);
    expect(await refused('a.csv', 'a.json')).toContain('a profile is compared with a profile');
  });
});
