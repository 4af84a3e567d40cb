import type {
  DesiredServing,
  RequiredSignature,
  VersionToServe,
} from '../../core/capabilities/serving-runtime.ts';
import { sessionSettings } from '../../core/capabilities/session-settings.ts';
import type { Related, Resource } from '../../core/plugin.ts';
import { refOf } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { outlierRulesOf } from './logging-outliers.ts';
import { loggingRules } from './logging-rules.ts';
import { requiredSignature } from './required-signature.ts';
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
  const { batching, limits, cache } = settingsOf(deployment.spec);
  const model = related.get<ModelSpec>(refOf('Model', deployment.spec.model));
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
      return resource === undefined
        ? []
        : [versionToServe(resource, deployment.spec, requiredSignature(environment, spec, resource))];
    }),
    variants: decision.variants,
    ...(decision.rules === undefined ? {} : { rules: decision.rules }),
    batching,
    limits,
    // Also where a model was found to be stateful after its deployment was accepted.
    ...(cache === undefined || model?.spec.stateful === true ? {} : { cache }),
    ...(logging === undefined ? {} : { logging }),
  };
}

function versionToServe(
  resource: Resource<ModelVersionSpec>,
  deployment: Pick<DeploymentSpec, 'runtime'>,
  signed: RequiredSignature | undefined,
): VersionToServe {
  const { artifact, signature, examples = [] } = resource.spec;
  const { uri, digest, size } = artifact;
  const { placement, replicas } = deployment.runtime ?? {};
  const session = sessionSettings(resource.spec, deployment);
  return {
    version: resource.metadata.name,
    resource,
    artifact: { uri, digest, size },
    signature,
    ...(signed === undefined ? {} : { signed }),
    examples,
    ...(session === undefined ? {} : { session }),
    ...(placement === undefined ? {} : { placement }),
    ...(replicas === undefined ? {} : { replicas }),
  };
}
