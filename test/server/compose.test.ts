import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readyOf } from '../../core/control/conditions.ts';
import { type ComposeOptions, type Composition, compose } from '../../server/compose.ts';
import { warnOfUnusedSettings } from '../../server/unused-settings.ts';
import { configurationFor } from '../fixtures/configuration.ts';
import { recordingLog } from '../fixtures/recording-log.ts';
import { commitFiles } from '../fixtures/registry.ts';
import { until } from '../fixtures/until.ts';

let folder: string;
let registry: string;
let restarts: number;
let log: ReturnType<typeof recordingLog>;
let composition: Composition | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-compose-'));
  registry = join(folder, 'registry');
  restarts = 0;
  log = recordingLog();
});
afterEach(async () => {
  await composition?.close();
  composition = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const platform = (...plugins: string[]) =>
  `apiVersion: switchyard/v1\nkind: Platform\nmetadata: { name: platform }\nspec:\n  plugins:\n${plugins
    .map((name) => `    - name: ${name}\n`)
    .join('')}`;
const environment =
  'apiVersion: switchyard/v1\nkind: Environment\nmetadata: { name: dev }\nspec: { title: Development }\n';

const commit = (files: Record<string, string | null>) =>
  commitFiles(registry, new Map(Object.entries(files)));

async function start(more: Partial<ComposeOptions['configuration']> = {}): Promise<Composition> {
  composition = await compose({
    configuration: configurationFor({ repository: registry, dataFolder: join(folder, 'data'), ...more }),
    log,
    folder,
    environment: { PATH: process.env.PATH },
    restart: () => {
      restarts += 1;
    },
  });
  return composition;
}

const ready = (ref: string) => readyOf(composition?.kernel.resource(ref)?.status);

describe('the composition root', () => {
  it('runs the plugins that platform.yaml names, and no others', async () => {
    await commit({
      'platform.yaml': platform('environments'),
      'environments/dev/environment.yaml': environment,
    });
    const { kernel } = await start();
    expect(kernel.plugins().map(({ name }) => name)).toEqual(['kernel', 'environments']);
    await until(() => ready('Environment/dev')?.status === 'True');
    expect(ready('Platform/platform')).toMatchObject({ status: 'True', reason: 'PluginsRunning' });
  });

  it('tells of settings that no plugin takes, with the plugin that was probably meant', async () => {
    await commit({ 'platform.yaml': platform('environments', 'artifacts') });
    const plugins = {
      artifcts: { sizeLimit: '1GiB' },
      artifacts: {},
      jobs: { keep: '1d' },
      environmentz: { module: '/own.js' },
    };
    const { kernel } = await start();
    warnOfUnusedSettings(plugins, kernel.plugins(), log);
    const told = log.lines.filter(({ message }) => message === 'settings are not used: no such plugin runs');
    const toName = 'Name the plugin in platform.yaml, or take its settings away.';
    expect(told.map(({ level, facts }) => ({ level, ...facts }))).toEqual([
      { level: 'warn', setting: 'plugins.artifcts', hint: 'Did you mean plugins.artifacts?' },
      { level: 'warn', setting: 'plugins.jobs', hint: toName },
      { level: 'warn', setting: 'plugins.environmentz', hint: toName },
    ]);
  });

  it('runs every built-in plugin where there is no platform.yaml', async () => {
    await commit({ 'environments/dev/environment.yaml': environment });
    const { kernel } = await start();
    expect(kernel.plugins().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['environments', 'models', 'artifacts', 'serving', 'rollout']),
    );
  });

  it('asks for a new control process when platform.yaml names other plugins', async () => {
    await commit({ 'platform.yaml': platform('environments') });
    await start();
    await commit({ 'platform.yaml': platform('environments', 'models') });
    await until(() => restarts === 1);
    await until(() => ready('Platform/platform')?.reason === 'Restarting');
  });

  it('does not start anew for plugins that cannot be loaded, and says so', async () => {
    await commit({ 'platform.yaml': platform('environments') });
    await start();
    await commit({ 'platform.yaml': platform('environments', 'no-such-plugin') });
    await until(() => ready('Platform/platform')?.reason === 'PluginNotFound');
    expect(restarts).toBe(0);
    expect(composition?.kernel.phase).toBe('running');
  });

  it('comes up with the newest platform.yaml that can be started with', async () => {
    await commit({ 'platform.yaml': platform('environments') });
    await commit({ 'platform.yaml': platform('environments', 'no-such-plugin') });
    await commit({ 'platform.yaml': `${platform('environments')}  wrong: 1\n` });
    const { kernel } = await start();
    expect(kernel.plugins().map(({ name }) => name)).toEqual(['kernel', 'environments']);
    const codes = log.lines.map(({ facts }) => (facts as { code?: string }).code);
    expect(codes).toEqual(expect.arrayContaining(['PlatformInvalid', 'PluginNotFound']));
  });

  it('loads a plugin from the path that the operator gives, and never from one that the registry gives', async () => {
    writeFileSync(
      join(folder, 'own-plugin.mjs'),
      `export const plugin = { name: 'own', description: 'Our own.', setup() {} };`,
    );
    await commit({ 'platform.yaml': platform('own') });
    const { kernel } = await start({ plugins: { own: { module: './own-plugin.mjs' } } });
    expect(kernel.plugins().map(({ name }) => name)).toContain('own');
    await commit({ 'platform.yaml': platform('./own-plugin.mjs') });
    await until(() => ready('Platform/platform')?.status === 'False');
    expect(restarts).toBe(0);
  });

  it('leaves nothing open when a start fails', async () => {
    await commit({ 'platform.yaml': platform('no-such-plugin') });
    await expect(start()).rejects.toMatchObject({ code: 'PluginNotFound' });
    await commit({ 'platform.yaml': platform('environments') });
    await start();
    expect(composition?.kernel.plugins()).toHaveLength(2);
  });
});
