import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { meantBy, quoted } from '../../libraries/did-you-mean/index.ts';
import type { Finding, JsonSchema, KindDefinition } from '../plugin.ts';
import { demandSchema } from './demand-schema.ts';
import { kindSchemaInvalid } from './errors.ts';
import { isObject, type JsonObject, type JsonValue, pointerSteps, pointerTo } from './json.ts';
import { limits } from './limits.ts';
import { listed, type Told, translateError, typeOf, wrongType } from './schema-words.ts';

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

/** A validator that only says yes or no: it compiles in a third of the time of one that explains. */
function compileQuickly(schema: JsonSchema): ValidateFunction {
  demandSchema(schema);
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
    const meant = meantBy(key, keys);
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
