import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../../cli/experiment/experiment-schema.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { expectedProportion, minimumSampleSize } from '../../libraries/statistics/index.ts';
import { run } from '../cli/run.ts';

const page = readFileSync(packageFile('docs/statistics.md'), 'utf8');
const commands = readFileSync(packageFile('docs/cli.md'), 'utf8');
const example = page.match(/```json\n([\s\S]*?)```/)?.[1] ?? '';
const folder = packageFile('.');
const analyze = (input: string, ...words: string[]) =>
  run(['experiment', 'analyze', '--data', '-', ...words], { folder, input });

describe('docs/statistics.md', () => {
  it('shows what comes of its example, and so does docs/cli.md', async () => {
    const { status, out } = await analyze(example);
    expect(status).toBe(0);
    for (const text of [page, commands])
      expect(text).toContain(`$ switchyard experiment analyze --data experiment.json\n${out}`);
  });

  it('explains every field that goes in', () => {
    const fields = Object.keys(experimentSchema.properties as object);
    expect(fields.length).toBeGreaterThan(8);
    for (const field of fields) expect(page).toContain(`| \`${field}\` |`);
  });

  it('explains every field that comes out, of each method', async () => {
    const covariate = [
      { sum: 500, sumSquares: 500, sumProducts: 100 },
      { sum: 510, sumSquares: 510, sumProducts: 120 },
    ];
    for (const method of ['fixed', 'sequential', 'bayesian']) {
      const experiment = { ...(JSON.parse(example) as object), method, covariate, shares: [1, 1] };
      const { out } = await analyze(JSON.stringify(experiment), '--output', 'json');
      const fields = Object.keys(JSON.parse(out) as object);
      expect(fields.length).toBeGreaterThan(15);
      for (const field of fields) expect(page, field).toContain(`\`${field}\``);
    }
  });

  it('counts rows as minimumSampleSize does', () => {
    const design = {
      control: expectedProportion(0.05),
      treatment: expectedProportion(0.06),
      share: 0.1,
      difference: 'absolute',
      alternative: 'greater',
      alpha: 0.05,
    } as const;
    const { rows, control, treatment } = minimumSampleSize({ ...design, method: 'sequential' });
    expect(page).toContain(`{ rows: ${rows}, control: ${control}, treatment: ${treatment}, power: 0.8 }`);
    const fixed = minimumSampleSize({ ...design, method: 'fixed' });
    expect(page).toContain(`${fixed.rows.toLocaleString('en-US')} rows with the fixed method`);
  });
});
