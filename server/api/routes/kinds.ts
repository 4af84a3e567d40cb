import type { Kernel } from '../../../core/kernel-api.ts';
import type { KindDefinition } from '../../../core/plugin.ts';
import { answerJson } from '../answer.ts';
import { unknownKind } from '../errors.ts';
import { kindMeant } from '../kind-meant.ts';
import { defineRoute } from '../route.ts';
import { listOf, reference } from '../schemas.ts';

export const listKinds = defineRoute({
  name: 'listKinds',
  method: 'GET',
  path: '/api/v1/kinds',
  tag: 'Platform',
  summary: 'The kinds of resources there are',
  answers: { 200: { description: 'All kinds.', schema: listOf('Kind') } },
  handle: ({ kernel, request }) =>
    answerJson(request, { items: kernel.kinds().map((kind) => shown(kernel, kind)) }),
});

export const getKind = defineRoute({
  name: 'getKind',
  method: 'GET',
  path: '/api/v1/kinds/{kind}',
  tag: 'Platform',
  summary: 'One kind, with the JSON Schema of its documents',
  parameters: {
    kind: {
      description: 'A kind by its name, its plural or a short name.',
      schema: { type: 'string', minLength: 1, maxLength: 100 },
      example: 'Deployment',
    },
  },
  answers: { 200: { description: 'The kind.', schema: reference('KindWithSchema') } },
  errors: [404],
  handle({ kernel, request, parameters }) {
    const name = kindMeant(kernel, parameters.kind ?? '');
    const kind = kernel.kinds().find((each) => each.kind === name);
    if (kind === undefined) throw unknownKind(name, []);
    return answerJson(request, { ...shown(kernel, kind), schema: kind.schema });
  },
});

function shown(
  kernel: Kernel,
  { kind, plural, shortNames, description, scope, path, columns }: KindDefinition,
) {
  const owner = kernel.plugins().find(({ kinds }) => kinds.includes(kind));
  return {
    kind,
    plural,
    shortNames: shortNames ?? [],
    description,
    scope: scope ?? null,
    path,
    columns: columns ?? [],
    plugin: owner?.name ?? null,
  };
}
