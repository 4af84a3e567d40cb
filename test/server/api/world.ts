import type { ResourceView } from '../../../core/kernel-api.ts';
import type { Condition, KindDefinition, Resource, Status } from '../../../core/plugin.ts';
import { KernelInMemory } from './kernel-in-memory.ts';

export const first = '1'.repeat(40);
export const second = '2'.repeat(40);
export const third = '3'.repeat(40);

/** A small platform: two deployments of one name, a model, and a document that was never valid. */
export async function smallPlatform(): Promise<KernelInMemory> {
  const kernel = new KernelInMemory({
    repository: '/srv/registry.git',
    reference: 'refs/heads/main',
    commit: second,
    applied: second,
    held: null,
    error: null,
    lookedAt: '2026-03-01T12:00:00.000Z',
  });
  kernel.kindsNow = [
    kind('Deployment', 'deployments', ['deploy'], 'environment'),
    kind('Model', 'models', [], undefined),
  ];
  kernel.pluginsNow = [
    {
      name: 'rollout',
      description: 'Deploys.',
      kinds: ['Deployment'],
      provides: [],
      needs: ['serving-runtime'],
    },
    {
      name: 'serving',
      description: 'Serves.',
      kinds: [],
      provides: [{ capability: 'serving-runtime', name: 'onnx' }],
      needs: [],
    },
  ];
  kernel.views = [
    view(resource('Deployment', 'bird-strike', 'production'), [condition('Ready', 'True')]),
    view(resource('Deployment', 'bird-strike', 'staging'), [
      condition('Ready', 'False'),
      condition('Degraded', 'True'),
    ]),
    view(resource('Model', 'bird-strike'), []),
    {
      ref: 'Deployment/staging/broken',
      kind: 'Deployment',
      resource: undefined,
      status: undefined,
      issues: [
        {
          code: 'UnknownField',
          severity: 'error',
          message: 'spec has no field `verison`',
          hint: 'Did you mean `version`?',
          path: 'environments/staging/broken.yaml',
          line: 7,
          column: 3,
          pointer: '/spec/verison',
          ref: 'Deployment/staging/broken',
        },
      ],
    },
  ];
  kernel.issuesNow = [
    ...(kernel.views[3]?.issues ?? []),
    {
      code: 'OldField',
      severity: 'warning',
      message: 'old',
      path: 'a.yaml',
      line: 1,
      column: 1,
      pointer: '',
    },
  ];
  await kernel.store.putSnapshot({
    commit: first,
    time: '2026-03-01T11:00:00.000Z',
    state: 'applied',
    message: 'applied',
    resources: 2,
    issues: [],
  });
  await kernel.store.putSnapshot({
    commit: second,
    time: '2026-03-01T12:00:00.000Z',
    state: 'applied',
    message: 'applied',
    resources: 3,
    issues: kernel.issuesNow,
  });
  await kernel.store.putPlan({
    from: first,
    to: second,
    time: '2026-03-01T12:00:00.000Z',
    plan: {
      from: first,
      to: second,
      changes: [
        {
          ref: 'Deployment/production/bird-strike',
          type: 'changed',
          plugin: 'rollout',
          path: 'environments/production/bird-strike.yaml',
          line: 1,
          fields: [
            { pointer: '/spec/version', before: '1.2.0', after: '1.3.0' },
            { pointer: '/spec/batching', after: { maxBatchSize: 32 } },
          ],
          steps: [
            { action: 'load', description: 'load bird-strike 1.3.0' },
            { action: 'switch', description: 'move traffic' },
          ],
        },
        {
          ref: 'Model/bird-strike',
          type: 'added',
          plugin: null,
          path: 'models/x.yaml',
          line: 1,
          fields: [],
          steps: [],
        },
      ],
    },
  });
  for (let index = 1; index <= 5; index += 1) {
    await kernel.record({
      type: index % 2 === 0 ? 'deployment.switched' : 'snapshot.applied',
      ref: index % 2 === 0 ? 'Deployment/production/bird-strike' : null,
      commit: index < 4 ? first : second,
      message: `entry ${index}`,
      data: { index },
    });
  }
  return kernel;
}

export function kind(
  name: string,
  plural: string,
  shortNames: string[],
  scope: 'environment' | 'model' | undefined,
): KindDefinition {
  return {
    kind: name,
    plural,
    shortNames,
    scope,
    description: `A ${name}.`,
    schema: { type: 'object', properties: { kind: { const: name } } },
    path: `${plural}/{name}.yaml`,
    columns: [{ title: 'Version', pointer: '/spec/version' }],
  };
}

export function resource(kindName: string, name: string, environment?: string): Resource {
  return {
    ref: environment === undefined ? `${kindName}/${name}` : `${kindName}/${environment}/${name}`,
    apiVersion: 'switchyard/v1',
    kind: kindName,
    metadata: { name, ...(environment === undefined ? {} : { environment }), labels: { team: 'safety' } },
    spec: { model: 'bird-strike', version: '1.3.0' },
    origin: { commit: second, path: `${name}.yaml`, line: 1, column: 1 },
    digest: `sha256:${'a'.repeat(64)}`,
    attachments: [{ path: 'card.md', blob: 'b'.repeat(40), size: 12, text: 'a model card' }],
  };
}

export function view(declared: Resource, conditions: readonly Condition[]): ResourceView {
  const status: Status = {
    ref: declared.ref,
    conditions,
    observedDigest: declared.digest,
    suspended: false,
    facts: { version: '1.3.0' },
  };
  return {
    ref: declared.ref,
    kind: declared.kind,
    resource: declared,
    status: conditions.length > 0 ? status : undefined,
    issues: [],
  };
}

export function condition(type: Condition['type'], status: Condition['status']): Condition {
  return {
    type,
    status,
    reason: 'Serving',
    message: 'version 1.3.0 answers',
    observedCommit: second,
    lastTransitionTime: '2026-03-01T12:00:00.000Z',
  };
}
