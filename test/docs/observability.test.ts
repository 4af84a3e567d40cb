import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../libraries/package-files/index.ts';
import { run } from '../cli/run.ts';
import { putTemplateRegistry } from '../fixtures/template-registry.ts';

const page = readFileSync(packageFile('docs/observability.md'), 'utf8');
const parent = mkdtempSync(join(tmpdir(), 'switchyard-observability-'));
const folder = join(parent, 'registry');
beforeAll(async () => {
  await putTemplateRegistry(folder);
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe('docs/observability.md', () => {
  it('shows a scrape configuration of the port that the API has by default', () => {
    const [, example = ''] = /```yaml\n(# prometheus.yml\n[\s\S]*?)```/.exec(page) ?? [];
    expect(parse(example)).toMatchObject({
      rule_files: ['switchyard.rules.yaml'],
      scrape_configs: [{ static_configs: [{ targets: ['127.0.0.1:8081'] }] }],
    });
  });

  it('names no variable of OpenTelemetry that means nothing here, and each that does', () => {
    const library = packageFile('libraries/otlp/settings.ts');
    const read = readFileSync(library, 'utf8').match(/OTEL_[A-Z_]+/g) ?? [];
    const meant = new Set(read.filter((name) => !name.endsWith('_')));
    const named = new Set(page.match(/\bOTEL_[A-Z_]+\b/g));
    expect([...meant].filter((name) => !named.has(name))).toEqual([]);
    const values =
      /^OTEL_(EXPORTER_OTLP_(ENDPOINT|PROTOCOL|HEADERS|COMPRESSION|TIMEOUT)|(TRACES|METRICS)_EXPORTER)$/;
    expect([...named].filter((name) => !meant.has(name) && !values.test(name))).toEqual([]);
  });

  it('shows the commands by which deploy/ was made of the template', async () => {
    const commands = [...page.matchAll(/^switchyard (generate .* --out (deploy\/\w+))$/gm)];
    expect(commands.map(([, , out]) => out)).toEqual(['deploy/prometheus', 'deploy/grafana']);
    for (const [, words = '', out = ''] of commands) {
      expect((await run(words.split(' '), { folder })).status).toBe(0);
      const made = readdirSync(join(folder, out));
      // To be made anew: run the command in a registry from the template.
      expect(readdirSync(packageFile(out)).sort(), out).toEqual(made.sort());
      for (const name of made) {
        const text = readFileSync(join(folder, out, name), 'utf8');
        expect(readFileSync(packageFile(join(out, name)), 'utf8'), name).toBe(text);
      }
    }
  });
});
