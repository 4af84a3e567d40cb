import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { App } from '../../../server/api/app.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

export interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

/** Asks an app, and holds each answer against what the app's own OpenAPI document says of it. */
export interface Contract {
  readonly document: Document;
  /** `getHead 200`, for every answer that was seen. */
  readonly seen: ReadonlySet<string>;
  ask(path: string, init?: RequestInit): Promise<Response>;
}

export async function contractOf(app: App): Promise<Contract> {
  const document = (await (await app.request('/openapi.json')).json()) as Document;
  const seen = new Set<string>();
  const validatorOf = validatorsOf(document);

  const ask: Contract['ask'] = async (path, init = {}) => {
    const answer = await app.request(path, init);
    const method = (init.method ?? 'GET').toLowerCase();
    const found = operationOf(document, method, new URL(path, 'http://localhost').pathname);
    if (found === undefined) return answer;
    const [template, operation] = found;
    const said = `${operation.operationId} ${answer.status}`;
    if (answer.status === 304) return answer;
    const described = operation.responses[answer.status];
    expect(described, `${said} is documented`).toBeDefined();
    seen.add(said);

    const type = answer.headers.get('content-type')?.split(';')[0] ?? 'none';
    const content = described?.content ?? {};
    if (Object.keys(content).length > 0 && !('*/*' in content))
      expect(Object.keys(content), said).toContain(type);
    if (type !== 'application/json') return answer;
    const pointer = [
      'paths',
      template,
      method,
      'responses',
      String(answer.status),
      'content',
      type,
      'schema',
    ];
    const validate = validatorOf(`document#/${pointer.map(escaped).join('/')}`);
    const valid = validate(await answer.clone().json());
    expect(valid ? [] : validate.errors, `${said} is as documented`).toEqual([]);
    return answer;
  };
  return { document, seen, ask };
}

const compiled = new Map<string, (reference: string) => ValidateFunction>();

/** Compiling takes longer than asking: once for each document, however many apps give it. */
function validatorsOf(document: Document): (reference: string) => ValidateFunction {
  const text = JSON.stringify(document);
  const before = compiled.get(text);
  if (before !== undefined) return before;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(closed(document) as object, 'document');
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (reference: string) => {
    const validate = validators.get(reference) ?? ajv.compile({ $ref: reference });
    validators.set(reference, validate);
    return validate;
  };
  compiled.set(text, validatorOf);
  return validatorOf;
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('/', '~1'));
}

function operationOf(document: Document, method: string, path: string): [string, Operation] | undefined {
  const parts = path.split('/');
  for (const [template, operations] of Object.entries(document.paths)) {
    const pattern = template.split('/');
    const fits =
      pattern.length === parts.length &&
      pattern.every((each, index) => each.startsWith('{') || each === parts[index]);
    const operation = operations[method];
    if (fits && operation) return [template, operation];
  }
  return undefined;
}

/** Objects have no fields but those that are described: what is answered is documented whole. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  const isClosed = copy.type === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  return isClosed ? { ...copy, additionalProperties: false } : copy;
}
