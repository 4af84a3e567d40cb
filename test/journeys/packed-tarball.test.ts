import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, type TestContext, vi } from 'vitest';
import { fixtureModels } from '../../cli/conformance/fixture-models.ts';
import { readSignature } from '../../libraries/onnx/index.ts';
import { packageFile } from '../../libraries/package-files/index.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const minutes = 60_000;
let folder: string;
/** What is in the package. */
let files: readonly string[];
/** Why nothing could be installed, where the package registry cannot be reached. */
let unreachable: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-packed-'));
  const root = packageFile('.');
  // `--ignore-scripts`: dist/ is built already, and building it anew would pull it from under other tests.
  const packed = await npm(['pack', '--ignore-scripts', '--pack-destination', folder], root, 4 * minutes);
  expect(packed.status, packed.text).toBe(0);
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const listed = await run('tar', ['-tzf', join(folder, tarball)], folder, 1 * minutes);
  expect(listed.status, listed.text).toBe(0);
  files = listed.text.split('\n').flatMap((line) => (line === '' ? [] : line.replace('package/', '')));
  await mkdir(join(folder, 'team'));
  // Without a file of its own npm would install into whatever folder above has one.
  await writeFile(join(folder, 'team', 'package.json'), '{"private": true}\n');
  const installed = await npm(
    ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)],
    join(folder, 'team'),
    4 * minutes,
  );
  if (installed.status === 0) return;
  const isNetwork = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i;
  if (!isNetwork.test(installed.text) && installed.status !== 'timeout') throw new Error(installed.text);
  unreachable = `npm could not install: ${installed.text.split('\n').slice(0, 3).join(' ')}`;
}, 10 * minutes);
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly status: number | 'timeout';
  readonly text: string;
}

function npm(words: readonly string[], cwd: string, timeout: number): Promise<Ended> {
  return run('npm', words, cwd, timeout);
}

function run(program: string, words: readonly string[], cwd: string, timeout: number): Promise<Ended> {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', HOME: process.env.HOME, NO_COLOR: '1' };
  return new Promise((settle) => {
    execFile(program, words, { cwd, env, timeout, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const status = error === null ? 0 : error.killed ? 'timeout' : ((error.code as unknown as number) ?? 1);
      settle({ status, text: stdout + stderr });
    });
  });
}

function needInstalled(context: TestContext): void {
  if (unreachable !== undefined) {
    console.warn(`skipped: ${unreachable}`);
    context.skip(unreachable);
  }
}

const switchyard = (cwd: string, ...words: string[]) =>
  run('npx', ['--no', 'switchyard', ...words], cwd, 1 * minutes);

it('brings the pages that its hints name, and nothing that is not meant for users', async () => {
  const root = packageFile('.');
  const named = new Set<string>();
  for (const part of ['cli', 'core', 'plugins', 'server', 'libraries']) {
    for (const path of await readdir(join(root, part), { recursive: true })) {
      if (!path.endsWith('.ts')) continue;
      const text = await readFile(join(root, part, path), 'utf8');
      for (const [page] of text.matchAll(/\b(docs|plugins)\/[a-z0-9/-]*(README)?\.md/g)) named.add(page);
    }
  }
  expect(named.size).toBeGreaterThan(20);
  expect([...named].filter((page) => !files.includes(page))).toEqual([]);
  const meant = /^((dist|docs|schemas|registry-repo-template)\/|plugins\/[^/]+\/README\.md$|[A-Za-z.]+$)/;
  expect(files.filter((file) => !meant.test(file))).toEqual([]);
});

it(
  'works from an empty folder: version, init and check',
  async (context) => {
    needInstalled(context);
    const team = join(folder, 'team');
    const version = await switchyard(team, 'version');
    expect(version.status, version.text).toBe(0);
    expect(version.text).toMatch(/switchyard\s+\d+\.\d+\.\d+/);
    expect(version.text).toMatch(/onnxruntime\s+\d+\.\d+\.\d+/);

    const made = await switchyard(team, 'init', 'registry');
    expect(made.status, made.text).toBe(0);
    expect(made.text).toContain('npx --no switchyard up');

    const registry = join(team, 'registry');
    const checked = await switchyard(registry, 'check');
    expect(checked.status, checked.text).toBe(0);
    expect(checked.text).toContain('No issues: 19 valid resources');
  },
  3 * 60_000,
);

it('gives a registry everything that the template has, also what npm leaves out of packages', async (context) => {
  needInstalled(context);
  const registry = join(folder, 'team', 'registry');
  const template = packageFile('registry-repo-template');
  const filesOf = async (of: string) =>
    (await readdir(of, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(of.length + 1))
      .filter((name) => !name.startsWith('.git/') && !name.startsWith('node_modules/'));
  const expected = (await filesOf(template)).map((name) =>
    /^(gitignore|npmrc)$/.test(name) ? `.${name}` : name,
  );
  const made = await filesOf(registry);
  expect(made).toEqual(expect.arrayContaining(expected));
  expect(await readFile(join(registry, '.gitignore'), 'utf8')).toContain('node_modules/');
  // What the model runtime has of its own for this is fetched from another place than npm.
  expect(await readFile(join(registry, '.npmrc'), 'utf8')).toContain('onnxruntime-node-install=skip');
  expect(made.filter((name) => name.startsWith('.switchyard/schemas/')).length).toBeGreaterThan(6);
});

it('brings the conformance kit, and the models that it asks', async (context) => {
  needInstalled(context);
  const written = await switchyard(join(folder, 'team'), 'conformance', '--write-fixtures', 'fixtures');
  expect(written.status, written.text).toBe(0);
  const [names, { length }] = [await readdir(join(folder, 'team', 'fixtures')), fixtureModels()];
  expect(names).toHaveLength(length);
  const sum = await readFile(join(folder, 'team', 'fixtures', 'conformance-sum', '1', 'model.onnx'));
  expect(readSignature(sum).inputs.map(({ name }) => name)).toEqual(['a', 'b']);
});

it(
  'serves the model of the template, which keeps to the protocol by its own kit',
  async (context) => {
    needInstalled(context);
    const bin = join(folder, 'team', 'node_modules', '.bin', 'switchyard');
    const child = spawn(
      bin,
      [
        'up',
        'registry',
        '--port',
        '0',
        '--grpc-port',
        '0',
        '--api-port',
        '0',
        '--data',
        join(folder, 'data'),
        '--log-level',
        'error',
      ],
      {
        cwd: join(folder, 'team'),
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
      },
    );
    let text = '';
    const ended = once(child, 'exit');
    const isUp = new Promise<void>((settle) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes('Try it:') && text.endsWith('\n')) settle();
        });
      }
    });
    try {
      await Promise.race([isUp, ended]);
      expect(text).toContain('All 19 resources are ready');
      const [, url = '', body = ''] = /curl -s (\S+) -H \S+ \S+ -d '(.*)'/.exec(text) ?? [];
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body });
      expect(await response.json()).toMatchObject({ model_name: 'bird-strike', model_version: '1.0.0' });
      const [, grpc = ''] = /gRPC\s+(\S+:\d+)/.exec(text) ?? [];
      const server = [url.replace(/\/v2\/.*/, ''), '--grpc', grpc, '--model', 'bird-strike'];
      const judged = await switchyard(join(folder, 'team'), 'conformance', ...server, '--all');
      expect(judged.status, judged.text).toBe(0);
      for (const id of [
        'health/live',
        'json/infer',
        'errors/goes-on',
        'grpc/model-metadata',
        'grpc/reflection',
      ])
        expect(judged.text).toContain(`✔ ${id}\n`);
    } finally {
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    }
  },
  2 * 60_000,
);
