import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { compareSamples } from '../../libraries/statistics/drift/index.ts';
import { testNames } from '../../libraries/statistics/two-sample/index.ts';

const folder = packageFile('docs/drift');
const pages = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
const front = pages.get('README.md') ?? '';

describe('docs/drift', () => {
  it.each(testNames)('says on one of its pages when to use %s, and links that page', (test) => {
    const page = [...pages].find(
      ([name, text]) =>
        name !== 'README.md' && (text.includes(`\n## ${test}\n`) || text.includes(`| \`${test}\` |`)),
    );
    expect(page?.[1]).toMatch(/use it/i);
    expect(front).toContain(`(${page?.[0]})`);
    expect(front).toContain(`\`${test}\``);
  });

  it('has a page for every detector, and links it', () => {
    const index = readFileSync(packageFile('libraries/change-detection/index.ts'), 'utf8');
    const files = [...index.matchAll(/from '\.\/([a-z-]+)\.ts'/g)].map((match) => `${match[1]}.md`);
    for (const file of files.filter((name) => name !== 'detector.md')) {
      expect(pages.get(file), file).toMatch(/use it/i);
      expect(front).toContain(`(${file})`);
    }
    expect(files).toHaveLength(5);
  });

  it('explains every field that comes out', () => {
    const values = Float64Array.from({ length: 50 }, (_, row) => row);
    const sample = new Map([
      ['x', { type: 'number', rows: 50, missing: 0, values, infinite: 0, unreadable: 0 } as const],
    ]);
    const { columns, dataset } = compareSamples(sample, sample);
    for (const field of Object.keys({ ...columns[0], ...dataset }))
      expect(front, field).toContain(`\`${field}\``);
  });

  it('explains every status', () => {
    const source = readFileSync(packageFile('libraries/statistics/drift/column.ts'), 'utf8');
    const union = source.match(/export type ColumnStatus =([\s\S]*?);/)?.[1] ?? '';
    const statuses = [...union.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
    expect(statuses.length).toBeGreaterThan(10);
    for (const status of statuses) expect(front, status).toContain(`\`${status}\``);
  });
});
