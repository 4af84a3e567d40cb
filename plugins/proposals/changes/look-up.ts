/** Finds what a person named among the resources of the base, or says what was probably meant. */
import { compare, parse } from 'semver';
import type { Examined } from '../../../core/capabilities/registry.ts';
import { type Resource, refOf } from '../../../core/plugin.ts';
import { didYouMean } from '../../../libraries/did-you-mean/index.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../../schemas/generated/environment.ts';
import type { ModelSpec } from '../../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import {
  noSuchDeployment,
  noSuchEnvironment,
  noSuchModel,
  noSuchVersion,
  severalDeployments,
} from '../errors.ts';

export type Version = Resource<ModelVersionSpec>;
export type Deployment = Resource<DeploymentSpec>;

export function modelNamed(base: Examined, name: string): Resource<ModelSpec> {
  const found = base.resources.get(refOf('Model', name));
  if (found !== undefined) return found as Resource<ModelSpec>;
  throw noSuchModel(name, didYouMean(name, namesOf(base, 'Model')));
}

/** The same for who may have meant a model that is still to be made, and is told how. */
export function modelToExtend(base: Examined, name: string): Resource<ModelSpec> {
  const found = base.resources.get(refOf('Model', name));
  if (found !== undefined) return found as Resource<ModelSpec>;
  const meant = didYouMean(name, namesOf(base, 'Model'));
  const how = 'For a new one commit models/NAME/model.yaml and card.md first: see docs/kinds/model.md.';
  throw noSuchModel(name, meant === undefined ? how : `${meant} ${how}`);
}

export function environmentNamed(base: Examined, name: string): Resource<EnvironmentSpec> {
  const found = base.resources.get(refOf('Environment', name));
  if (found !== undefined) return found as Resource<EnvironmentSpec>;
  throw noSuchEnvironment(name, didYouMean(name, namesOf(base, 'Environment')));
}

export function versionNamed(base: Examined, model: string, name: string): Version {
  const found = base.resources.get(refOf('ModelVersion', name, model));
  if (found !== undefined) return found as Version;
  const others = versionsOf(base, model)
    .map(({ metadata }) => metadata.name)
    .reverse();
  throw noSuchVersion(model, name, didYouMean(name, others));
}

/** All versions of a model, the lowest first. */
export function versionsOf(base: Examined, model: string): readonly Version[] {
  return ofKind<ModelVersionSpec>(base, 'ModelVersion')
    .filter(({ metadata }) => metadata.model === model)
    .sort((one, other) => compare(one.metadata.name, other.metadata.name));
}

export function deploymentsOf(base: Examined, model: string): readonly Deployment[] {
  return ofKind<DeploymentSpec>(base, 'Deployment').filter(({ spec }) => spec.model === model);
}

/** The one deployment of a model in an environment; `name` where there are several. */
export function deploymentIn(
  base: Examined,
  model: string,
  environment: string,
  name: string | undefined,
): Deployment {
  const here = deploymentsOf(base, model).filter(({ metadata }) => metadata.environment === environment);
  const names = here.map(({ metadata }) => metadata.name);
  const found = name === undefined ? here : here.filter(({ metadata }) => metadata.name === name);
  const [only] = found;
  if (only === undefined) throw noSuchDeployment(model, environment, didYouMean(name ?? model, names));
  if (found.length > 1) throw severalDeployments(model, environment, names);
  return only;
}

/** The highest version that is neither a pre-release nor quarantined, of one line where it is named. */
export function newestUsable(base: Examined, model: string, line?: string): Version | undefined {
  return versionsOf(base, model).findLast(
    (version) =>
      !isPrerelease(version) &&
      version.spec.quarantine === undefined &&
      (line === undefined || (version.spec.line ?? 'main') === line),
  );
}

export function isPrerelease({ metadata }: Version): boolean {
  return (parse(metadata.name)?.prerelease.length ?? 0) > 0;
}

function ofKind<Spec>(base: Examined, kind: string): readonly Resource<Spec>[] {
  return [...base.resources.values()].filter(
    (resource): resource is Resource<Spec> => resource.kind === kind,
  );
}

function namesOf(base: Examined, kind: string): readonly string[] {
  return ofKind(base, kind).map(({ metadata }) => metadata.name);
}
