import type { Environment } from '@marcbachmann/cel-js';

type Type = 'string' | 'bool' | 'int' | 'list<string>' | 'map<string, string>';

/**
 * What expressions may speak of: names, types and what they mean. docs/policies.md shows the same tables, and a test
 * holds it to them.
 */
export const contextFields = {
  change: {
    kind: [
      'string',
      'The kind of the manifest: `Deployment`, `Policy`; `File` for a file that is no manifest.',
    ],
    type: [
      'string',
      '`promote`, `rollback`, `retire` of a deployment; `register`, `quarantine`, `release`, `retire` of a version; `add`, `edit`, `remove` of anything else.',
    ],
    name: ['string', 'The name of the resource; empty for a file.'],
    environment: ['string', 'The environment that it lives in, or that it is; empty where there is none.'],
    model: ['string', 'The model that it deploys, belongs to, or is; empty where there is none.'],
    labels: ['map<string, string>', 'The labels of that model, as the base has them.'],
    from: ['string', 'The version that a deployment had before; empty where there was none.'],
    to: ['string', 'The version that a deployment, or the manifest of a version, has after.'],
    path: ['string', 'The file.'],
    judging: [
      'bool',
      'Whether it changes what judges: policies, teams, platform.yaml, the promotion path, workflows, CODEOWNERS, the packages of the registry, `switchyard.config.yaml`.',
    ],
  },
  proposal: {
    number: ['int', 'Its number on the forge.'],
    title: ['string', 'Its title, which anybody may have written.'],
    labels: ['list<string>', 'Its labels, whoever put them on.'],
    fork: ['bool', 'Whether it comes from a repository of somebody else.'],
    files: ['list<string>', 'All files that it changes.'],
    environments: ['list<string>', 'The environments of all its changes.'],
    models: ['list<string>', 'The models of all its changes.'],
    judging: ['bool', 'Whether one of its changes is `judging`.'],
  },
  author: {
    name: ['string', 'As the forge or the commit says, which anybody may have written.'],
    member: [
      'string',
      'The name by which a team knows them; empty unless it is proven that all of the change is theirs.',
    ],
    teams: ['list<string>', 'Their teams; none unless it is proven.'],
    machine: ['bool', 'Whether it is proven that a program made all of it.'],
  },
} as const satisfies Record<string, Record<string, readonly [Type, string]>>;

type ValueOf<T extends Type> = T extends 'string'
  ? string
  : T extends 'bool'
    ? boolean
    : T extends 'int'
      ? bigint
      : T extends 'list<string>'
        ? readonly string[]
        : Readonly<Record<string, string>>;

type Fields = typeof contextFields;

/** The values of one variable of expressions. */
export type ContextOf<Name extends keyof Fields> = {
  readonly [Field in keyof Fields[Name]]: Fields[Name][Field] extends readonly [infer T extends Type, string]
    ? ValueOf<T>
    : never;
};

export interface ExpressionValues {
  readonly change: ContextOf<'change'>;
  readonly proposal: ContextOf<'proposal'>;
  readonly author: ContextOf<'author'>;
  readonly checks: Readonly<Record<string, { readonly outcome: string; readonly facts: unknown }>>;
  readonly now: Date;
}

export interface ExpressionContext {
  readonly values: ExpressionValues;
  /** Entries of the longest list or map in it, which bounds what an expression may cost. */
  readonly longest: number;
}

/** Names that stand by themselves. */
export const topLevelNames: readonly string[] = [...Object.keys(contextFields), 'checks', 'now'];

/** All names with their paths, types and meanings: `change.kind`. */
export const knownNames: readonly { readonly path: string; readonly type: Type; readonly meaning: string }[] =
  Object.entries(contextFields).flatMap(([variable, fields]) =>
    Object.entries(fields as Record<string, readonly [Type, string]>).map(([field, [type, meaning]]) => ({
      path: `${variable}.${field}`,
      type,
      meaning,
    })),
  );

/** Declares the context, so that what is not in it is found when an expression is compiled. */
export function declare(environment: Environment): Environment {
  for (const [name, fields] of Object.entries(contextFields)) {
    const schema = Object.fromEntries(
      Object.entries(fields as Record<string, readonly [Type, string]>).map(([field, [type]]) => [
        field,
        type,
      ]),
    );
    environment.registerVariable({ name, schema });
  }
  return environment
    .registerVariable('checks', 'map<string, dyn>')
    .registerVariable('now', 'google.protobuf.Timestamp');
}

/** A context of these values. */
export function contextOf(values: ExpressionValues): ExpressionContext {
  let longest = 0;
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || value instanceof Date || depth > 16) return;
    const entries = Object.values(value);
    longest = Math.max(longest, entries.length);
    for (const entry of entries) visit(entry, depth + 1);
  };
  visit(values, 0);
  return { values, longest };
}
