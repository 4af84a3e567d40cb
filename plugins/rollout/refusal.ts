import { type Because, type Ref, type Resource, refOf, type Status } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

/** Reasons of a ModelVersion that no attempt to load it would change. */
const artifactErrors = new Set(['ArtifactMissing', 'DigestMismatch', 'LfsPointer', 'SizeMismatch']);

/** Versions of the deployed model, by name. */
export type Versions = ReadonlyMap<string, Resource<ModelVersionSpec>>;

/** Why the declared version must not be deployed; `undefined` where nothing is known against it. */
export function refusalOf(
  { model, version }: DeploymentSpec,
  versions: Versions,
  status: (ref: Ref) => Status | undefined,
): Because | undefined {
  const name = `${model} ${version}`;
  const resource = versions.get(version);
  if (resource === undefined) {
    return { reason: 'VersionMissing', message: `${name} is not in the registry` };
  }
  const condemned = condemnedBy(resource, versions.values());
  if (condemned !== undefined) {
    const as = condemned === resource ? '' : `is the artifact of ${condemned.metadata.name}, which `;
    return {
      reason: 'Quarantined',
      message: `${name} ${as}is quarantined: ${condemned.spec.quarantine?.reason}`,
    };
  }
  const known = status(refOf('ModelVersion', version, model));
  // A status of an earlier document says nothing of this one.
  if (known === undefined || known.observedDigest !== resource.digest) return undefined;
  const condition = known.conditions.find(({ type }) => type === 'Ready');
  if (condition?.status !== 'False' || !artifactErrors.has(condition.reason)) return undefined;
  return { reason: condition.reason, message: `${name} cannot be loaded: ${condition.message}` };
}

/** The names of those that must not be deployed. */
export function quarantinedIn(versions: Versions): ReadonlySet<string> {
  const condemned = new Set<string>();
  for (const { spec } of versions.values()) {
    if (spec.quarantine !== undefined) condemned.add(spec.artifact.digest);
  }
  const names = new Set<string>();
  for (const [name, { spec }] of versions) if (condemned.has(spec.artifact.digest)) names.add(name);
  return names;
}

/** What condemns an artifact condemns every version that has it: the version itself, or another whose manifest says so. */
export function condemnedBy(
  version: Resource<ModelVersionSpec>,
  versions: Iterable<Resource<ModelVersionSpec>>,
): Resource<ModelVersionSpec> | undefined {
  if (version.spec.quarantine !== undefined) return version;
  const { digest } = version.spec.artifact;
  for (const other of versions) {
    if (other.spec.quarantine !== undefined && other.spec.artifact.digest === digest) return other;
  }
  return undefined;
}
