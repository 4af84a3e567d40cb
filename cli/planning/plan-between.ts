import { makePlan, type Plan } from '../../core/control/plan.ts';
import { diff } from '../../core/manifest/diff.ts';
import type { Issue } from '../../core/manifest/issue.ts';
import { lastGoodFromHistory, withLastGood } from '../../core/manifest/last-good.ts';
import { loadSnapshot } from '../../core/manifest/load-snapshot.ts';
import { massRemoval } from '../../core/manifest/mass-removal.ts';
import { removalLimitOf } from '../../core/manifest/platform.ts';
import { relatedView } from '../../core/manifest/references.ts';
import type { KindDefinition, Ref, Resource } from '../../core/plugin.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import { kindsOf, type RegistryPlace, registryPlugins } from '../registry-kinds.ts';
import { planningControllers } from './controllers.ts';

export interface OfflinePlan {
  readonly plan: Plan;
  /** What is wrong in the commit that it leads to: those documents keep their last good version. */
  readonly issues: readonly Issue[];
  /** Why a platform would hold that commit, if it would. */
  readonly held: { readonly reason: string; readonly message: string } | undefined;
}

/**
 * What a platform at one commit would do to get to another, by the code that it would do it with. `from: null` begins
 * with nothing.
 */
export async function planBetween(
  repository: Repository,
  { root, operatorFile }: Pick<RegistryPlace, 'root' | 'operatorFile'>,
  from: string | null,
  to: string,
): Promise<OfflinePlan> {
  const plugins = await registryPlugins({ root, operatorFile, repository, commit: to });
  const definitions = kindsOf(plugins);
  const kinds = new Map(definitions.map((kind) => [kind.kind, kind]));
  const { controllers, owners } = await planningControllers(plugins);

  const before = from === null ? undefined : await loadSnapshot({ repository, commit: from, kinds });
  const applied = before ? await goodOf(repository, before, kinds) : new Map<Ref, Resource>();
  const after = await loadSnapshot({ repository, commit: to, kinds, previous: before });
  const good = withLastGood(after, applied);
  const plan = makePlan({
    from,
    to,
    changes: diff(applied, good.resources, good.referrers),
    controllers,
    owners,
    related: (resource) => relatedView(resource, kinds.get(resource.kind), good.resources),
  });
  const held = massRemoval({
    before: applied.size,
    removed: good.removed.length,
    maxRemovalPercent: removalLimitOf(good.resources),
  });
  return { plan, issues: after.issues, held };
}

/** What a platform that runs at this commit has applied: its broken documents are as they last were good. */
async function goodOf(
  repository: Repository,
  snapshot: Awaited<ReturnType<typeof loadSnapshot>>,
  kinds: ReadonlyMap<string, KindDefinition>,
): Promise<ReadonlyMap<Ref, Resource>> {
  if (snapshot.broken.size === 0 && snapshot.unidentified.length === 0) return snapshot.resources;
  const found = await lastGoodFromHistory({ repository, snapshot, kinds, broken: snapshot.broken });
  return withLastGood(snapshot, found).resources;
}
