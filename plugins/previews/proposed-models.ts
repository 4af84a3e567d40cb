import type { PreviewedModel } from '../../core/capabilities/model-preview.ts';
import type { Examined } from '../../core/capabilities/registry.ts';
import type { VersionToServe } from '../../core/capabilities/serving-runtime.ts';
import { sessionSettings } from '../../core/capabilities/session-settings.ts';
import { type Ref, type Resource, refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

type Version = Resource<ModelVersionSpec>;

/**
 * What a proposal lets one try: versions that it adds or changes under the name of their model, and those that it deploys
 * under the name of the deployment. The newest of several answers; each answers under its own number. Pure.
 */
export function proposedModels(base: Examined, merged: Examined): readonly PreviewedModel[] {
  const found = new Map<string, Map<Ref, Version>>();
  const add = (name: string, version: Version): void => {
    const versions = found.get(name) ?? new Map<Ref, Version>();
    found.set(name, versions.set(version.ref, version));
  };
  for (const resource of merged.resources.values()) {
    const before = base.resources.get(resource.ref);
    if (resource.kind === 'ModelVersion') {
      if (before?.digest !== resource.digest) add(String(resource.metadata.model), resource as Version);
    } else if (resource.kind === 'Deployment') {
      const { model, version } = resource.spec as DeploymentSpec;
      const was = before?.spec as DeploymentSpec | undefined;
      if (was?.model === model && was.version === version) continue;
      const target = merged.resources.get(refOf('ModelVersion', version, model)) as Version | undefined;
      if (target !== undefined) add(resource.metadata.name, target);
    }
  }
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, versions]) => modelsNamed(name, [...versions.values()]));
}

/** Two deployments of one name may be of different models; then the first model in order of name is meant. */
function modelsNamed(name: string, versions: readonly Version[]): readonly PreviewedModel[] {
  const [model] = versions.map(({ metadata }) => String(metadata.model)).sort();
  if (model === undefined) return [];
  const own = versions
    .filter(({ metadata }) => metadata.model === model)
    .sort((one, other) => byNumber(other.metadata.name, one.metadata.name));
  return [{ name, model, versions: own.map(versionToServe) }];
}

function versionToServe(resource: Version): VersionToServe {
  const { artifact, signature, examples = [] } = resource.spec;
  const { uri, digest, size } = artifact;
  const session = sessionSettings(resource.spec);
  return {
    version: resource.metadata.name,
    resource,
    artifact: { uri, digest, size },
    signature,
    examples,
    ...(session === undefined ? {} : { session }),
  };
}

/** `1.10.0` after `1.9.0`; a pre-release before its release. */
function byNumber(one: string, other: string): number {
  const order = one.localeCompare(other, 'en', { numeric: true });
  const [bare, otherBare] = [one.split('-')[0], other.split('-')[0]];
  if (bare !== otherBare) return order;
  return Number(one === bare) - Number(other === otherBare) || order;
}
