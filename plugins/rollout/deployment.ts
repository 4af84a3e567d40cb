import {
  defineKind,
  type Finding,
  type Reference,
  type Related,
  type Resource,
  refOf,
} from '../../core/plugin.ts';
import { nestedFields } from '../../libraries/nested-fields/index.ts';
import type { AnalysisTemplateSpec } from '../../schemas/generated/analysis-template.ts';
import { type DeploymentSpec, deploymentSchema } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { orderedFindings } from './analysis/ordered-findings.ts';
import { strategyOf } from './choose-strategy.ts';
import { outlierAttachments } from './logging-outliers.ts';
import { loggingFindings } from './logging-rules.ts';
import { sloFindings } from './promised-level.ts';
import { condemnedBy } from './refusal.ts';
import { requiredSignature, signatureFindings } from './required-signature.ts';
import { runtimeFindings } from './runtime-findings.ts';
import { strategyFindings } from './strategy-findings.ts';

/** The pattern that reaches every analysis template. */
export const everyTemplate = 'AnalysisTemplate/*';

/** One version of a model, answering under a name in an environment. */
export const deploymentKind = defineKind<DeploymentSpec>({
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  description: 'One version of a model, answering under a name in an environment.',
  schema: deploymentSchema,
  scope: 'environment',
  path: 'environments/{environment}/{name}.yaml',
  validationVersion: '8',
  columns: [
    { title: 'Model', pointer: '/spec/model' },
    { title: 'Version', pointer: '/spec/version' },
  ],

  references({ metadata, spec }) {
    return [
      { to: refOf('Environment', String(metadata.environment)), pointer: '/metadata/environment' },
      { to: refOf('Model', spec.model), pointer: '/spec/model', wakes: false },
      { to: refOf('ModelVersion', spec.version, spec.model), pointer: '/spec/version' },
      // What answers now and what is kept warm are other versions of the model.
      { to: versionsOf(spec), pointer: '/spec/model', wakes: false },
      // The strategy of the environment may name any.
      { to: everyTemplate, pointer: '/spec', wakes: false },
      ...templatesNamed(spec.strategy),
    ];
  },

  attachments(resource) {
    return outlierAttachments(resource);
  },

  validate(resource, related) {
    const { spec } = resource;
    const version = related.get<ModelVersionSpec>(refOf('ModelVersion', spec.version, spec.model));
    if (version === undefined) return [];
    const findings: Finding[] = [
      ...findingsOfStrategy(resource, related),
      ...loggingFindings(resource, related.matching<ModelVersionSpec>(versionsOf(spec))),
      ...sloFindings(spec),
      ...runtimeFindings(spec),
      ...signatureFindings(signatureAskedFor(resource, related, version), version),
    ];
    const { signature } = version.spec;
    const condemned = condemnedBy(version, related.matching<ModelVersionSpec>(versionsOf(spec)));
    if (condemned !== undefined) {
      const as = condemned === version ? '' : ` as the artifact of ${condemned.metadata.name}`;
      findings.push({
        code: 'Quarantined',
        pointer: '/spec/version',
        severity: 'warning',
        message: `${spec.model} ${spec.version} is quarantined${as} and will not be deployed: ${condemned.spec.quarantine?.reason}`,
        hint: `Choose another version, or lift the quarantine in ${condemned.origin.path}.`,
      });
    }
    if (
      spec.cache !== undefined &&
      related.get<ModelSpec>(refOf('Model', spec.model))?.spec.stateful === true
    ) {
      findings.push({
        code: 'CacheOfStatefulModel',
        pointer: '/spec/cache',
        severity: 'error',
        message: `${spec.model} is stateful: the same inputs do not always have the same answer, so none can be kept`,
        hint: 'Remove cache.',
      });
    }
    const fixed = [...signature.inputs, ...signature.outputs].find(({ shape }) => shape[0] !== -1);
    if (spec.batching !== undefined && spec.batching.maxBatchSize !== 1 && fixed !== undefined) {
      findings.push({
        code: 'BatchingWithoutEffect',
        pointer: '/spec/batching',
        severity: 'warning',
        message: `"${fixed.name}" of ${spec.model} ${spec.version} has no varying first dimension, so its requests cannot share a run`,
        hint: 'Remove batching, or export the model with a batch dimension of -1.',
      });
    }
    return findings;
  },
});

function signatureAskedFor(
  { metadata }: Resource<DeploymentSpec>,
  related: Related,
  version: Resource<ModelVersionSpec>,
) {
  const environment = String(metadata.environment);
  const declared = related.get<EnvironmentSpec>(refOf('Environment', environment));
  return requiredSignature(environment, declared?.spec, version);
}

/** Those of the strategy that holds: at its own place, or at the environment that it comes from. */
function findingsOfStrategy(
  { metadata, spec }: Resource<DeploymentSpec>,
  related: Related,
): readonly Finding[] {
  const environment = String(metadata.environment);
  const { spec: declared } = related.get<EnvironmentSpec>(refOf('Environment', environment)) ?? {};
  const all = related.matching<ModelVersionSpec>(versionsOf(spec));
  const strategy = strategyOf(spec, declared);
  const templates = related.matching<AnalysisTemplateSpec>(everyTemplate);
  const ordered = orderedFindings(strategy, new Map(templates.map((one) => [one.metadata.name, one.spec])));
  const ofStrategy = strategyFindings(strategy, {
    size: all.find((version) => version.metadata.name === spec.version)?.spec.artifact.size,
    versions: new Set(all.map((version) => version.metadata.name)),
  });
  const findings = [...ofStrategy, ...ordered];
  if (spec.strategy !== undefined) {
    return findings.map((finding) => ({ ...finding, pointer: `/spec/strategy${finding.pointer}` }));
  }
  return findings.map((finding) => ({
    ...finding,
    pointer: '/metadata/environment',
    message: `the strategy of the environment ${environment} does not fit here: ${finding.message}`,
  }));
}

/** Every template that a strategy names, wherever in it. */
function templatesNamed(strategy: unknown): readonly Reference[] {
  return [...nestedFields(strategy, 'templateName', '/spec/strategy')].map(({ pointer, value }) => {
    return { to: refOf('AnalysisTemplate', String(value)), pointer, wakes: false };
  });
}

/** The pattern that reaches every version of the deployed model. */
export function versionsOf(spec: Pick<DeploymentSpec, 'model'>): string {
  return `ModelVersion/${spec.model}/*`;
}
