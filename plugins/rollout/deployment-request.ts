import type { ServingRuntime } from '../../core/capabilities/serving-runtime.ts';
import { type Request, type Resource, refOf } from '../../core/plugin.ts';
import type { AnalysisTemplateSpec } from '../../schemas/generated/analysis-template.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { Place } from './analysis/analyses.ts';
import { errorBudgetOf } from './analysis/budget.ts';
import { everyTemplate, versionsOf } from './deployment.ts';
import type { Versions } from './refusal.ts';
import { initialState, type Observation, type RolloutState } from './strategy.ts';

export type DeploymentRequest = Request<DeploymentSpec, RolloutState>;

/** Every version of the deployed model, by name. */
export function versionsIn({ resource, related }: DeploymentRequest): Versions {
  const { spec } = resource;
  const all = related.matching<ModelVersionSpec>(versionsOf(spec));
  const versions = new Map(all.map((version) => [version.metadata.name, version]));
  const target = related.get<ModelVersionSpec>(refOf('ModelVersion', spec.version, spec.model));
  if (target !== undefined) versions.set(spec.version, target);
  return versions;
}

export function artifactsOf(versions: Versions): Observation['artifacts'] {
  return Object.fromEntries(
    [...versions].map(([name, { spec }]: [string, Resource<ModelVersionSpec>]) => [
      name,
      { digest: spec.artifact.digest, size: spec.artifact.size },
    ]),
  );
}

/** Where its analyses measure, and what with. */
export function placeOf({ resource, related }: DeploymentRequest): Place {
  const { ref, metadata, spec } = resource;
  const templates = related.matching<AnalysisTemplateSpec>(everyTemplate);
  return {
    owner: ref,
    environment: String(metadata.environment),
    deployment: metadata.name,
    model: spec.model,
    budget: errorBudgetOf(related.get<ModelSpec>(refOf('Model', spec.model))?.spec),
    template(name) {
      const found = templates.find((one) => one.metadata.name === name);
      return found && { name, spec: found.spec, digest: found.digest };
    },
  };
}

/**
 * What is known of the deployment: its cell, or what the runtime remembers where nothing else does. A rollout must not take the
 * version on trial for the one that was.
 */
export function stateOf(
  { resource }: DeploymentRequest,
  cell: RolloutState | undefined,
  serving: ServingRuntime,
  artifacts: Observation['artifacts'],
): RolloutState {
  const { metadata, spec } = resource;
  if (cell?.model === spec.model) return cell;
  const initial = initialState(spec.model);
  const current = serving.current(String(metadata.environment), metadata.name);
  if (current === undefined || current.model !== spec.model) return initial;
  const stable = current.variants.find(({ role }) => role === 'stable');
  if (stable === undefined) return initial;
  const digest = artifacts[stable.version]?.digest;
  const { version } = stable;
  return {
    ...initial,
    stable: { version, commit: current.commit, ...(digest === undefined ? {} : { digest }) },
  };
}
