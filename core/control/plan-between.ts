import type { Repository } from '../../libraries/git/repository.ts';
import type { RegistryPlan } from '../capabilities/registry.ts';
import { diff } from '../manifest/diff.ts';
import { lastGoodFromHistory, withLastGood } from '../manifest/last-good.ts';
import { loadSnapshot, type ParseCache } from '../manifest/load-snapshot.ts';
import { massRemovalFrom } from '../manifest/mass-removal.ts';
import type { Snapshot } from '../manifest/snapshot.ts';
import type { Ref, Resource, Status } from '../plugin.ts';
import { makePlan, type Planners } from './plan.ts';
import { lastSeen } from './suspension.ts';

export interface PlanBetweenOptions extends Planners {
  readonly repository: Repository;
  /** Reads a commit; whoever keeps snapshots reads only what differs. */
  readonly load: (commit: string) => Promise<Snapshot>;
  /** Asked each time: the kernel's is opened after its plugins have started. */
  readonly cache?: (() => ParseCache | undefined) | undefined;
  /** Where `from` runs, what the kernel last wrote of a resource. */
  readonly status?: (ref: Ref) => Status | undefined;
}

/**
 * What a platform at one commit would do to get to another, by the code that it would do it with. `from: null` begins
 * with nothing.
 */
export async function planBetween(
  from: string | null,
  to: string,
  options: PlanBetweenOptions,
): Promise<RegistryPlan> {
  const { load, status = () => undefined } = options;
  const before = from === null ? undefined : await load(from);
  const applied = before ? await goodOf(before, options) : new Map<Ref, Resource>();
  const after = await load(to);
  const good = withLastGood(after, applied);
  const { resources } = good;
  const changes = diff(applied, resources, good.referrers);
  const seen = await lastSeen(changes, status, load);
  const plan = makePlan({ from, to, changes, resources, seen }, options);
  return { plan, issues: after.issues, held: massRemovalFrom(applied, good) };
}

/** What a platform that runs at this commit has applied: its broken documents are as they last were good. */
async function goodOf(
  snapshot: Snapshot,
  { repository, kinds, cache }: PlanBetweenOptions,
): Promise<ReadonlyMap<Ref, Resource>> {
  if (snapshot.broken.size === 0 && snapshot.unidentified.length === 0) return snapshot.resources;
  const found = await lastGoodFromHistory({
    repository,
    snapshot,
    kinds,
    cache: cache?.(),
    broken: snapshot.broken,
  });
  return withLastGood(snapshot, found).resources;
}

/** Reads commits one after another, each on top of the one before it, and keeps a few. */
export function snapshotLoader(
  { repository, kinds, cache }: Pick<PlanBetweenOptions, 'repository' | 'kinds' | 'cache'>,
  latest: () => Snapshot | undefined = () => undefined,
): (commit: string) => Promise<Snapshot> {
  const kept = new Map<string, Promise<Snapshot>>();
  let last: Promise<Snapshot> | undefined;
  return (commit) => {
    const current = latest();
    if (current?.commit === commit) return Promise.resolve(current);
    const known = kept.get(commit);
    if (known) return known;
    const near = current === undefined ? last : Promise.resolve(current);
    const loading = (near ?? Promise.resolve(undefined))
      .catch(() => undefined)
      .then((previous) => loadSnapshot({ repository, commit, kinds, cache: cache?.(), previous }));
    kept.set(commit, loading);
    last = loading;
    loading.catch(() => kept.delete(commit));
    if (kept.size > keptSnapshots) kept.delete(kept.keys().next().value ?? '');
    return loading;
  };
}

/** Snapshots share what they have in common, so that one more costs little. */
const keptSnapshots = 32;
