import { packageVersion } from './package-version.ts';
import type { Answer, Parameter, Route } from './route.ts';
import { reference, schemas } from './schemas.ts';

/** The OpenAPI 3.1 document of some routes, made of what they declare and nothing else. */
export function openapiDocument(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const operations = paths[route.path] ?? {};
    operations[route.method.toLowerCase()] = operation(route);
    paths[route.path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Switchyard status API',
      version: packageVersion(),
      description:
        'What a Switchyard platform observes: resources and how they are, the commits that were read, plans, the journal. Nothing is declared here; that is what the registry is for. Routes of plugins are below `/plugins/{name}/` and described by their plugins.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This server.' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}

const tags: Readonly<Record<Route['tag'], string>> = {
  Registry: 'Where the registry is and what is wrong in it.',
  Resources: 'What is declared, and how it is.',
  History: 'What was read, planned and done.',
  Platform: 'What this platform is made of.',
  Operation: 'For probes, scrapers and people who look around.',
};

function operation(route: Route): object {
  const { name, tag, summary, description, body, isPublic = false } = route;
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    parameters: [
      ...parametersIn('path', route.parameters, true),
      ...parametersIn('query', route.query, false),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            description: body.description,
            content: { [route.isRaw ? '*/*' : 'application/json']: { schema: body.schema } },
          },
        }),
    responses: responses(route),
    security: isPublic ? [] : [{}, { token: [] }],
  };
}

function parametersIn(place: 'path' | 'query', declared: Route['query'], required: boolean): object[] {
  return Object.entries(declared ?? {}).map(
    ([name, { description, schema, example }]: [string, Parameter]) => ({
      name,
      in: place,
      required,
      description,
      schema,
      example,
    }),
  );
}

function responses(route: Route): object {
  const answers = Object.entries(route.answers).map(
    ([status, answer]) => [status, response(answer)] as const,
  );
  const errors = errorsOf(route)
    .filter((status) => !(status in route.answers))
    .map(
      (status) =>
        [
          String(status),
          response({ description: meanings[status] ?? '', schema: reference('Error') }),
        ] as const,
    );
  return Object.fromEntries([...answers, ...errors].sort(([left], [right]) => Number(left) - Number(right)));
}

/** What any route may answer, and what this one may. */
function errorsOf({ method, errors = [], isPublic = false, isRaw = false }: Route): readonly number[] {
  if (isRaw) return [413, 500, ...errors];
  const shared = [400, ...(isPublic ? [] : [401]), 403, 500];
  return [...shared, ...(method === 'POST' ? [413, 415] : []), ...errors];
}

const meanings: Readonly<Record<number, string>> = {
  400: 'The request is not valid.',
  401: 'The API token is missing or wrong.',
  403: 'Refused: an unknown host, a foreign page, or a change without a token from another machine.',
  404: 'There is no such thing.',
  409: 'It cannot be done as things are.',
  413: 'The body is larger than 1 MiB.',
  429: 'Too often: try again after the time that Retry-After says.',
  415: 'The body is not JSON.',
  500: 'Something went wrong inside; the log says what.',
};

function response({ description, type = 'application/json', schema }: Answer): object {
  return {
    description,
    ...(type === 'none' ? {} : { content: { [type]: schema === undefined ? {} : { schema } } }),
  };
}
