import { resourceNotFound } from '../../../core/errors.ts';
import type { Kernel, ResourceView } from '../../../core/kernel-api.ts';
import { refOf } from '../../../core/plugin.ts';
import { answerJson } from '../answer.ts';
import { kindMeant } from '../kind-meant.ts';
import { limitOf } from '../limit-parameter.ts';
import { defineRoute, type Parameter } from '../route.ts';
import { pageOf, reference, text } from '../schemas.ts';

interface Filter {
  readonly kind?: string;
  readonly environment?: string;
  readonly ready?: 'True' | 'False' | 'Unknown';
  readonly limit?: number;
  readonly after?: string;
}

const kind: Parameter = {
  description: 'A kind by its name, its plural or a short name.',
  schema: { type: 'string', minLength: 1, maxLength: 100 },
  example: 'deployments',
};
const scope: Parameter = {
  description: 'The environment or the model that scopes the name.',
  schema: { type: 'string', minLength: 1, maxLength: 253 },
  example: 'production',
};
const name: Parameter = {
  description: 'The name.',
  schema: { type: 'string', minLength: 1, maxLength: 253 },
  example: 'bird-strike',
};

export const listResources = defineRoute<Filter>({
  name: 'listResources',
  method: 'GET',
  path: '/api/v1/resources',
  tag: 'Resources',
  summary: 'What is declared, and how it is',
  description: 'In order of `ref`. A document that was never valid is listed too, without its spec.',
  query: {
    kind,
    environment: { ...scope, description: 'Only what lives in this environment.' },
    ready: {
      description: 'Only what has this Ready condition; Unknown where there is none yet.',
      schema: { type: 'string', enum: ['True', 'False', 'Unknown'] },
      example: 'False',
    },
    limit: limitOf(500, 1000, 100),
    after: {
      description: 'Only those behind this ref: the `next` of the page before.',
      schema: { type: 'string', maxLength: 1000 },
      example: 'Deployment/production/bird-strike',
    },
  },
  answers: {
    200: {
      description: 'A page of resources.',
      schema: pageOf('Resource', text('Where the next page begins; null on the last.', 'Model/bird-strike')),
    },
  },
  errors: [404],
  handle({ kernel, request, query }) {
    const { after, environment, ready, limit = 500 } = query;
    const wanted = query.kind && kindMeant(kernel, query.kind);
    const found: ResourceView[] = [];
    for (const view of kernel.resources()) {
      if (after !== undefined && view.ref <= after) continue;
      if (wanted && view.kind !== wanted) continue;
      if (environment !== undefined && environmentOf(kernel, view) !== environment) continue;
      if (ready !== undefined && readyOf(view) !== ready) continue;
      found.push(view);
      if (found.length > limit) break;
    }
    const page = found.slice(0, limit);
    const next = found.length > limit ? (page.at(-1)?.ref ?? null) : null;
    return answerJson(request, { items: page.map((view) => shown(kernel, view)), next });
  },
});

export const getResource = defineRoute({
  name: 'getResource',
  method: 'GET',
  path: '/api/v1/resources/{kind}/{name}',
  tag: 'Resources',
  summary: 'One resource whose name needs no scope',
  parameters: { kind, name },
  answers: { 200: { description: 'The resource.', schema: reference('Resource') } },
  errors: [404],
  handle: ({ kernel, request, parameters }) =>
    answerJson(request, shown(kernel, resourceMeant(kernel, parameters))),
});

export const getScopedResource = defineRoute({
  ...getResource,
  name: 'getScopedResource',
  path: '/api/v1/resources/{kind}/{scope}/{name}',
  summary: 'One resource of an environment or a model',
  parameters: { kind, scope, name },
});

export const reconcileResource = defineRoute({
  name: 'reconcileResource',
  method: 'POST',
  path: '/api/v1/resources/{kind}/{name}/reconcile',
  tag: 'Resources',
  summary: 'Ask for a resource to be reconciled now',
  parameters: { kind, name },
  body: { description: 'Nothing.', schema: { type: 'object', additionalProperties: false } },
  answers: { 202: { description: 'It will be.', schema: reference('Accepted') } },
  errors: [404],
  handle({ kernel, request, parameters }) {
    const { ref } = resourceMeant(kernel, parameters);
    kernel.wake(ref);
    return answerJson(request, { accepted: `${ref} will be reconciled` }, 202);
  },
});

export const reconcileScopedResource = defineRoute({
  ...reconcileResource,
  name: 'reconcileScopedResource',
  path: '/api/v1/resources/{kind}/{scope}/{name}/reconcile',
  summary: 'Ask for a resource of an environment or a model to be reconciled now',
  parameters: { kind, scope, name },
});

function resourceMeant(kernel: Kernel, said: Readonly<Record<string, string>>): ResourceView {
  const ref = refOf(kindMeant(kernel, said.kind ?? ''), said.name ?? '', said.scope);
  const view = kernel.resource(ref);
  if (view === undefined) throw resourceNotFound(ref);
  return view;
}

/** A resource as people read it: the document first, then how it is. */
function shown(kernel: Kernel, { ref, kind, resource, status, issues }: ResourceView) {
  return {
    ref,
    apiVersion: resource?.apiVersion,
    kind,
    metadata: resource?.metadata ?? metadataOf(kernel, ref, kind),
    spec: resource?.spec,
    origin: resource?.origin,
    digest: resource?.digest,
    status: status
      ? {
          conditions: status.conditions,
          observedDigest: status.observedDigest,
          suspended: status.suspended,
          facts: status.facts,
        }
      : null,
    issues,
  };
}

/** What the ref alone tells, for a document that was never valid. */
function metadataOf(kernel: Kernel, ref: string, kind: string): Readonly<Record<string, string>> {
  const [, first = '', ...rest] = ref.split('/');
  if (rest.length === 0) return { name: first };
  const scoped = kernel.kinds().find((each) => each.kind === kind)?.scope ?? 'environment';
  return { name: rest.join('/'), [scoped]: first };
}

function environmentOf(kernel: Kernel, { ref, kind, resource }: ResourceView): string | undefined {
  return resource === undefined ? metadataOf(kernel, ref, kind).environment : resource.metadata.environment;
}

function readyOf({ status }: ResourceView): string {
  return status?.conditions.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
}
