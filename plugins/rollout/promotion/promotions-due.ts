/** Which versions have served long enough where they come from to be proposed where they go next. Pure. */
import { gt } from 'semver';
import { type Ref, type Resource, refOf, type Status } from '../../../core/plugin.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../../schemas/generated/environment.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { condemnedBy } from '../refusal.ts';

type Deployment = Resource<DeploymentSpec>;

export interface Candidate {
  /** Where the version serves now. */
  readonly source: Deployment;
  /** Where it is to be proposed. */
  readonly target: Deployment;
  /** How long it must have served, in milliseconds. */
  readonly afterMs: number;
}

/**
 * What could be proposed once its time has come. An environment asks for it with `proposeAfter`; only what serves without
 * anything under way or degraded is promoted, only to higher versions, and never what is quarantined.
 */
export function promotionCandidates(
  resources: ReadonlyMap<Ref, Resource>,
  status: (ref: Ref) => Status | undefined,
): readonly Candidate[] {
  const deployments = ofKind<DeploymentSpec>(resources, 'Deployment');
  const versions = ofKind<ModelVersionSpec>(resources, 'ModelVersion');
  return ofKind<EnvironmentSpec>(resources, 'Environment').flatMap(({ metadata, spec }) => {
    const { promotesFrom, proposeAfter } = spec;
    if (promotesFrom === undefined || proposeAfter === undefined) return [];
    return deployments.filter(isIn(metadata.name)).flatMap((target) => {
      const source = sourceOf(target, deployments.filter(isIn(promotesFrom)));
      if (source === undefined || !gt(source.spec.version, target.spec.version)) return [];
      const version = resources.get(refOf('ModelVersion', source.spec.version, source.spec.model));
      if (version === undefined || condemnedBy(version as Resource<ModelVersionSpec>, versions)) return [];
      if (!servesWell(status(source.ref), source)) return [];
      return [{ source, target, afterMs: parseDuration(proposeAfter) }];
    });
  });
}

/** The deployment of the same model, by its name where there are several. */
function sourceOf({ metadata, spec }: Deployment, others: readonly Deployment[]): Deployment | undefined {
  const same = others.filter((one) => one.spec.model === spec.model);
  return same.length === 1 ? same[0] : same.find((one) => one.metadata.name === metadata.name);
}

function servesWell(status: Status | undefined, { digest }: Deployment): boolean {
  if (status === undefined || status.observedDigest !== digest || status.suspended) return false;
  const isTrue = (type: string) =>
    status.conditions.find((one) => one.type === type && one.status === 'True');
  return isTrue('Ready')?.reason === 'Serving' && !isTrue('Progressing') && !isTrue('Degraded');
}

function isIn(environment: string) {
  return ({ metadata }: Deployment) => metadata.environment === environment;
}

function ofKind<Spec>(resources: ReadonlyMap<Ref, Resource>, kind: string): readonly Resource<Spec>[] {
  return [...resources.values()].filter((one): one is Resource<Spec> => one.kind === kind);
}
