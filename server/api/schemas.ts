import type { JsonSchema } from '../../core/plugin.ts';

const exampleCommit = '3f786850e387550fdab836ed7e6dc881de23001b';

const kind = {
  kind: text('Its name.', 'Deployment'),
  plural: text('Its plural.', 'deployments'),
  shortNames: list(text('A short name.', 'deploy'), 'Other names that this API and the CLI take.'),
  description: text('What a resource of this kind is.', 'A model version that answers in an environment.'),
  scope: nullable({ ...text('What scopes its names.', 'environment'), enum: ['environment', 'model'] }),
  path: text('Where such a manifest lives.', 'environments/{environment}/{name}.yaml'),
  columns: list(
    object('', {
      title: text('Its heading.', 'Version'),
      pointer: text('JSON pointer of its value.', '/spec/version'),
    }),
    'What a table of such resources shows beside name and conditions.',
  ),
  plugin: nullable(text('The plugin that owns it.', 'rollout')),
};

const snapshotSummary = {
  commit: commit('The commit.'),
  time: time('When it was recorded.'),
  state: { ...text('What became of it.', 'applied'), enum: ['applied', 'held', 'failed'] },
  message: text('Why, in words.', '12 resources, 0 issues'),
  resources: count('Valid resources in it.', 12),
  issueCount: count('Issues found in it.', 0),
};

const planSummary = {
  from: nullable(commit('The commit before; null for the first.')),
  to: commit('The commit that it leads to.'),
  time: time('When it was made.'),
  changeCount: count('Resources that change.', 2),
  stepCount: count('Steps that are taken.', 3),
};

/** The shapes of the status API's answers: `components.schemas` of its OpenAPI document. */
export const schemas: Readonly<Record<string, JsonSchema>> = {
  Error: object('What went wrong, where, and what to do next.', {
    error: object('', {
      code: text('Stable PascalCase: search for it, alert on it.', 'ResourceNotFound'),
      message: text(
        'What happened, as a sentence.',
        'there is no resource Deployment/production/bird-strike',
      ),
      'where?': text('Where it happened: a file with its line, a parameter, a resource.', 'query limit'),
      'hint?': text('What to do next.', 'Did you mean `limit`?'),
    }),
  }),

  Head: object('Where the registry is, and what of it is applied.', {
    repository: text('The registry, without credentials.', '/srv/registry.git'),
    reference: text('The branch that is followed.', 'main'),
    commit: nullable(commit('What the reference names now; null before the first look.')),
    applied: nullable(commit('What is being converged to; null until the first commit was applied.')),
    held: nullable(
      object('A commit that is read but not applied, until a human decides.', {
        commit: commit('The held commit.'),
        reason: text('Stable PascalCase.', 'MassRemovalHeld'),
        message: text('Why it is held.', 'it would remove 40 of 50 resources'),
      }),
    ),
    error: nullable(
      object('Why the last look failed.', {
        code: text('Stable PascalCase.', 'RemoteUnreachable'),
        message: text('What happened.', 'the remote does not answer'),
      }),
    ),
    lookedAt: nullable(time('When the registry was last read; null before that.')),
    phase: {
      ...text('`starting` until the first commit was applied.', 'running'),
      enum: ['starting', 'running', 'stopping'],
    },
  }),

  Resource: object('A resource as it is declared, and how it is.', {
    ref: text('`Kind/name` or `Kind/scope/name`.', 'Deployment/production/bird-strike'),
    'apiVersion?': text('Absent, as the spec is, for a document that was never valid.', 'switchyard/v1'),
    kind: text('Its kind.', 'Deployment'),
    metadata: reference('Metadata'),
    'spec?': { description: 'As declared; its form is the kind’s.' },
    'origin?': reference('Origin'),
    'digest?': digest('Of the document and its attachments.'),
    status: nullable(reference('Status')),
    issues: list(reference('Issue'), 'What is wrong with its document in the newest snapshot.'),
  }),

  Metadata: object('Who it is.', {
    name: text('Its name.', 'bird-strike'),
    'environment?': text('The environment it lives in.', 'production'),
    'model?': text('The model it belongs to.', 'bird-strike'),
    'labels?': textMap('To select by.', { team: 'safety' }),
    'annotations?': textMap('Notes for tools.', { 'switchyard/suspend': 'true' }),
  }),

  Origin: object('Where it was read.', {
    commit: commit('The commit that it was last read from.'),
    path: text('From the root of the registry.', 'environments/production/bird-strike.yaml'),
    line: count('Counts from 1.', 1),
    column: count('Counts from 1.', 1),
  }),

  Status: object('How it is.', {
    conditions: list(reference('Condition'), 'Ready, Progressing and Degraded may all be true at once.'),
    observedDigest: digest('Of the document that the conditions speak of.'),
    suspended: flag('Whether the kernel keeps its hands off it.', false),
    'facts?': {
      type: 'object',
      description: 'What its controller wants shown.',
      examples: [{ version: '1.3.0' }],
    },
  }),

  Condition: object('One thing that is so, or is not.', {
    type: { ...text('Which condition.', 'Ready'), enum: ['Ready', 'Progressing', 'Degraded'] },
    status: { ...text('Whether it is so.', 'True'), enum: ['True', 'False', 'Unknown'] },
    reason: text('Stable PascalCase.', 'Serving'),
    message: text('For people.', 'version 1.3.0 answers in 2 processes'),
    observedCommit: commitLike('The commit at which it was written.'),
    lastTransitionTime: time('When its status last changed.'),
  }),

  Issue: object('Something wrong in a file of the registry.', {
    code: text('Stable PascalCase.', 'UnknownField'),
    severity: { ...text('An error keeps the document out.', 'error'), enum: ['error', 'warning'] },
    message: text('What is wrong.', 'spec has no field `verison`'),
    'hint?': text('What to do.', 'Did you mean `version`?'),
    path: text('The file.', 'environments/production/bird-strike.yaml'),
    line: count('Counts from 1.', 7),
    column: count('Counts from 1.', 3),
    pointer: text('JSON pointer into the document; empty for the whole of it.', '/spec/verison'),
    'ref?': text(
      'The resource meant, where the document could be identified.',
      'Deployment/production/bird-strike',
    ),
  }),

  Kind: object('A sort of resource.', kind),

  KindWithSchema: object('A kind with the JSON Schema of its documents.', {
    ...kind,
    schema: { type: 'object', description: 'JSON Schema of a whole document.' },
  }),

  Plugin: object('A plugin that runs.', {
    name: text('Its name.', 'rollout'),
    description: text('One sentence.', 'Deploys model versions into environments.'),
    kinds: list(text('A kind.', 'Deployment'), 'The kinds that it owns.'),
    provides: list(
      object('', {
        capability: text('The capability.', 'serving-runtime'),
        name: text('The provider’s name.', 'onnx'),
      }),
      'What it provides to others.',
    ),
    needs: list(text('A capability.', 'artifact-store'), 'What it needs of others.'),
  }),

  SnapshotSummary: object('A commit that was read.', snapshotSummary),

  Snapshot: object('A commit that was read, with the issues found in it.', {
    ...snapshotSummary,
    issues: list(reference('Issue'), 'The issues.'),
  }),

  PlanSummary: object('The steps from one commit to another, counted.', planSummary),

  Plan: object('The ordered steps that take the world from one commit to another.', {
    ...planSummary,
    changes: list(reference('PlannedChange'), 'The changes, in order.'),
  }),

  PlannedChange: object('What happens to one resource.', {
    ref: text('The resource.', 'Deployment/production/bird-strike'),
    type: { ...text('How it changes.', 'changed'), enum: ['added', 'changed', 'removed', 'affected'] },
    plugin: nullable(text('Who acts; null for a kind that nothing controls.', 'rollout')),
    path: text('Its file.', 'environments/production/bird-strike.yaml'),
    line: count('Counts from 1.', 1),
    fields: list(
      object('', {
        pointer: text('JSON pointer.', '/spec/version'),
        'before?': { description: 'Absent where the field was not there.' },
        'after?': { description: 'Absent where the field is gone.' },
      }),
      'Fields that differ.',
    ),
    steps: list(
      object('', {
        action: text('A verb.', 'load'),
        description: text('What is done.', 'load bird-strike 1.3.0'),
      }),
      'What is done, in order.',
    ),
  }),

  JournalEntry: object('Something that the platform did.', {
    sequence: count('Grows with each entry.', 42),
    time: time('When.'),
    type: text('What, for machines.', 'deployment.switched'),
    ref: nullable(text('For which resource.', 'Deployment/production/bird-strike')),
    commit: nullable(commitLike('For which commit.')),
    message: text('What, for people.', 'traffic moved from 1.2.0 to 1.3.0'),
    data: { type: 'object', description: 'The evidence.', examples: [{ from: '1.2.0', to: '1.3.0' }] },
  }),

  Accepted: object('It will be done soon; watch the events.', {
    accepted: text('What will be done.', 'Deployment/production/bird-strike will be reconciled'),
  }),

  Acknowledged: object('The held commit is let through.', {
    commit: commit('The commit.'),
    by: text('Who let it through.', 'ada'),
  }),

  Health: object('The process is alive.', {
    status: { const: 'alive', description: 'Always this, where there is an answer.' },
  }),

  Readiness: object('Whether this process does its work.', {
    ready: flag('False: it should get no traffic yet, or no more.', true),
    checks: list(
      object('', {
        name: text('What was checked.', 'first-commit'),
        status: {
          ...text('`fail` makes the whole not ready; `warn` asks for a human and does not.', 'pass'),
          enum: ['pass', 'warn', 'fail'],
        },
        message: text('What was found.', 'commit 3f78685 is applied'),
      }),
      'What was checked.',
    ),
  }),

  Index: object('Where to go from here.', {
    name: text('This program.', 'switchyard'),
    version: text('Its version.', '0.1.0'),
    links: textMap('What there is.', { docs: '/docs' }),
  }),
};

/** A page of a list, and where the next begins. */
export function pageOf(item: string, next: JsonSchema): JsonSchema {
  return object('', { items: list(reference(item), 'In order.'), next: nullable(next) });
}

export function listOf(item: string): JsonSchema {
  return object('', { items: list(reference(item), 'In order.') });
}

export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Every property is required but those whose name ends in `?`. */
function object(description: string, properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const entries = Object.entries(properties);
  return {
    type: 'object',
    ...(description && { description }),
    required: entries.map(([name]) => name).filter((name) => !name.endsWith('?')),
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ''), schema])),
  };
}

export function text(description: string, example: string): JsonSchema {
  return { type: 'string', description, examples: [example] };
}

export function count(description: string, example: number): JsonSchema {
  return { type: 'integer', description, examples: [example], minimum: 0 };
}

function flag(description: string, example: boolean): JsonSchema {
  return { type: 'boolean', description, examples: [example] };
}

function time(description: string): JsonSchema {
  return { ...text(`${description} RFC 3339.`, '2026-03-01T12:00:00.000Z'), format: 'date-time' };
}

function digest(description: string): JsonSchema {
  return text(
    `sha256. ${description}`,
    'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
  );
}

export function commit(description: string): JsonSchema {
  return { ...commitLike(description), pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$' };
}

/** Where a commit may also be unknown: empty. */
function commitLike(description: string): JsonSchema {
  return text(description, exampleCommit);
}

function textMap(description: string, example: Readonly<Record<string, string>>): JsonSchema {
  return { type: 'object', description, additionalProperties: { type: 'string' }, examples: [example] };
}

function list(items: JsonSchema, description: string): JsonSchema {
  return { type: 'array', description, items };
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}
