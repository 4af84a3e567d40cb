import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { exposedMetrics, metricsIn } from '../cli/generate/fixtures.ts';

const root = packageFile('.');
const page = readFileSync(join(root, 'docs', 'metrics.md'), 'utf8');
const rows = [...page.matchAll(/^\| `(switchyard_\w+)` *\| (\w+) *\| ([^|]+?) *\|/gm)];
const listed = rows.map(([, name = '']) => name);

/** Names that the program writes; those of a histogram's or a summary's parts belong to it. */
const written = new Set(
  ['core', 'plugins', 'server'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) => readFileSync(join(root, folder, path), 'utf8').match(/\bswitchyard_[a-z_]+/g) ?? [])
      .map((name) => name.replace(/_seconds_(sum|count)$/, '_seconds')),
  ),
);

it('finds each name in one piece: what a program puts together could not be held against the page', () => {
  expect([...written].filter((name) => name.endsWith('_'))).toEqual([]);
});

it('lists each metric that the program exposes, and no other', () => {
  expect(written.size).toBeGreaterThan(40);
  expect([...listed].sort()).toEqual([...written].sort());
});

it('asks in its PromQL for metrics, and by labels, that it lists', () => {
  const blocks = [...page.matchAll(/```promql \w+\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  expect(blocks).toHaveLength(2);
  const exposed = exposedMetrics();
  for (const block of blocks) {
    const asked = block.replaceAll(/^#.*$/gm, '');
    expect(metricsIn(asked).length).toBeGreaterThan(0);
    expect(metricsIn(asked).filter((name) => !exposed.has(name))).toEqual([]);
    const grouped = [...asked.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '));
    const matched = [...asked.matchAll(/(\w+)=~?"/g)].map(([, name = '']) => name);
    // `le` is what the buckets of each histogram have.
    const labels = [...grouped, ...matched].filter((name) => name !== 'le');
    expect(labels.length).toBeGreaterThan(0);
    expect(labels.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  }
  const phases = /switchyard_rollout_phase\{phase=~"([^"]*)"\}/.exec(page)?.[1]?.split('|') ?? [];
  const row = page.split('\n').find((line) => line.startsWith('| `switchyard_rollout_phase`')) ?? '';
  expect(phases.length).toBeGreaterThan(0);
  for (const phase of phases) expect(row).toContain(`\`${phase}\``);
});

it('gives each a type and a unit that fits its name', () => {
  for (const [, name = '', type = '', unit = ''] of rows) {
    expect(type, name).toMatch(/^(counter|gauge|histogram|summary)$/);
    if (/_seconds(_total)?$/.test(name)) expect(unit, name).toBe('seconds');
    if (/_bytes(_total)?$/.test(name)) expect(unit, name).toBe('bytes');
    if (name.endsWith('_percent')) expect(unit, name).toBe('percent');
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
  }
});
