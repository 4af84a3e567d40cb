import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Registry } from '../../core/capabilities/registry.ts';
import { planBetween, snapshotLoader } from '../../core/control/plan-between.ts';
import { EventBus } from '../../core/host/events.ts';
import { platformPlugin } from '../../core/host/platform-plugin.ts';
import { type LoadedPlugin, PluginHost } from '../../core/host/plugin-host.ts';
import type { Capability, Logger, Providers } from '../../core/plugin.ts';
import { moveReferences } from '../../libraries/git/move-references.ts';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import { referencesMatching } from '../../libraries/git/references-matching.ts';
import type { CloneRemote } from './clone-remote.ts';

export interface OfflineOptions {
  readonly repository: OpenedRepository;
  /** The branch that the platform runs from, in full. */
  readonly reference: string;
  readonly plugins: readonly LoadedPlugin[];
  /** The operator's settings for a plugin. */
  readonly settings: (plugin: string) => Readonly<Record<string, unknown>>;
  readonly log: Logger;
  /** The remote of the clone, where it has one. */
  readonly remote: CloneRemote | undefined;
  /** The clone, for people. */
  readonly root: string;
}

/** The plugins of a registry, set up on a clone of it: nothing is served, followed or opened. */
export interface OfflinePlatform {
  readonly registry: Registry;
  /** The named providers of a capability. */
  providers<T>(capability: Capability<T>): Providers<T>;
  /** The options that platform.yaml gives a plugin; undefined where it does not name it. */
  optionsOf(plugin: string): Readonly<Record<string, unknown>> | undefined;
  /** Where a plugin keeps its files, beside the clone's objects. */
  folderOf(plugin: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * Sets the plugins of a registry up on a clone, as a platform would, but starts none. What they keep goes to
 * `.git/switchyard`, where it is never committed. Throws what a plugin throws in its setup, by its name.
 */
export async function openOfflinePlatform(options: OfflineOptions): Promise<OfflinePlatform> {
  const { repository, reference, plugins, settings, log, remote, root } = options;
  const folder = join(repository.commonFolder, 'switchyard', 'plugins');
  const host = new PluginHost({
    log,
    events: new EventBus(log),
    folder,
    runs: () => true,
    settings,
    wake: () => {},
    readBlob: (blob) => repository.openBlob(blob),
  });
  const head = await repository.resolve(reference);
  const registry = offlineRegistry({ repository, reference, host, remote, root, applied: head ?? null });
  await host.setUp([{ definition: platformPlugin(plugins, undefined, registry), options: {} }, ...plugins]);
  return {
    registry,
    providers: (capability) => host.providers.providersOf(capability),
    optionsOf: (name) => plugins.find(({ definition }) => definition.name === name)?.options,
    async folderOf(plugin) {
      const own = join(folder, plugin);
      await mkdir(own, { recursive: true });
      return own;
    },
    close: () => host.stop(),
  };
}

interface OfflineRegistryOptions
  extends Pick<OfflineOptions, 'repository' | 'reference' | 'remote' | 'root'> {
  readonly host: Pick<PluginHost, 'kinds' | 'controllers' | 'owners'>;
  readonly applied: string | null;
}

/** The registry as a clone alone shows it: no conditions and no journal. */
function offlineRegistry(options: OfflineRegistryOptions): Registry {
  const { repository, reference, host, applied, remote, root } = options;
  const { kinds, controllers, owners } = host;
  const load = snapshotLoader({ repository, kinds });
  return {
    location: remote?.url ?? root,
    reference,
    repository,
    applied: () => applied,
    head: () => ({ commit: applied, applied, held: null, error: null, lookedAt: null }),
    async examine(commit) {
      const { time, resources, issues } = await load(commit);
      return { commit, time, resources, issues };
    },
    plan: (from, to) => planBetween(from, to, { repository, kinds, controllers, owners, load }),
    status: () => undefined,
    journal: async () => [],
    record: async () => {},
    look: () => {},
    async fetch(patterns) {
      // Proposals of a clone are joined with the remote's by `switchyard proposals fetch`, never overwritten.
      const theirs = patterns.filter((pattern) => !pattern.startsWith('refs/proposals/'));
      if (theirs.length > 0) await remote?.fetch(theirs);
      return referencesMatching(repository, patterns);
    },
    // What is pushed and when is for the person to say: a clone is a place to work in.
    push: (updates) => moveReferences(repository, updates),
  };
}
