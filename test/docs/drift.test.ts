import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as detectors from '../../libraries/change-detection/index.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { compareSamples, type DriftReport } from '../../libraries/statistics/drift/index.ts';
import { testNames } from '../../libraries/statistics/two-sample/index.ts';
import { run } from '../cli/run.ts';
import { runExample } from '../fixtures/shown-example.ts';
import { putTemplateRegistry } from '../fixtures/template-registry.ts';

const folder = packageFile('docs/drift');
const pages = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);
const front = pages.get('README.md') ?? '';

/** The files of the example, made as the page says. */
const strikes = mkdtempSync(join(tmpdir(), 'switchyard-strikes-'));
beforeAll(() => {
  cpSync(packageFile('registry-repo-template/data'), join(strikes, 'data'), { recursive: true });
  const script = front.match(/```sh\n(awk [\s\S]*?)```/)?.[1] ?? '';
  execFileSync('sh', ['-ec', script], { cwd: strikes });
});
afterAll(() => rmSync(strikes, { recursive: true, force: true }));

describe('docs/drift', () => {
  it.each(testNames)(
    'has a page for %s that says when to use it and shows what comes of it, and links it',
    async (test) => {
      const text = readFileSync(join(folder, 'tests', `${test}.md`), 'utf8');
      expect(text).toMatch(new RegExp(`^# ${test}\\n`));
      expect(text).toContain('**Use it** ');
      expect(text).toContain('**Limits.** ');
      expect(front).toContain(`[\`${test}\`](tests/${test}.md)`);
      const words = (text.match(/^\$ switchyard (.*)$/m)?.[1] ?? '').split(' ');
      expect(words.slice(-2)).toEqual(['-t', test]);
      const { out } = await run(words, { folder: strikes });
      expect(text).toContain(`$ switchyard ${words.join(' ')}\n${out}\`\`\``);
      const json = JSON.parse((await run([...words, '-o', 'json'], { folder: strikes })).out) as DriftReport;
      expect(json.columns).toMatchObject([{ status: 'compared', test }]);
      expect(text).toContain(`| effect | ${json.columns[0]?.effectName} |`);
      expect(text).toContain(`| limit | ${json.columns[0]?.threshold} (`);
    },
  );

  it('has no page for a test that is not there', () => {
    expect(readdirSync(join(folder, 'tests')).sort()).toEqual(testNames.map((test) => `${test}.md`).sort());
  });

  it.each([
    ['README.md', 'Drift: 5 of 9 compared columns drifted'],
    ['multivariate.md', 'domain-classifier'],
  ])('shows what comes of the example of %s', async (name, says) => {
    const text = pages.get(name) ?? '';
    const words = (text.match(/^\$ switchyard (drift compare -r .*)$/m)?.[1] ?? '').split(' ');
    const { out } = await run(words, { folder: strikes });
    expect(out).toContain(says);
    expect(text).toContain(`$ switchyard ${words.join(' ')}\n${out}\`\`\``);
  });

  it('compares profiles as its page says, and finds what the rows show', async () => {
    const example =
      pages.get('profiles.md')?.match(/```\n(\$ switchyard profile data [\s\S]*?)```/)?.[1] ?? '';
    const outputs: string[] = [];
    for (const line of example.trim().split('\n')) {
      const { status, out } = await run(line.replace('$ switchyard ', '').split(' '), { folder: strikes });
      expect([line, status]).toEqual([line, 0]);
      outputs.push(out);
    }
    expect(outputs).toHaveLength(3);
    expect(outputs[2]).toMatch(/^aircraft .* drifted/m);
  });

  it('checks data as its page says', async () => {
    const text = pages.get('data-quality.md') ?? '';
    const registry = join(strikes, 'registry');
    await putTemplateRegistry(registry);
    execFileSync('sh', ['-ec', text.match(/```sh\n(cat [\s\S]*?)```/)?.[1] ?? ''], { cwd: registry });
    const words = (text.match(/^\$ switchyard (data check .*)$/m)?.[1] ?? '').split(' ');
    const { status, out, err } = await run(words, { folder: registry });
    expect(status).toBe(1);
    expect(text).toContain(`$ switchyard ${words.join(' ')}\n${out}${err}\n\`\`\``);
  });

  it('has a page for every detector that says when to use it, links it, and shows what it does', async () => {
    const index = readFileSync(packageFile('libraries/change-detection/index.ts'), 'utf8');
    const files = [...index.matchAll(/from '\.\/([a-z-]+)\.ts'/g)].map((match) => `${match[1]}.md`);
    expect(files).toHaveLength(5);
    for (const file of files.filter((name) => name !== 'detector.md')) {
      const text = pages.get(file) ?? '';
      expect(text, file).toMatch(/use it/i);
      expect(front).toContain(`(${file})`);
      const example = text.match(/```ts example\n([\s\S]*?)```/)?.[1] ?? '';
      const said = await runExample(example.replace('(at: number)', '(at)'), { ...detectors });
      expect(said.length, file).toBeGreaterThan(0);
      for (const [is, says] of said) expect(is, file).toBe(says);
    }
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
