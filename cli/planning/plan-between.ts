import type { RegistryPlan } from '../../core/capabilities/registry.ts';
import { planBetween as planWith, snapshotLoader } from '../../core/control/plan-between.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import { kindsOf, type RegistryPlace, registryPlugins } from '../registry-kinds.ts';
import { planningControllers } from './controllers.ts';

/**
 * What a platform at one commit would do to get to another, by the code that it would do it with. `from: null` begins
 * with nothing.
 */
export async function planBetween(
  repository: Repository,
  { root, operatorFile }: Pick<RegistryPlace, 'root' | 'operatorFile'>,
  from: string | null,
  to: string,
): Promise<RegistryPlan> {
  const plugins = await registryPlugins({ root, operatorFile, repository, commit: to });
  const kinds = new Map(kindsOf(plugins).map((kind) => [kind.kind, kind]));
  const { controllers, owners } = await planningControllers(plugins);
  const load = snapshotLoader({ repository, kinds });
  return planWith(from, to, { repository, kinds, controllers, owners, load });
}
