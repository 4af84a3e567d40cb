import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { Finding, JsonSchema, KindDefinition } from '../plugin.ts';
import { kindSchemaInvalid } from './errors.ts';
import { isObject, type JsonObject, type JsonValue, pointerSteps, pointerTo } from './json.ts';
import { limits } from './limits.ts';
import { quoted, suggest, suggestion, withArticle } from './suggest.ts';

/**
 * A function that judges a document by a kind's schema and says what is wrong in plain words. Compiles when first
 * called, and then throws `KindSchemaInvalid` where the schema cannot be used. Never shows a value of the document
 * except where the schema lists what may stand there.
 */
export function compileSchema(kind: KindDefinition): (document: JsonValue) => readonly Finding[] {
  let isValid: ValidateFunction | undefined;
  let judge: SchemaJudge | undefined;
  return (document) => {
    try {
      isValid ??= compileQuickly(kind.schema);
      if (isValid(document)) return none;
      judge ??= new SchemaJudge(kind);
    } catch (thrown) {
      throw kindSchemaInvalid(kind, thrown);
    }
    return judge.findings(document);
  };
}

/** Optimizing takes longer than all that it saves. */
const options: Options = { strict: false, logger: false, code: { optimize: false } };
let schemaOfSchemas: Ajv | undefined;

/** A validator that only says yes or no: it compiles in a third of the time of one that explains. */
function compileQuickly(schema: JsonSchema): ValidateFunction {
  schemaOfSchemas ??= new Ajv(options);
  schemaOfSchemas.validateSchema(schema, true);
  return withFormats(new Ajv({ ...options, messages: false, meta: false, validateSchema: false })).compile(
    schema,
  );
}

function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv);
  return ajv;
}

class SchemaJudge {
  readonly #kind: KindDefinition;
  readonly #ajv: Ajv;
  readonly #validate: ValidateFunction;
  readonly #branches = new WeakMap<object, ValidateFunction>();
  readonly #within = new WeakMap<object, ReadonlySet<unknown>>();

  constructor(kind: KindDefinition) {
    this.#kind = kind;
    this.#ajv = withFormats(new Ajv({ ...options, allErrors: true, verbose: true }));
    this.#validate = this.#ajv.compile(kind.schema);
  }

  findings(document: JsonValue): readonly Finding[] {
    if (this.#validate(document)) return none;
    const told = this.#translate(this.#validate.errors ?? [], '');
    const slips = new Set(told.map(({ meant }) => meant));
    const findings = new Map<string, Finding>();
    for (const { meant: _, ...finding } of told) {
      // One slip in a name is one finding, not an unknown field and a missing one.
      if (finding.code === 'MissingField' && slips.has(finding.pointer)) continue;
      const key = `${finding.code} ${finding.pointer}`;
      if (!findings.has(key)) findings.set(key, finding);
    }
    const all = [...findings.values()];
    if (all.length <= limits.problems) return all;
    return [
      ...all.slice(0, limits.problems),
      { code: 'AndMore', pointer: '', message: `and ${all.length - limits.problems} more` },
    ];
  }

  #translate(errors: readonly ErrorObject[], base: string): Told[] {
    const choices = errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
    const findings: Told[] = [];
    for (const error of errors) {
      const explained = choices.some(
        (choice) =>
          choice !== error &&
          error.instancePath.startsWith(choice.instancePath) &&
          this.#schemasWithin(choice.schema as object).has(error.parentSchema),
      );
      if (explained) continue;
      if (choices.includes(error)) findings.push(...this.#explainChoice(error, base));
      else findings.push(...translateError(error, base, this.#kind));
    }
    return findings;
  }

  /** Of the forms that a value may have, tells what keeps it from the one that it is nearest to. */
  #explainChoice(error: ErrorObject, base: string): Told[] {
    const pointer = base + error.instancePath;
    const schemas = error.schema as readonly JsonSchema[];
    const keys = keysThatTell(schemas);
    if (keys !== undefined && isObject(error.data)) {
      const given = keys.filter((key) => Object.hasOwn(error.data as object, key));
      if (given.length !== 1) return [oneOfFields(pointer, keys, given, error.data as JsonObject)];
    }
    let best: { errors: readonly ErrorObject[]; distance: number } | undefined;
    for (const schema of schemas) {
      const validate = this.#branch(schema);
      if (validate === undefined) return translateError(error, base, this.#kind);
      if (validate(error.data)) continue;
      const errors = validate.errors ?? [];
      const distance = distanceOf(errors);
      if (best === undefined || distance < best.distance) best = { errors, distance };
    }
    if (best === undefined) {
      return [
        { code: 'AmbiguousValue', pointer, message: 'fits more than one of the forms that it may have' },
      ];
    }
    if (best.distance >= otherForm) {
      const types = [
        ...new Set(schemas.flatMap((schema) => (schema.type as string | string[] | undefined) ?? [])),
      ];
      if (types.length > 0 && !types.includes(typeOf(error.data))) {
        return [wrongType(pointer, types, error.data, error.parentSchema ?? {})];
      }
    }
    return this.#translate(best.errors, pointer);
  }

  #branch(schema: JsonSchema): ValidateFunction | undefined {
    const known = this.#branches.get(schema);
    if (known) return known;
    const { definitions, $defs } = this.#kind.schema;
    try {
      const validate = this.#ajv.compile({
        ...(definitions === undefined ? {} : { definitions }),
        ...($defs === undefined ? {} : { $defs }),
        allOf: [schema],
      });
      this.#branches.set(schema, validate);
      return validate;
    } catch {
      return undefined; // a reference beyond the definitions: the plain sentence must do
    }
  }

  /** Every schema object that a schema is made of, also behind its references. */
  #schemasWithin(schema: object): ReadonlySet<unknown> {
    const known = this.#within.get(schema);
    if (known) return known;
    const seen = new Set<unknown>();
    const visit = (part: unknown): void => {
      if (typeof part !== 'object' || part === null || seen.has(part)) return;
      seen.add(part);
      for (const child of Object.values(part)) visit(child);
      const { $ref } = part as { $ref?: unknown };
      if (typeof $ref === 'string' && $ref.startsWith('#/')) visit(this.#resolve($ref));
    };
    visit(schema);
    this.#within.set(schema, seen);
    return seen;
  }

  #resolve(reference: string): unknown {
    let at: unknown = this.#kind.schema;
    for (const step of pointerSteps(reference.slice(1)))
      at = (at as Record<string, unknown> | undefined)?.[step];
    return at;
  }
}

const none: readonly Finding[] = [];

/** A finding, and the field that was probably meant by one that is not known. */
interface Told extends Finding {
  readonly meant?: string;
}

/** How far a value is from a form: another type is farthest, a missing or strange field is near. */
function distanceOf(errors: readonly ErrorObject[]): number {
  let distance = 0;
  for (const { keyword, instancePath } of errors) {
    const isTop = instancePath === '';
    if (isTop && (keyword === 'type' || keyword === 'const' || keyword === 'enum')) distance += otherForm;
    else if (keyword === 'required') distance += isTop ? 50 : 5;
    else if (keyword === 'const' || keyword === 'enum' || keyword === 'type') distance += 30;
    else if (keyword === 'additionalProperties') distance += isTop ? 20 : 2;
    else distance += 1;
  }
  return distance;
}

const otherForm = 1_000;

/** The fields that tell the forms apart, where each form demands one of its own. */
function keysThatTell(schemas: readonly JsonSchema[]): readonly string[] | undefined {
  const keys = schemas.map(({ required }) =>
    Array.isArray(required) && required.length === 1 ? required[0] : undefined,
  );
  if (keys.some((key) => typeof key !== 'string') || new Set(keys).size !== keys.length) return undefined;
  return keys as string[];
}

function oneOfFields(
  pointer: string,
  keys: readonly string[],
  given: readonly string[],
  data: JsonObject,
): Finding {
  if (given.length > 1) {
    return {
      code: 'AmbiguousValue',
      pointer,
      message: `has ${listed(given, 'and')}, and may have only one of them`,
    };
  }
  for (const key of Object.keys(data)) {
    const meant = suggest(key, keys);
    if (meant === undefined) continue;
    const message = `${quoted(key)} is not one of ${listed(keys, 'or')}`;
    return {
      code: 'UnknownField',
      pointer: pointerTo(pointer, key),
      message,
      hint: `Did you mean ${quoted(meant)}?`,
    };
  }
  return { code: 'MissingField', pointer, message: `needs one of ${listed(keys, 'or')}` };
}

function translateError(error: ErrorObject, base: string, kind: KindDefinition): Told[] {
  const { keyword, params, data } = error;
  const schema: JsonSchema = error.parentSchema ?? {};
  const pointer = base + error.instancePath;
  if (error.propertyName !== undefined) {
    const at = pointerTo(pointer, error.propertyName);
    return [
      {
        code: 'InvalidKey',
        pointer: at,
        message: `${quoted(error.propertyName)} is not a key that may stand here`,
        ...hinted(schema),
      },
    ];
  }
  switch (keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return [unknownField(pointer, params.additionalProperty ?? params.unevaluatedProperty, schema, kind)];
    case 'required':
      return [missingField(pointer, params.missingProperty, schema)];
    case 'dependencies':
    case 'dependentRequired': {
      const { missingProperty, property } = params;
      const message = `${quoted(missingProperty)} is missing: ${quoted(property)} asks for it`;
      return [{ code: 'MissingField', pointer: pointerTo(pointer, missingProperty), message }];
    }
    case 'type':
      return [wrongType(pointer, [params.type].flat(), data, schema)];
    case 'enum':
      return [unknownValue(pointer, data, params.allowedValues, schema)];
    case 'const':
      return [
        {
          code: 'UnknownValue',
          pointer,
          message: `must be ${quoted(String(params.allowedValue))}`,
          ...hinted(schema),
        },
      ];
    case 'propertyNames': // its own errors name the key
    case 'if': // its branch tells what is wrong
      return [];
    case 'false schema':
      return [{ code: 'UnknownField', pointer, message: 'may not stand here' }];
    default:
      return [{ code: 'InvalidValue', pointer, message: sentence(error), ...hinted(schema) }];
  }
}

function unknownField(pointer: string, field: string, schema: JsonSchema, kind: KindDefinition): Told {
  const code = 'UnknownField';
  const at = pointerTo(pointer, field);
  const message = `${quoted(field)} is not a field of ${placeName(pointer, kind)}`;
  if (field === '<<')
    return { code, pointer: at, message, hint: 'Merge keys are not allowed: write the fields out.' };
  const fields = Object.keys((schema.properties as object | undefined) ?? {});
  const meant = suggest(field, fields);
  const elsewhere = meant === undefined ? fieldsElsewhere(kind.schema, field, pointer) : undefined;
  const hint = elsewhere === undefined ? suggestion(field, fields) : `It belongs into ${quoted(elsewhere)}.`;
  return {
    code,
    pointer: at,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(meant === undefined ? {} : { meant: pointerTo(pointer, meant) }),
  };
}

/** What a reader would call the map at a pointer. */
function placeName(pointer: string, { kind }: KindDefinition): string {
  const steps = pointerSteps(pointer);
  const last = steps.pop();
  if (last === undefined) return withArticle(kind);
  return /^\d+$/.test(last) && steps.length > 0 ? `an entry of ${quoted(steps.at(-1) ?? '')}` : quoted(last);
}

/** The part of a manifest that knows a field which another part does not. */
function fieldsElsewhere(schema: JsonSchema, field: string, pointer: string): string | undefined {
  const parts = (schema.properties ?? {}) as Record<string, { properties?: object }>;
  for (const part of ['spec', 'metadata']) {
    const properties = Object.hasOwn(parts, part) ? parts[part]?.properties : undefined;
    if (properties && Object.hasOwn(properties, field) && pointer !== `/${part}`) return part;
  }
  return undefined;
}

function missingField(pointer: string, field: string, schema: JsonSchema): Finding {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const own = Object.hasOwn(properties, field) ? properties[field] : undefined;
  return {
    code: 'MissingField',
    pointer: pointerTo(pointer, field),
    message: `${quoted(field)} is missing`,
    ...hinted(own ?? {}),
  };
}

function wrongType(pointer: string, types: readonly string[], data: unknown, schema: JsonSchema): Finding {
  const actual = typeOf(data);
  const message = `must be ${listed(
    types.map((type) => articles[type] ?? type),
    'or',
    plainly,
  )}, and is ${articles[actual] ?? actual}`;
  const scalar = actual === 'number' || actual === 'integer' || actual === 'boolean' || actual === 'null';
  if (types.includes('string') && scalar) {
    return { code: 'WrongType', pointer, message, hint: 'Write it in quotes.' };
  }
  return { code: 'WrongType', pointer, message, ...hinted(schema) };
}

function unknownValue(
  pointer: string,
  data: unknown,
  allowed: readonly unknown[],
  schema: JsonSchema,
): Finding {
  const values = allowed.map(String);
  if (typeof data !== 'string') {
    return { code: 'UnknownValue', pointer, message: `must be ${listed(values, 'or')}`, ...hinted(schema) };
  }
  const hint = suggestion(data, values);
  return {
    code: 'UnknownValue',
    pointer,
    message: `${quoted(data)} is not a value that may stand here`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function sentence({ keyword, params, message }: ErrorObject): string {
  const limit = params.limit;
  switch (keyword) {
    case 'pattern':
      return 'does not have the form that this field asks for';
    case 'format':
      return `is not a valid ${params.format}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'exclusiveMinimum':
      return `must be more than ${limit}`;
    case 'exclusiveMaximum':
      return `must be less than ${limit}`;
    case 'multipleOf':
      return `must be a multiple of ${params.multipleOf}`;
    case 'minLength':
      return limit === 1 ? 'may not be empty' : `must have at least ${limit} characters`;
    case 'maxLength':
      return `must have at most ${limit} characters`;
    case 'minItems':
      return limit === 1 ? 'may not be empty' : `must have at least ${limit} entries`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'minProperties':
      return limit === 1 ? 'may not be empty' : `must have at least ${limit} fields`;
    case 'maxProperties':
      return `must have at most ${limit} fields`;
    case 'uniqueItems':
      return `entry ${Math.max(params.i, params.j) + 1} is there already`;
    default:
      return message ?? 'is not valid';
  }
}

/** What a field is for, and an example of it, from its schema. */
function hinted(schema: JsonSchema): { hint?: string } {
  const { description, examples } = schema;
  const [example] = Array.isArray(examples) ? examples : [];
  const parts: string[] = [];
  if (typeof description === 'string')
    parts.push(description.endsWith('.') ? description : `${description}.`);
  if (example !== undefined)
    parts.push(`For example: ${quoted(typeof example === 'string' ? example : JSON.stringify(example))}.`);
  return parts.length === 0 ? {} : { hint: parts.join(' ') };
}

const articles: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  null: 'empty',
};

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const plainly = (word: string): string => word;

function listed(
  words: readonly string[],
  last: 'and' | 'or',
  write: (word: string) => string = quoted,
): string {
  const shown = words.slice(0, 20).map(write);
  if (words.length > 20) return `${shown.join(', ')} …`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`;
}
