import type { Source } from '../../libraries/git/source.ts';
import type { Registry, RegistryHead } from '../capabilities/registry.ts';
import { planBetween, snapshotLoader } from '../control/plan-between.ts';
import type { Reconciler } from '../control/reconciler.ts';
import type { ParseCache } from '../manifest/parse-cache.ts';
import type { Snapshot } from '../manifest/snapshot.ts';
import type { Ref } from '../plugin.ts';
import type { Store } from '../state/store.ts';
import type { PluginHost } from './plugin-host.ts';

export interface KernelRegistryOptions {
  readonly source: Source;
  readonly store: Store;
  readonly host: Pick<PluginHost, 'kinds' | 'controllers' | 'owners'>;
  readonly reconciler: Pick<Reconciler, 'status' | 'record'>;
  /** Asked anew each time: plugins are started before any of these is there. */
  readonly cache: () => ParseCache | undefined;
  readonly applied: () => string | null;
  readonly snapshot: () => Snapshot | undefined;
  readonly head: () => RegistryHead;
}

/** The registry of a running kernel, as plugins are given it. */
export function kernelRegistry(options: KernelRegistryOptions): Registry {
  const { source, store, host, reconciler, cache, applied, snapshot, head } = options;
  const { repository } = source;
  const { kinds, controllers, owners } = host;
  const load = snapshotLoader({ repository, kinds, cache }, snapshot);
  return {
    location: source.description,
    reference: source.reference,
    repository,
    applied,
    head,
    async examine(commit) {
      const { time, resources, issues } = await load(commit);
      return { commit, time, resources, issues };
    },
    plan(from, to) {
      const known = from === applied() ? { status: (ref: Ref) => reconciler.status(ref) } : {};
      return planBetween(from, to, { repository, kinds, controllers, owners, cache, load, ...known });
    },
    status: (ref) => reconciler.status(ref),
    journal: (query) => store.journal(query),
    record: (entry) => reconciler.record(entry),
    look: () => source.look(),
    fetch: (patterns) => source.fetchReferences(patterns),
    push: (updates) => source.push(updates),
  };
}
