import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { SessionSettings } from './serving-runtime.ts';

/** How the session of a version is made: as the version says, but for what the deployment says. Undefined where neither says anything. */
export function sessionSettings(
  version: Pick<ModelVersionSpec, 'runtime'>,
  deployment?: Pick<DeploymentSpec, 'runtime'>,
): SessionSettings | undefined {
  const { placement, replicas, ...own } = deployment?.runtime ?? {};
  // In the same order whoever says it: settings are compared as text.
  const all = { ...version.runtime, ...own };
  const settings = Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1)));
  return Object.keys(settings).length === 0 ? undefined : settings;
}
