import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { type Ref, type Resource, refOf } from '../plugin.ts';
import type { ProposalSubject } from './proposal-check.ts';

type Version = Resource<ModelVersionSpec>;

/** A deployment that the proposal moves to another version, or begins. */
export interface MovedDeployment {
  readonly deployment: Resource<DeploymentSpec>;
  /** What answers there now, as the base declares it; undefined where nothing does. */
  readonly current: Version | undefined;
  /** Undefined where the proposal names a version that is not there: the check of manifests says so. */
  readonly candidate: Version | undefined;
}

/** Deployments that would answer with another version, or under another model, than the base declares. */
export function movedDeployments({ base, merged }: ProposalSubject): readonly MovedDeployment[] {
  const moved: MovedDeployment[] = [];
  for (const deployment of ofKind<DeploymentSpec>(merged.resources, 'Deployment')) {
    const before = base.resources.get(deployment.ref) as Resource<DeploymentSpec> | undefined;
    const current = before && versionOf(base.resources, before.spec);
    const candidate = versionOf(merged.resources, deployment.spec);
    const isSame = before !== undefined && before.spec.version === deployment.spec.version;
    if (isSame && before.spec.model === deployment.spec.model && current?.digest === candidate?.digest)
      continue;
    moved.push({ deployment, current, candidate });
  }
  return moved;
}

/** Versions that the proposal adds or changes, and those that it newly deploys: each once, in order of ref. */
export function versionsInQuestion(subject: ProposalSubject): readonly Version[] {
  const found = new Map<Ref, Version>();
  for (const version of ofKind<ModelVersionSpec>(subject.merged.resources, 'ModelVersion')) {
    if (subject.base.resources.get(version.ref)?.digest !== version.digest) found.set(version.ref, version);
  }
  for (const { candidate } of movedDeployments(subject)) {
    if (candidate !== undefined) found.set(candidate.ref, candidate);
  }
  return [...found.values()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** All resources of a kind, in order of ref. */
export function ofKind<Spec>(resources: ReadonlyMap<Ref, Resource>, kind: string): readonly Resource<Spec>[] {
  const found: Resource<Spec>[] = [];
  for (const resource of resources.values())
    if (resource.kind === kind) found.push(resource as Resource<Spec>);
  return found.sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

function versionOf(
  resources: ReadonlyMap<Ref, Resource>,
  { model, version }: Pick<DeploymentSpec, 'model' | 'version'>,
): Version | undefined {
  return resources.get(refOf('ModelVersion', version, model)) as Version | undefined;
}
