import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventBus } from '../../../core/host/events.ts';
import { loadPlugins } from '../../../core/host/load-plugins.ts';
import { orderPlugins } from '../../../core/host/order.ts';
import { PluginHost } from '../../../core/host/plugin-host.ts';
import {
  defineCapability,
  defineKind,
  definePlugin,
  optional,
  type PluginDefinition,
  ready,
} from '../../../core/plugin.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

const color = defineCapability<{ paint(): string }>('color');
const shape = defineCapability<{ draw(): string }>('shape');
const kind = defineKind({
  kind: 'Greeting',
  plural: 'greetings',
  description: 'A greeting.',
  schema: {},
  path: 'greetings/{name}.yaml',
});

const plugin = (name: string, more: Partial<PluginDefinition> = {}): PluginDefinition =>
  definePlugin({ name, description: name, setup() {}, ...more });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-host-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function hostOf(log = recordingLog()) {
  const options = {
    log,
    events: new EventBus(log),
    folder,
    runs: () => true,
    settings: () => ({}),
    wake() {},
    async *readBlob() {},
  };
  return new PluginHost(options);
}

const loaded = (...definitions: PluginDefinition[]) =>
  definitions.map((definition) => ({ definition, options: {} }));

describe('the order of plugins', () => {
  it('puts a provider before who needs it, and otherwise keeps the declared order', () => {
    const needs = plugin('b', { needs: { color } });
    const provides = plugin('c', { provides: [color] });
    expect(orderPlugins([plugin('a'), needs, provides]).map(({ name }) => name)).toEqual(['a', 'c', 'b']);
  });

  it('goes on where a need is optional, and puts its providers first where there are any', () => {
    const needs = plugin('b', { needs: { color: optional(color) } });
    const provides = plugin('c', { provides: [color] });
    expect(orderPlugins([needs]).map(({ name }) => name)).toEqual(['b']);
    expect(orderPlugins([needs, provides]).map(({ name }) => name)).toEqual(['c', 'b']);
  });

  it('stops at a need without a provider, by name', () => {
    expect(() => orderPlugins([plugin('b', { needs: { color } })])).toThrowError(
      expect.objectContaining({ code: 'CapabilityMissing', message: expect.stringMatching(/"b".*"color"/) }),
    );
  });

  it('stops at a circle and names it', () => {
    const one = plugin('one', { needs: { color }, provides: [shape] });
    const two = plugin('two', { needs: { shape }, provides: [color] });
    expect(() => orderPlugins([one, two])).toThrowError(
      expect.objectContaining({ code: 'PluginCycle', message: expect.stringContaining('one → two → one') }),
    );
  });
});

describe('loading plugins', () => {
  it('names a plugin that is not installed', async () => {
    const importPlugin = async () => Promise.reject(new Error('Cannot find package'));
    await expect(loadPlugins([{ name: 'nowhere' }], importPlugin)).rejects.toMatchObject({
      code: 'PluginNotFound',
      message: expect.stringContaining('nowhere'),
    });
  });

  it('refuses a module that exports no plugin', async () => {
    await expect(loadPlugins([{ name: 'x' }], async () => ({}))).rejects.toMatchObject({
      code: 'PluginInvalid',
    });
  });

  it('refuses a module whose plugin bears the name of another', async () => {
    const importPlugin = async () => ({ plugin: plugin('policies') });
    await expect(loadPlugins([{ name: 'x' }], importPlugin)).rejects.toMatchObject({
      code: 'PluginInvalid',
      message: expect.stringContaining('it calls itself "policies"'),
    });
  });

  it('refuses a plugin named twice', async () => {
    const importPlugin = async () => ({ plugin: plugin('x') });
    await expect(loadPlugins([{ name: 'x' }, { name: 'x' }], importPlugin)).rejects.toMatchObject({
      code: 'PluginDuplicate',
    });
  });

  it('checks options against the schema of the plugin, and takes none where there is no schema', async () => {
    const picky = plugin('picky', {
      options: { type: 'object', properties: { size: { type: 'integer' } }, additionalProperties: false },
    });
    const importPlugin = async (name: string) => ({ plugin: name === 'picky' ? picky : plugin(name) });
    await expect(
      loadPlugins([{ name: 'picky', options: { size: 'big' } }], importPlugin),
    ).rejects.toMatchObject({ code: 'PluginOptionsInvalid', message: expect.stringContaining('size') });
    await expect(loadPlugins([{ name: 'plain', options: { a: 1 } }], importPlugin)).rejects.toMatchObject({
      code: 'PluginOptionsInvalid',
    });
    const [good] = await loadPlugins([{ name: 'picky', options: { size: 3 } }], importPlugin);
    expect(good?.options).toEqual({ size: 3 });
  });
});

describe('the plugin host', () => {
  it('hands named providers to who needs them and says which there are', async () => {
    const seen: string[] = [];
    const provider = definePlugin({
      name: 'paint',
      description: 'Paints.',
      provides: [color],
      setup: (host) => host.provide(color, 'red', { paint: () => 'red' }),
    });
    const user = definePlugin({
      name: 'user',
      description: 'Uses paint.',
      needs: { colors: color },
      setup(_host, { colors }) {
        seen.push(colors.get('red').paint());
        expect(() => colors.get('blue')).toThrowError(
          expect.objectContaining({ code: 'ProviderMissing', hint: 'There are: red.' }),
        );
      },
    });
    await hostOf().start(loaded(user as PluginDefinition, provider as PluginDefinition));
    expect(seen).toEqual(['red']);
  });

  it('stops in reverse order, and one that fails to stop does not keep the others from it', async () => {
    const log = recordingLog();
    const stopped: string[] = [];
    const closing = (name: string) =>
      plugin(name, {
        setup(host) {
          host.onStop(() => {
            stopped.push(name);
            if (name === 'b') throw new Error('stuck');
          });
        },
      });
    const host = hostOf(log);
    await host.start(loaded(closing('a'), closing('b'), closing('c')));
    await host.stop();
    expect(stopped).toEqual(['c', 'b', 'a']);
    expect(log.lines).toHaveLength(1);
  });

  it('starts plugins in their order once all are set up, and stops those before one that cannot start', async () => {
    const said: string[] = [];
    const starting = (name: string, open: () => void = () => {}) =>
      plugin(name, {
        setup(host) {
          said.push(`${name} is set up`);
          host.onStart(() => {
            said.push(`${name} starts`);
            open();
          });
          host.onStop(() => void said.push(`${name} stops`));
        },
      });
    const broken = starting('b', () => {
      throw new Error('the socket is taken');
    });
    await expect(hostOf().start(loaded(starting('a'), broken))).rejects.toMatchObject({
      code: 'PluginSetupFailed',
      message: expect.stringContaining('the socket is taken'),
    });
    expect(said).toEqual(['a is set up', 'b is set up', 'a starts', 'b starts', 'b stops', 'a stops']);
  });

  it('closes what was opened when a later plugin fails to start', async () => {
    const stopped: string[] = [];
    const first = plugin('first', { setup: (host) => host.onStop(() => void stopped.push('first')) });
    const second = plugin('second', {
      setup() {
        throw new Error('no');
      },
    });
    await expect(hostOf().start(loaded(first, second))).rejects.toMatchObject({
      code: 'PluginSetupFailed',
      message: expect.stringContaining('"second"'),
    });
    expect(stopped).toEqual(['first']);
  });

  it('refuses two owners of one kind, and control of a kind that is not owned', async () => {
    const a = plugin('a', { kinds: [kind] });
    const b = plugin('b', { kinds: [kind] });
    await expect(hostOf().start(loaded(a, b))).rejects.toMatchObject({ code: 'KindDuplicate' });
    const thief = plugin('thief', {
      setup: (host) => host.control(kind, { reconcile: async () => ready('Taken', 'mine') }),
    });
    await expect(hostOf().start(loaded(a, thief))).rejects.toMatchObject({ code: 'PluginSetupFailed' });
  });

  it('refuses a capability that the plugin does not say it provides: the order of plugins goes by what they say', async () => {
    const silent = plugin('silent', {
      provides: [shape],
      setup: (host) => host.provide(color, 'red', { paint: () => 'red' }),
    });
    await expect(hostOf().start(loaded(silent))).rejects.toMatchObject({
      code: 'PluginSetupFailed',
      cause: expect.objectContaining({ code: 'CapabilityNotDeclared' }),
    });
  });

  it('refuses a second provider of the same name', async () => {
    const providing = (name: string) =>
      plugin(name, {
        provides: [color],
        setup: (host) => host.provide(color, 'red', { paint: () => name }),
      });
    await expect(hostOf().start(loaded(providing('a'), providing('b')))).rejects.toMatchObject({
      message: expect.stringContaining('"a" and "b"'),
    });
  });

  it('keeps a listener that throws from hurting the others', () => {
    const log = recordingLog();
    const bus = new EventBus(log);
    const seen: string[] = [];
    bus.on('resource.removed', () => {
      throw new Error('bad listener');
    });
    const off = bus.on('resource.removed', ({ ref }) => seen.push(ref));
    bus.emit('resource.removed', { ref: 'Model/a' });
    off();
    bus.emit('resource.removed', { ref: 'Model/b' });
    expect(seen).toEqual(['Model/a']);
    expect(log.lines).toHaveLength(2);
  });
});
