import type { Fields } from '../fields.ts';
import { argumentLike } from '../names.ts';
import { noEqual, sourceInvalid } from '../report.ts';

export interface Argument {
  readonly name: string;
  readonly value?: string;
}

/** What a template declares, and what its names are here. */
export interface DeclaredArguments {
  readonly declared: readonly Argument[];
  readonly renamed: ReadonlyMap<string, string>;
  /** Those whose value is a Kubernetes secret, by the name there. */
  readonly secrets: ReadonlySet<string>;
}

const placeholder = /\{\{\s*args\.([^\s{}]+)\s*\}\}/g;

/** Reads `spec.args` of a template. */
export function declaredArguments(spec: Fields): DeclaredArguments {
  const declared: Argument[] = [];
  const renamed = new Map<string, string>();
  const secrets = new Set<string>();
  for (const [index, argument] of spec.maps('args').entries()) {
    const name = argument.text('name');
    if (name === undefined) throw sourceInvalid(argument.at('name'), 'it is missing');
    if (argument.has('valueFrom')) {
      const from = argument.demandMap('valueFrom');
      if (!from.has('secretKeyRef')) {
        throw noEqual(from.path, 'an argument whose value comes from the cluster has no equal');
      }
      secrets.add(name);
      argument.note(
        'valueFrom',
        'elsewhere',
        'secrets do not stand in a registry: the operator gives credentials',
      );
      argument.note('name', 'elsewhere', 'it holds a secret');
      continue;
    }
    const ours = argumentLike(name);
    renamed.set(name, ours);
    const value = argument.written('value');
    declared.push(value === undefined ? { name: ours } : { name: ours, value });
    const to = `spec.args[${index}].name`;
    if (ours === name) argument.imported('name', to);
    else argument.note('name', 'changed', `it is called ${ours}`, to);
    argument.imported('value', `spec.args[${index}].value`);
    argument.finish();
  }
  return { declared, renamed, secrets };
}

/** The text with the names of arguments as they are here. Throws where it takes a secret. */
export function withOurNames(text: string, field: string, known: DeclaredArguments): string {
  return text.replaceAll(placeholder, (_, name: string) => {
    if (known.secrets.has(name)) {
      throw noEqual(
        field,
        `it takes the secret ${name}, which would then stand in journals and errors`,
        'Credentials are given by the operator, to a server or an origin.',
      );
    }
    return `{{args.${known.renamed.get(name) ?? argumentLike(name)}}}`;
  });
}

/** The text with defaults of arguments put in, for a field that takes no arguments here. */
export function withDefaults(text: string, field: string, known: DeclaredArguments): string {
  return text.replaceAll(placeholder, (_, name: string) => {
    const ours = known.renamed.get(name);
    const value = known.declared.find((argument) => argument.name === ours)?.value;
    if (value !== undefined) return value;
    throw noEqual(
      field,
      `it takes the argument ${name}, and this field takes none here`,
      `Give ${name} a value in the template, or write the number here.`,
    );
  });
}

/**
 * What a rollout gives to its templates, as far as they take it; what they take is undefined where that is not known.
 * `document` is the whole rollout, for what is taken from its own fields.
 */
export function givenArguments(
  analysis: Fields,
  to: string,
  document: unknown,
  taken: ReadonlySet<string> | undefined,
): readonly Argument[] {
  const given: Argument[] = [];
  for (const argument of analysis.maps('args')) {
    const name = argument.text('name');
    if (name === undefined) throw sourceInvalid(argument.at('name'), 'it is missing');
    if (taken !== undefined && !taken.has(name)) {
      argument.note('name', 'elsewhere', 'no template takes it');
      argument.finish('elsewhere', 'no template takes it');
      continue;
    }
    const ours = argumentLike(name);
    const place = `${to}.args[${given.length}]`;
    if (ours === name) argument.imported('name', `${place}.name`);
    else argument.note('name', 'changed', `it is called ${ours}`, `${place}.name`);
    const value = argument.written('value') ?? valueFrom(argument, `${place}.value`, document);
    argument.imported('value', `${place}.value`);
    argument.finish();
    given.push({ name: ours, value });
  }
  return given;
}

function valueFrom(argument: Fields, to: string, document: unknown): string {
  const from = argument.map('valueFrom');
  const hash = from?.text('podTemplateHashValue');
  if (hash === 'Latest' || hash === 'Stable') {
    const fact = hash === 'Latest' ? 'candidate' : 'stable';
    const note = `versions are told apart by their number, {{run.${fact}}}, not by the hash of a pod template`;
    argument.note('valueFrom', 'changed', note, to);
    return `{{run.${fact}}}`;
  }
  const path = from?.map('fieldRef')?.text('fieldPath');
  if (from === undefined || path === undefined) {
    throw noEqual(argument.path, 'an argument without a value, or with one from the cluster, has no equal');
  }
  const value = valueAt(document, path);
  if (value === undefined) {
    throw noEqual(from.path, `${path} is known only to a cluster`, 'Write the value instead.');
  }
  argument.note('valueFrom', 'changed', `it is ${JSON.stringify(value)}, as ${path} is now`, to);
  return value;
}

/** The text at `metadata.labels['team']`. */
function valueAt(document: unknown, path: string): string | undefined {
  let value = document;
  for (const [, name, quoted] of path.matchAll(/([^.[\]]+)|\['([^']*)'\]/g)) {
    value = (value as Record<string, unknown> | undefined)?.[quoted ?? name ?? ''];
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
