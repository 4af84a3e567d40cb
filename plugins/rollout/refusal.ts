import { type Because, type Ref, type Resource, refOf, type Status } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

/** Reasons of a ModelVersion that no attempt to load it would change. */
const artifactErrors = new Set(['ArtifactMissing', 'DigestMismatch', 'LfsPointer', 'SizeMismatch']);

/** Why the declared version must not be deployed; `undefined` where nothing is known against it. */
export function refusalOf(
  { model, version }: DeploymentSpec,
  resource: Resource<ModelVersionSpec> | undefined,
  status: (ref: Ref) => Status | undefined,
): Because | undefined {
  const name = `${model} ${version}`;
  if (resource === undefined) {
    return { reason: 'VersionMissing', message: `${name} is not in the registry` };
  }
  if (resource.spec.quarantine !== undefined) {
    return { reason: 'Quarantined', message: `${name} is quarantined: ${resource.spec.quarantine.reason}` };
  }
  const known = status(refOf('ModelVersion', version, model));
  // A status of an earlier document says nothing of this one.
  if (known === undefined || known.observedDigest !== resource.digest) return undefined;
  const condition = known.conditions.find(({ type }) => type === 'Ready');
  if (condition?.status !== 'False' || !artifactErrors.has(condition.reason)) return undefined;
  return { reason: condition.reason, message: `${name} cannot be loaded: ${condition.message}` };
}
