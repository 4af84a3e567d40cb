import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { messageOf } from '../../core/plugin.ts';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { invalidBody, invalidParameter, unknownParameter, unsupportedMediaType } from './errors.ts';
import type { Parameter, Route } from './route.ts';

/** What a request says, in the types that its route declares. */
export interface Said {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Reads one route's requests. It throws what is wrong with one, by name. */
export type ReadRequest = (request: Request, parameters: Readonly<Record<string, string>>) => Promise<Said>;

/** Makes readers of routes' requests. A route's schemas are compiled when they are first needed: that takes a while. */
export function requestReaders(): (route: Route) => ReadRequest {
  // The routes' schemas are ours and the OpenAPI document's test checks them: not once more at the first request.
  const ajv = new Ajv2020({ strict: true, verbose: true, validateSchema: false });
  return (route) => {
    const pathChecks = checksOf(ajv, route.parameters);
    const queryChecks = checksOf(ajv, route.query);
    const validateBody = once(() => route.body && ajv.compile(route.body.schema));
    return async (request, parameters) => {
      for (const [name, check] of pathChecks) check(`path ${name}`, parameters[name] ?? '');
      const query = readQuery(new URL(request.url).searchParams, queryChecks);
      return { parameters, query, body: await readBody(request, validateBody) };
    };
  };
}

/** Turns a parameter's text into its value. Throws `InvalidParameter`. */
type Check = (where: string, text: string) => unknown;

function checksOf(ajv: Ajv2020, declared: Route['query']): ReadonlyMap<string, Check> {
  return new Map(Object.entries(declared ?? {}).map(([name, parameter]) => [name, checkOf(ajv, parameter)]));
}

function checkOf(ajv: Ajv2020, { schema, description }: Parameter): Check {
  const compiled = once(() => ajv.compile(schema));
  return (where, text) => {
    const validate = compiled();
    const value = schema.type === 'integer' && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    if (validate(value)) return value;
    const [error] = validate.errors ?? [];
    const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
    const problem = `${error ? complaint(error) : 'is not valid'}, not ${JSON.stringify(shown)}`;
    throw invalidParameter(where, problem, hintFor(error, text) ?? description);
  };
}

function readQuery(given: URLSearchParams, checks: ReadonlyMap<string, Check>): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const [name, text] of given) {
    const check = checks.get(name);
    if (check === undefined) throw unknownParameter(name, [...checks.keys()]);
    if (Object.hasOwn(query, name)) throw invalidParameter(`query ${name}`, 'may be said once only');
    query[name] = check(`query ${name}`, text);
  }
  return query;
}

async function readBody(
  request: Request,
  validateBody: () => ValidateFunction | undefined,
): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length === 0) return undefined;
  const type = request.headers.get('content-type');
  if (type?.split(';')[0]?.trim().toLowerCase() !== 'application/json') throw unsupportedMediaType(type);
  const body = parseJson(bytes);
  const validate = validateBody();
  if (validate === undefined || validate(body)) return body;
  const [error] = validate.errors ?? [];
  const where = `body ${error?.instancePath || '/'}`;
  throw invalidBody(where, error ? `${nameOf(error)} ${complaint(error)}` : 'see the schema', hintFor(error));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalidBody('body', messageOf(error), 'Send JSON in UTF-8.');
  }
}

function nameOf(error: ErrorObject): string {
  const parameters = error.params as Readonly<Record<string, unknown>>;
  return String(parameters.additionalProperty ?? (error.instancePath.slice(1) || 'it'));
}

function complaint(error: ErrorObject): string {
  const parameters = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'type':
      return `must be ${{ integer: 'a whole number', object: 'an object', string: 'text' }[String(parameters.type)] ?? parameters.type}`;
    case 'enum':
      return `must be one of ${(parameters.allowedValues as readonly unknown[]).join(', ')}`;
    case 'minimum':
      return `must be at least ${parameters.limit}`;
    case 'maximum':
      return `must be at most ${parameters.limit}`;
    case 'minLength':
      return 'must not be empty';
    case 'maxLength':
      return `must have at most ${parameters.limit} characters`;
    case 'pattern':
      return 'must have another form';
    case 'additionalProperties':
      return 'is not a field of it';
    default:
      return error.message ?? 'is not valid';
  }
}

function hintFor(error: ErrorObject | undefined, text?: string): string | undefined {
  if (error?.keyword === 'enum' && text !== undefined) {
    return didYouMean(text, (error.params as { allowedValues: readonly string[] }).allowedValues);
  }
  if (error?.keyword === 'additionalProperties') {
    const { additionalProperty } = error.params as { additionalProperty: string };
    const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
    return didYouMean(additionalProperty, known);
  }
  return undefined;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
