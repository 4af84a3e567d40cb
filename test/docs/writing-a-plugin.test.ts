import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readyOf } from '../../core/control/conditions.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { type Composition, compose } from '../../server/compose.ts';
import { configurationFor } from '../fixtures/configuration.ts';
import { recordingLog } from '../fixtures/recording-log.ts';
import { commitFiles } from '../fixtures/registry.ts';
import { until } from '../fixtures/until.ts';

let folder: string;
let target: Server;
let status = 200;
let composition: Composition | undefined;

/** The files that the page shows, by the name after `file=`. */
function filesOfThePage(): Map<string, string> {
  const page = readFileSync(packageFile('docs/writing-a-plugin.md'), 'utf8');
  const blocks = page.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm);
  return new Map([...blocks].map(([, name, text]) => [name as string, text as string]));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-plugin-'));
  target = createServer((_request, response) => {
    response.statusCode = status;
    response.end('hello');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await composition?.close();
  target.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('docs/writing-a-plugin.md', () => {
  it('builds with the published types and runs as it says', async () => {
    const files = filesOfThePage();
    expect([...files.keys()]).toEqual([
      'package.json',
      'endpoint.ts',
      'endpoint-controller.ts',
      'index.ts',
      'platform.yaml',
      'endpoints/home.yaml',
      'answer-time.ts',
    ]);
    const plugin = join(folder, 'node_modules', 'switchyard-endpoints');
    const source = join(folder, 'source');
    for (const made of [plugin, source]) mkdirSync(made, { recursive: true });
    symlinkSync(packageFile('.'), join(folder, 'node_modules', 'switchyard'));
    const registry = new Map<string, string>();
    for (const [name, text] of files) {
      if (name.endsWith('.yaml')) registry.set(name, text);
      else writeFileSync(join(source, name), text);
    }
    copyFileSync(join(source, 'package.json'), join(plugin, 'package.json'));
    const compiler = packageFile('node_modules/typescript/bin/tsc');
    const options = '--module NodeNext --target ES2023 --strict --skipLibCheck --types node'.split(' ');
    const types = ['--typeRoots', packageFile('node_modules/@types')];
    const output = ['--outDir', plugin, 'index.ts'];
    execFileSync(process.execPath, [compiler, ...options, ...types, ...output], { cwd: source });

    const { port } = target.address() as AddressInfo;
    for (const [name, text] of registry) registry.set(name, text.replace(':9000/', `:${port}/`));
    registry.set(
      'environments/dev/environment.yaml',
      'apiVersion: switchyard/v1\nkind: Environment\nmetadata: { name: dev }\nspec: {}\n',
    );
    const repository = join(folder, 'registry');
    await commitFiles(repository, registry, 'Watch an endpoint');

    composition = await compose({
      configuration: configurationFor({ repository, dataFolder: join(folder, 'data') }),
      log: recordingLog(),
      folder,
      environment: {},
      restart: () => {},
    });
    const { kernel } = composition;
    const ready = () => readyOf(kernel.resource('Endpoint/home')?.status);
    await until(() => ready()?.status === 'True');
    expect(ready()?.reason).toBe('Answering');

    status = 503;
    await until(() => ready()?.status === 'False');
    expect(ready()?.message).toContain('answers 503, not 200');
    const journal = await kernel.journal({ type: 'endpoint.changed', limit: 10 });
    expect(journal.length).toBeGreaterThanOrEqual(2);

    const route = await kernel.route('switchyard-endpoints', 'ping', new Request('http://x/ping'));
    expect(await route?.json()).toEqual({ everyMs: 20 });

    const own = kernel.plugins().find(({ name }) => name === 'switchyard-endpoints');
    expect(own?.provides).toEqual([{ capability: 'metrics-source', name: 'endpoint' }]);

    await commitFiles(
      repository,
      new Map([
        [
          'endpoints/home.yaml',
          registry.get('endpoints/home.yaml')?.replace(/url: .* \}/, 'url: no url }') ?? '',
        ],
      ]),
      'Break it',
    );
    await until(() => ready()?.reason === 'InvalidManifest');
    expect(ready()?.message).toMatch(/^endpoints\/home\.yaml:4:\d+: "no url" is not a URL/);
  });

  it('names only parts of the contract that are there', () => {
    const contract = readFileSync(packageFile('core/plugin.ts'), 'utf8');
    const page = readFileSync(packageFile('docs/writing-a-plugin.md'), 'utf8');
    for (const name of ['provide', 'on', 'every', 'wake', 'readBlob', 'metrics', 'onStart', 'onStop']) {
      expect(page).toContain(`\`${name}\``);
      expect(contract).toMatch(new RegExp(`^  ${name}[<(]`, 'm'));
    }
    expect(dirname(packageFile('core/plugin.ts'))).toMatch(/core$/);
  });
});
