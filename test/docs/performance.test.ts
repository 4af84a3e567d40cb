import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { estimatedNames, metricNames } from '../../libraries/statistics/performance/index.ts';
import { run } from '../cli/run.ts';

const front = readFileSync(packageFile('docs/performance.md'), 'utf8');
const folder = packageFile('docs/performance');
const pages = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);

const command = front.match(/^\$ switchyard (performance .*)$/m)?.[1] ?? '';

describe('docs/performance.md', () => {
  it('shows what comes of its example', async () => {
    const { status, out } = await run(command.split(' '), { folder });
    expect(status).toBe(0);
    expect(front).toContain(`$ switchyard ${command}\n${out}\`\`\``);
  });

  it('explains every field that comes out', async () => {
    const quick = ['--replicates', '0', '--output', 'json'];
    const { out } = await run([...command.split(' '), ...quick], { folder });
    const fields = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, inner] of Object.entries(value)) {
        if (!Array.isArray(value)) fields.add(name);
        collect(inner);
      }
    };
    collect(JSON.parse(out));
    expect(fields.size).toBeGreaterThan(35);
    for (const field of fields) expect(front, field).toContain(`\`${field}\``);
  });

  it.each(metricNames)(
    'says on one of its pages what %s is and when to use it, and links that page',
    (metric) => {
      const page = [...pages].find(([, text]) => new RegExp(`^\\| .*\`${metric}\``, 'm').test(text));
      expect(page?.[1]).toMatch(/use it/i);
      expect(front).toContain(`(performance/${page?.[0]})`);
    },
  );

  it('names the metrics that can be estimated without labels', () => {
    const row = front.split('\n').find((line) => line.includes('(performance/without-labels.md)'));
    for (const name of estimatedNames) expect(row).toContain(`\`${name}\``);
  });
});
