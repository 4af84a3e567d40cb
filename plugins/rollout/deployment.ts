import { defineKind, type Finding, refOf } from '../../core/plugin.ts';
import { type DeploymentSpec, deploymentSchema } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';

/** One version of a model, answering under a name in an environment. */
export const deploymentKind = defineKind<DeploymentSpec>({
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  description: 'One version of a model, answering under a name in an environment.',
  schema: deploymentSchema,
  scope: 'environment',
  path: 'environments/{environment}/{name}.yaml',
  validationVersion: '1',
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
    ];
  },

  validate({ spec }, related) {
    const version = related.get<ModelVersionSpec>(refOf('ModelVersion', spec.version, spec.model));
    if (version === undefined) return [];
    const findings: Finding[] = [];
    const { quarantine, signature } = version.spec;
    if (quarantine !== undefined) {
      findings.push({
        code: 'Quarantined',
        pointer: '/spec/version',
        severity: 'warning',
        message: `${spec.model} ${spec.version} is quarantined and will not be deployed: ${quarantine.reason}`,
        hint: `Choose another version, or lift the quarantine in ${version.origin.path}.`,
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

/** The pattern that reaches every version of the deployed model. */
export function versionsOf(spec: Pick<DeploymentSpec, 'model'>): string {
  return `ModelVersion/${spec.model}/*`;
}
