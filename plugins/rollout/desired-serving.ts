import type { DesiredServing, VersionToServe } from '../../core/capabilities/serving-runtime.ts';
import type { Related, Resource } from '../../core/plugin.ts';
import { refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { outlierRulesOf } from './logging-outliers.ts';
import { loggingRules } from './logging-rules.ts';
import { settingsOf } from './settings.ts';
import type { Decision } from './strategy.ts';

/** What the runtime is told of a decision. */
export function desiredServing(
  deployment: Resource<DeploymentSpec>,
  decision: Decision,
  versions: ReadonlyMap<string, Resource<ModelVersionSpec>>,
  related: Related,
): DesiredServing {
  const environment = String(deployment.metadata.environment);
  const { batching, limits } = settingsOf(deployment.spec);
  const logging = loggingRules(deployment.spec.logging, outlierRulesOf(deployment));
  const { spec } = related.get<EnvironmentSpec>(refOf('Environment', environment)) ?? {};
  return {
    owner: deployment.ref,
    environment,
    name: deployment.metadata.name,
    model: deployment.spec.model,
    commit: decision.commit,
    isDefaultEnvironment: spec?.default === true,
    versions: decision.hold.flatMap((version) => {
      const resource = versions.get(version);
      return resource === undefined ? [] : [versionToServe(resource)];
    }),
    variants: decision.variants,
    ...(decision.rules === undefined ? {} : { rules: decision.rules }),
    batching,
    limits,
    ...(logging === undefined ? {} : { logging }),
  };
}

function versionToServe(resource: Resource<ModelVersionSpec>): VersionToServe {
  const { artifact, signature, examples = [] } = resource.spec;
  const { uri, digest, size } = artifact;
  return { version: resource.metadata.name, resource, artifact: { uri, digest, size }, signature, examples };
}
