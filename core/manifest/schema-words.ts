import type { ErrorObject } from 'ajv';
import { didYouMean, meantBy, quoted } from '../../libraries/did-you-mean/index.ts';
import type { Finding, JsonSchema, KindDefinition } from '../plugin.ts';
import { pointerSteps, pointerTo } from './json.ts';
import { withArticle } from './with-article.ts';

/** A finding, and the field that was probably meant by one that is not known. */
export interface Told extends Finding {
  readonly meant?: string;
}

/** One error of the validator in plain words. Most make one finding; some only repeat what others say. */
export function translateError(error: ErrorObject, base: string, kind: KindDefinition): Told[] {
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
  const meant = meantBy(field, fields);
  const elsewhere = meant === undefined ? fieldsElsewhere(kind.schema, field, pointer) : undefined;
  const hint = elsewhere === undefined ? didYouMean(field, fields) : `It belongs into ${quoted(elsewhere)}.`;
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

/** A value of another type than the field asks for. */
export function wrongType(
  pointer: string,
  types: readonly string[],
  data: unknown,
  schema: JsonSchema,
): Finding {
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
  const hint = didYouMean(data, values);
  return {
    code: 'UnknownValue',
    pointer,
    message: `${quoted(data)} is not a value that may stand here`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function sentence({ keyword, params, message, data }: ErrorObject): string {
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
      return limit === 1
        ? `has ${listed(Object.keys(data as object), 'and')}, and may have only one of them`
        : `must have at most ${limit} fields`;
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

/** The JSON type of a value; a whole number is an integer. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const plainly = (word: string): string => word;

/** `a`, `b` or `c`. */
export function listed(
  words: readonly string[],
  last: 'and' | 'or',
  write: (word: string) => string = quoted,
): string {
  const shown = words.slice(0, 20).map(write);
  if (words.length > 20) return `${shown.join(', ')} …`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`;
}
