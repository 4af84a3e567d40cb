import type { ProposalSubject } from '../../core/capabilities/proposal-check.ts';
import { movedDeployments, ofKind, versionsInQuestion } from '../../core/capabilities/proposed-versions.ts';
import type { Examined } from '../../core/capabilities/registry.ts';
import { type Resource, refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

export type Version = Resource<ModelVersionSpec>;

/** A version of the proposal and the one whose place it would take. */
export interface Comparison {
  readonly candidate: Version;
  readonly current: Version;
}

/**
 * Which versions to compare, each pair once: where a deployment moves, with what answers there now; where a version is only
 * registered, with what the base serves of its model.
 */
export function comparisons(subject: ProposalSubject): readonly Comparison[] {
  const found = new Map<string, Comparison>();
  const moved = new Set<string>();
  const add = (candidate: Version, current: Version | undefined): void => {
    if (current === undefined || current.spec.artifact.digest === candidate.spec.artifact.digest) return;
    if (current.metadata.model !== candidate.metadata.model) return;
    found.set(`${candidate.ref} ${current.ref}`, { candidate, current });
  };
  for (const { candidate, current } of movedDeployments(subject)) {
    if (candidate === undefined) continue;
    moved.add(candidate.ref);
    add(candidate, current ?? servedVersion(subject.base, String(candidate.metadata.model)));
  }
  for (const candidate of versionsInQuestion(subject)) {
    if (!moved.has(candidate.ref))
      add(candidate, servedVersion(subject.base, String(candidate.metadata.model)));
  }
  return [...found.values()];
}

/** What serves a model where it matters most: in the default environment, else in the last that versions are led to. */
function servedVersion({ resources }: Examined, model: string): Version | undefined {
  const environments = new Map(
    ofKind<EnvironmentSpec>(resources, 'Environment').map(({ metadata, spec }) => [metadata.name, spec]),
  );
  const rank = (name: string): number => {
    if (environments.get(name)?.default === true) return Number.POSITIVE_INFINITY;
    let steps = 0;
    for (
      let at = name;
      environments.get(at)?.promotesFrom !== undefined && steps < environments.size;
      steps++
    )
      at = String(environments.get(at)?.promotesFrom);
    return steps;
  };
  const [deployment] = ofKind<DeploymentSpec>(resources, 'Deployment')
    .filter(({ spec }) => spec.model === model)
    .sort((one, other) => rank(String(other.metadata.environment)) - rank(String(one.metadata.environment)));
  if (deployment === undefined) return undefined;
  return resources.get(refOf('ModelVersion', deployment.spec.version, model)) as Version | undefined;
}

export function nameOf({ metadata }: Version): string {
  return `${metadata.model} ${metadata.name}`;
}
