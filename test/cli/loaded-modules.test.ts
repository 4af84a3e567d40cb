import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../libraries/package-files/index.ts';

let folder: string;
let registry: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-loaded-'));
  registry = join(folder, 'registry');
  mkdirSync(registry);
  cpSync(packageFile('registry-repo-template'), registry, {
    recursive: true,
    filter: (source) => basename(source) !== 'node_modules',
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Loaded {
  readonly status: number | null;
  readonly out: string;
  /** Names of npm packages. */
  readonly packages: readonly string[];
  /** Our own, from the root of what was built: `cli/main.js`. */
  readonly own: readonly string[];
}

let runs = 0;

/** Runs a command line in a process of its own, as it was built, and answers what that process loaded. */
function loadedBy(...words: readonly string[]): Loaded {
  const record = join(folder, `loaded-${runs++}`);
  const hooks = new URL('./fixtures/record-loading.mjs', import.meta.url).href;
  const command = ['--import', hooks, packageFile('dist/cli/main.js'), ...words];
  const environment = { PATH: process.env.PATH, HOME: folder, LOADED: record };
  const ran = spawnSync(process.execPath, command, { cwd: registry, env: environment, encoding: 'utf8' });
  const urls = readFileSync(record, 'utf8').split('\n');
  const named = (pattern: RegExp) => [...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? []))].sort();
  return {
    status: ran.status,
    out: ran.stdout + ran.stderr,
    packages: named(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//),
    own: named(/^(?!.*\/node_modules\/).*\/dist\/(.+)$/),
  };
}

describe('the modules that a command loads', () => {
  it.each([
    [['version'], 'cli/about/run-version.js'],
    [['--version'], 'cli/main.js'],
    [['--help'], 'cli/main.js'],
    [['help', 'check'], 'cli/main.js'],
    [['completion', 'bash'], 'cli/completion/script.js'],
  ])('are next to none for %j', (words, needed) => {
    const { status, packages, own } = loadedBy(...words);
    expect(status).toBe(0);
    expect(own).toContain(needed);
    expect(packages).toEqual(['commander', 'fastest-levenshtein', 'picocolors']);
    expect(own.filter((path) => /^(plugins|schemas)\//.test(path))).toEqual([]);
    expect(own.filter((path) => path.startsWith('core/'))).toEqual(['core/errors.js']);
  });

  it('are the client’s for a question to a platform', () => {
    const { status, out, packages, own } = loadedBy('get', 'all', '--api', 'http://127.0.0.1:9');
    expect(out).toContain('ServerUnreachable');
    expect(status).toBe(3);
    expect(packages).toEqual(['commander', 'fastest-levenshtein', 'picocolors', 'yaml']);
    expect(own.filter((path) => /^(plugins|schemas|core\/(host|state))\//.test(path))).toEqual([]);
  });

  it('are those that judge manifests for a check: nothing that serves, proposes or compares', () => {
    const { status, out, packages, own } = loadedBy('check');
    expect(out).toContain('No issues');
    expect(status).toBe(0);
    expect(packages).toEqual(checkNeeds);
    expect(own).toContain('plugins/policies/policy.js');
    expect(own.filter((path) => /^plugins\/[^/]+\/setup\.js$/.test(path))).toEqual([]);
    expect(own.filter((path) => /^plugins\/(serving|evaluation|artifacts)\//.test(path))).toEqual([
      'plugins/artifacts/index.js',
      'plugins/evaluation/index.js',
      'plugins/evaluation/settings.js',
      'plugins/serving/index.js',
    ]);
  });
});

/**
 * What reads YAML, judges by JSON Schema, compares versions, compiles the conditions of policies and the regular
 * expressions of strategies, judges the schedules of monitors, and looks for credentials.
 */
const checkNeeds = [
  '@marcbachmann/cel-js',
  '@secretlint/core',
  '@secretlint/profiler',
  '@secretlint/secretlint-rule-preset-recommend',
  'ajv',
  'ajv-formats',
  'commander',
  'debug',
  'fastest-levenshtein',
  'node-cron',
  'picocolors',
  're2js',
  'semver',
  'structured-source',
  'yaml',
];
