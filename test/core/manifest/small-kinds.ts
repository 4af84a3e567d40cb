import { defineKind, type JsonSchema, type KindDefinition } from '../../../core/plugin.ts';

/** A few small kinds, so that these tests speak of the kernel and not of the built-in plugins. */
const metadata = (scope?: string): JsonSchema => ({
  type: 'object',
  required: ['name', ...(scope ? [scope] : [])],
  additionalProperties: false,
  properties: {
    name: { type: 'string', description: 'What it is called.' },
    ...(scope ? { [scope]: { type: 'string' } } : {}),
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
  },
});

const document = (kind: string, spec: JsonSchema, scope?: string): JsonSchema => ({
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  additionalProperties: false,
  properties: {
    apiVersion: { const: 'switchyard/v1' },
    kind: { const: kind },
    metadata: metadata(scope),
    spec,
  },
});

interface ModelSpec {
  readonly task: 'classification' | 'regression';
  readonly owner?: string;
  readonly card?: string;
  readonly attach?: string;
  readonly features?: readonly { readonly name: string; readonly type?: string }[];
}

export const modelKind = defineKind<ModelSpec>({
  kind: 'Model',
  plural: 'models',
  description: 'A task that is learned.',
  path: 'models/{name}/model.yaml',
  schema: document('Model', {
    type: 'object',
    required: ['task'],
    additionalProperties: false,
    properties: {
      task: { type: 'string', enum: ['classification', 'regression'], description: 'What it predicts.' },
      owner: { type: 'string', minLength: 1, description: 'Who answers for it', examples: ['team-risk'] },
      card: { type: 'string' },
      attach: { type: 'string' },
      features: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name'],
          additionalProperties: false,
          properties: { name: { type: 'string' }, type: { type: 'string' } },
        },
      },
    },
  }),
  attachments({ spec }) {
    return [
      ...(spec.card === undefined ? [] : [{ path: spec.card, pointer: '/spec/card', read: true }]),
      ...(spec.attach === undefined ? [] : [{ path: spec.attach, pointer: '/spec/attach', read: false }]),
    ];
  },
  validate({ spec, attachments }) {
    const card = attachments.find(({ path }) => path === spec.card);
    if (card?.text?.includes('DRAFT') !== true) return [];
    return [
      { code: 'DraftCard', pointer: '/spec/card', message: 'the card is a draft', severity: 'warning' },
    ];
  },
});

interface VersionSpec {
  readonly inputs: number;
  readonly parents?: readonly string[];
}

export const versionKind = defineKind<VersionSpec>({
  kind: 'ModelVersion',
  plural: 'modelversions',
  description: 'One trained version of a model.',
  scope: 'model',
  path: 'models/{model}/versions/{name}.yaml',
  schema: document(
    'ModelVersion',
    {
      type: 'object',
      required: ['inputs'],
      additionalProperties: false,
      properties: {
        inputs: { type: 'integer', minimum: 1, description: 'How many columns it reads.', examples: [12] },
        parents: { type: 'array', items: { type: 'string' } },
      },
    },
    'model',
  ),
  references({ metadata: { model }, spec }) {
    return [
      { to: `Model/${model}`, pointer: '/metadata/model' },
      { to: `ModelVersion/${model}/*`, pointer: '/metadata/model', wakes: false },
      ...(spec.parents ?? []).map((parent, index) => ({
        to: `ModelVersion/${model}/${parent}`,
        pointer: `/spec/parents/${index}`,
        optional: true,
        wakes: false,
      })),
    ];
  },
  validate(resource, related) {
    const widest = related
      .matching<VersionSpec>(`ModelVersion/${resource.metadata.model}/*`)
      .filter(({ metadata: { name } }) => name < resource.metadata.name)
      .find(({ spec }) => spec.inputs > resource.spec.inputs);
    if (!widest) return [];
    return [
      {
        code: 'FewerInputs',
        pointer: '/spec/inputs',
        message: `reads fewer columns than ${widest.metadata.name}`,
      },
    ];
  },
});

interface DeploymentSpec {
  readonly model: string;
  readonly version: string;
  readonly replicas?: number;
  readonly strategy?: Readonly<Record<string, unknown>>;
}

export const deploymentKind = defineKind<DeploymentSpec>({
  kind: 'Deployment',
  plural: 'deployments',
  description: 'A version that answers in an environment.',
  scope: 'environment',
  path: 'environments/{environment}/{name}.yaml',
  schema: document(
    'Deployment',
    {
      type: 'object',
      required: ['model', 'version'],
      additionalProperties: false,
      properties: {
        model: { type: 'string', description: 'The model that answers.', examples: ['fraud'] },
        version: {
          type: 'string',
          pattern: '^\\d+\\.\\d+\\.\\d+$',
          description: 'A version.',
          examples: ['1.2.0'],
        },
        replicas: { type: 'integer', minimum: 1, maximum: 9 },
        strategy: {
          oneOf: [
            {
              type: 'object',
              required: ['direct'],
              additionalProperties: false,
              properties: { direct: { type: 'object', additionalProperties: false } },
            },
            {
              type: 'object',
              required: ['canary'],
              additionalProperties: false,
              properties: {
                canary: {
                  type: 'object',
                  required: ['steps'],
                  additionalProperties: false,
                  properties: {
                    steps: {
                      type: 'array',
                      items: {
                        oneOf: [
                          {
                            type: 'object',
                            required: ['setWeight'],
                            additionalProperties: false,
                            properties: { setWeight: { type: 'integer', minimum: 0, maximum: 100 } },
                          },
                          {
                            type: 'object',
                            required: ['pause'],
                            additionalProperties: false,
                            properties: {
                              pause: {
                                type: 'object',
                                required: ['duration'],
                                additionalProperties: false,
                                properties: { duration: { type: 'string' } },
                              },
                            },
                          },
                        ],
                      },
                    },
                  },
                },
              },
            },
          ],
        },
      },
    },
    'environment',
  ),
  references({ metadata: { environment }, spec }) {
    return [
      { to: `Environment/${environment}`, pointer: '/metadata/environment' },
      { to: `Model/${spec.model}`, pointer: '/spec/model' },
      { to: `ModelVersion/${spec.model}/${spec.version}`, pointer: '/spec/version' },
    ];
  },
  validate({ spec }, related) {
    const version = related.get<VersionSpec>(`ModelVersion/${spec.model}/${spec.version}`);
    if (spec.replicas === undefined || version === undefined || spec.replicas <= version.spec.inputs)
      return [];
    return [{ code: 'TooManyReplicas', pointer: '/spec/replicas', message: 'more replicas than columns' }];
  },
});

export const environmentKind = defineKind<{ readonly order?: number }>({
  kind: 'Environment',
  plural: 'environments',
  description: 'A stage.',
  path: 'environments/{name}/environment.yaml',
  schema: document('Environment', {
    type: 'object',
    additionalProperties: false,
    properties: { order: { type: 'integer' } },
  }),
});

export const smallKinds: readonly KindDefinition[] = [
  modelKind,
  versionKind,
  deploymentKind,
  environmentKind,
];
