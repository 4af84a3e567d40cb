/**
 * Files of the person that a verb writes over. Whatever stops it, what was there must not be half gone: another file takes its place,
 * which a second name of the old one shows.
 */
import { generateKeyPairSync } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';
import { TemplateRegistry } from '../fixtures/template-registry.ts';
import { run } from './run.ts';

const registry = new TemplateRegistry();
const at = (path: string) => join(registry.folder, path);

beforeAll(async () => {
  await registry.make();
  writeFileSync(at('rows.csv'), 'label,p\n1,1\n0,0\n1,0\n');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(at('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
}, 60_000);
afterAll(() => registry.close());

const imported = ['blue-green.yaml', 'rollout.yaml'].map((name) =>
  packageFile(`test/cli/fixtures/import/${name}`),
);

describe('what is there', () => {
  it.each([
    [
      'performance',
      'report.json',
      ['rows.csv', '-l', 'label', '-p', 'p', '-o', 'json', '--out', 'report.json'],
    ],
    [
      'drift',
      'drift.json',
      ['compare', '-r', 'rows.csv', '-c', 'rows.csv', '-o', 'json', '--out', 'drift.json'],
    ],
    ['profile', 'profile.json', ['data', 'rows.csv', '--out', 'profile.json']],
    ['profile', 'datasets/profiles/bird-strike@1.json', ['data', '--dataset', 'bird-strike@1', '--write']],
    ['sign', 'rows.csv.sig', ['rows.csv', '--key', 'key.pem']],
    ['generate', 'made/overview.json', ['grafana-dashboards', '.', '--out', 'made']],
    [
      'import',
      'made/analyses/tide-errors.yaml',
      ['analysistemplate', ...imported, '--out', 'made', '--force'],
    ],
  ])('is whole until `%s` puts %s in its place', async (verb, path, words) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), 'what was there\n');
    rmSync(at('second-name'), { force: true });
    linkSync(at(path), at('second-name'));
    expect(await run([verb, ...words], { folder: registry.folder })).toMatchObject({ status: 0 });
    expect(readFileSync(at('second-name'), 'utf8')).toBe('what was there\n');
    expect(readFileSync(at(path), 'utf8')).not.toContain('what was there');
    expect(readdirSync(dirname(at(path))).filter((name) => name.endsWith('.draft'))).toEqual([]);
  });
});
