import type { Command, Option } from 'commander';
import type { Proposal } from '../../core/capabilities/forge.ts';
import { printable } from '../../libraries/visible-text/index.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import { connect } from '../client/api.ts';
import { readKinds, readResources } from '../client/resources.ts';
import type { Terminal } from '../terminal.ts';
import { jobIds } from './job-ids.ts';
import { shells } from './shells.ts';

export interface Candidate {
  readonly word: string;
  readonly description?: string;
}

/** Longer than this, Tab feels stuck. */
const patience = 700;

/**
 * What may stand at the place of the last word, which may be empty. Names of kinds and resources come from the platform;
 * where none answers in time there are simply none of them.
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const all = await possible(program, before, current, terminal).catch(() => []);
  return all.filter(({ word }) => word === files || word.startsWith(current));
}

const files = ':files';

async function possible(
  program: Command,
  before: readonly string[],
  current: string,
  terminal: Terminal,
): Promise<readonly Candidate[]> {
  const verbAt = before.findIndex((word) => !word.startsWith('-'));
  const outer = program.commands.find((command) => command.name() === before[verbAt]);
  if (verbAt < 0) return current.startsWith('-') ? flags(program) : verbs(program);
  if (outer === undefined) return before[verbAt] === 'help' ? verbs(program) : [];

  // A verb may have verbs of its own: `policy test`.
  const inner = outer.commands.find((command) => command.name() === before[verbAt + 1]);
  if (outer.commands.length > 0 && inner === undefined) return current.startsWith('-') ? [] : verbs(outer);
  const verb = inner ?? outer;
  const rest = before.slice(verbAt + (inner === undefined ? 1 : 2));
  const waiting = optionWaiting(verb, rest);
  if (waiting) return valuesOf(waiting, verb.name(), positional(verb, rest), rest, terminal);
  if (current.startsWith('-')) return [...flags(verb), ...flags(program)];
  return argumentsOf(verb, positional(verb, rest), rest, terminal);
}

function verbs(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ word: command.name(), description: command.description() }));
}

function flags(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({ word: option.long ?? option.short ?? '', description: option.description }));
}

/** The flag whose value is being typed. */
function optionWaiting(verb: Command, rest: readonly string[]): Option | undefined {
  const previous = rest.at(-1);
  if (previous === undefined) return undefined;
  const option = verb.options.find((known) => known.long === previous || known.short === previous);
  return option && (option.required || option.optional) ? option : undefined;
}

function positional(verb: Command, rest: readonly string[]): string[] {
  const found: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? '';
    if (!word.startsWith('-')) found.push(word);
    else if (optionWaiting(verb, rest.slice(0, index + 1))) index++;
  }
  return found;
}

async function valuesOf(
  option: Option,
  verb: string,
  [model]: readonly string[],
  rest: readonly string[],
  terminal: Terminal,
): Promise<Candidate[]> {
  if (option.argChoices) return option.argChoices.map((word) => ({ word }));
  const long = option.long ?? '';
  if (environments.has(long) || environments.has(`${verb} ${long}`)) {
    return names('Environment', rest, terminal);
  }
  if (`${verb} ${long}` === 'rollback --to') return versionsOf(model, rest, terminal);
  if (long === '--model') return names('Model', rest, terminal);
  // Those of the log are named with their environment.
  if (long === '--deployment') return (verb === 'export' ? paths : names)('Deployment', rest, terminal);
  if (option.long === '--ref') return references(rest, terminal);
  if (option.long === '--into' || option.long === '--line') return linesOf(model, rest, terminal);
  if (takesAFile.has(option.long ?? '')) return [{ word: files }];
  return [];
}

/** Flags that name an environment, of all verbs or of one. */
const environments = new Set(['--environment', '--env', 'promote --to', 'rollback --in']);

const takesAFile = new Set([
  '--data',
  '--file',
  '--write',
  '--repo',
  '--config',
  '--artifact',
  '--out',
  '--save',
  '--examples',
  '--describe',
]);

async function argumentsOf(
  verb: Command,
  given: readonly string[],
  rest: readonly string[],
  terminal: Terminal,
): Promise<Candidate[]> {
  const [first] = given;
  if (verb.parent?.name() === 'secrets') return secretsOf(verb.name(), given, terminal);
  if (verb.parent?.name() === 'jobs')
    return first === undefined ? jobIds(verb.name(), await quickApi(rest, terminal)) : [];
  if (verb.parent?.name() === 'rollout') {
    return first === undefined ? names('Deployment', rest, terminal) : [];
  }
  switch (verb.name()) {
    case 'get':
    case 'describe':
    case 'reconcile':
      if (first === undefined) {
        const known = await kinds(rest, terminal);
        return verb.name() === 'get' ? [{ word: 'all', description: 'every resource' }, ...known] : known;
      }
      return given.length === 1 ? names(first, rest, terminal) : [];
    case 'predict':
    case 'slo':
      return first === undefined ? names('Deployment', rest, terminal) : [];
    case 'promote':
    case 'quarantine':
    case 'retire':
      if (first === undefined) return names('Model', rest, terminal);
      return given.length === 1 ? versionsOf(first, rest, terminal) : [];
    case 'rollback':
    case 'history':
    case 'lines':
    case 'why':
      return first === undefined ? names('Model', rest, terminal) : [];
    case 'register':
      if (first === undefined) return names('Model', rest, terminal);
      return given.length === 1 ? [{ word: files }] : [];
    case 'merge-lines':
      if (first === undefined) return names('Model', rest, terminal);
      return given.length === 1 ? linesOf(first, rest, terminal) : [];
    case 'show':
    case 'review':
    case 'merge':
    case 'close':
      return first === undefined ? openProposals(rest, terminal) : [];
    case 'diff':
      if (first === undefined) return pinnedVersions(rest, terminal);
      return given.length === 1 ? versionsOf(first.split('@')[0], rest, terminal) : [];
    case 'blame':
      return first === undefined ? paths('Deployment', rest, terminal) : [];
    case 'schema':
      return first === undefined ? kinds(rest, terminal) : [];
    case 'acknowledge':
      return first === undefined ? heldCommit(rest, terminal) : [];
    case 'completion':
      return first === undefined ? shells.map((word) => ({ word })) : [];
    case 'check':
    case 'test':
    case 'init':
    case 'up':
      return first === undefined ? [{ word: files }] : [];
    case 'rollout':
    case 'analysistemplate':
    case 'canary':
      // `import` takes any number of them.
      return verb.parent?.name() === 'import' ? [{ word: files }] : [];
    default:
      return [];
  }
}

async function kinds(rest: readonly string[], terminal: Terminal): Promise<Candidate[]> {
  const known = await readKinds(await quickApi(rest, terminal));
  return known.map((kind) => ({ word: kind.plural, description: kind.description }));
}

async function names(kind: string, rest: readonly string[], terminal: Terminal): Promise<Candidate[]> {
  const api = await quickApi(rest, terminal);
  const known = await readKinds(api);
  const meant = known.find((one) => [one.kind, one.plural, ...(one.shortNames ?? [])].includes(kind));
  if (meant === undefined) return [];
  const resources = await readResources(api, { kind: meant.kind });
  const scopes = new Map<string, string[]>();
  for (const { ref } of resources) {
    const [, ...parts] = ref.split('/');
    const name = parts.at(-1) ?? '';
    scopes.set(name, [...(scopes.get(name) ?? []), ...parts.slice(0, -1)]);
  }
  return [...scopes].map(([word, within]) => ({ word, description: within.join(', ') || undefined }));
}

/** Secrets of the registry around, and the keys of one: no platform is asked, and nothing is decrypted. */
async function secretsOf(verb: string, given: readonly string[], terminal: Terminal): Promise<Candidate[]> {
  const { keysOfSecret, secretNames } = await import('./secret-names.ts');
  const [first] = given;
  const takesMany = verb === 'rotate' || verb === 'updatekeys';
  if (first === undefined ? verb !== 'audit' && verb !== 'merge' : takesMany) {
    return [...(await secretNames(terminal)).map((word) => ({ word })), { word: files }];
  }
  const takesKey = (verb === 'set' || verb === 'get') && given.length === 1;
  return takesKey ? (await keysOfSecret(first ?? '', terminal)).map((word) => ({ word })) : [];
}

/** Resources of a kind with what they are in: `staging/bird-strike`. */
async function paths(kind: string, rest: readonly string[], terminal: Terminal): Promise<Candidate[]> {
  const resources = await readResources(await quickApi(rest, terminal), { kind });
  return resources.map(({ ref }) => ({ word: ref.slice(kind.length + 1) }));
}

/** The versions of a model. */
async function versionsOf(
  model: string | undefined,
  rest: readonly string[],
  terminal: Terminal,
): Promise<Candidate[]> {
  const all = await paths('ModelVersion', rest, terminal);
  return all
    .filter(({ word }) => word.startsWith(`${model}/`))
    .map(({ word }) => ({ word: word.slice(word.indexOf('/') + 1) }));
}

/** All versions as they are pinned: `bird-strike@1.0.0`. */
async function pinnedVersions(rest: readonly string[], terminal: Terminal): Promise<Candidate[]> {
  const all = await paths('ModelVersion', rest, terminal);
  return all.map(({ word }) => ({ word: word.replace('/', '@') }));
}

/** Open proposals by number, newest first. */
async function openProposals(rest: readonly string[], terminal: Terminal): Promise<Candidate[]> {
  const api = await quickApi(rest, terminal);
  const { items } = await api.get<{ items: readonly { readonly proposal: Proposal }[] }>(
    '/plugins/proposals/proposals?state=open',
  );
  return items.map(({ proposal: { number, title } }) => ({
    word: String(number),
    description: printable(title).replace(/\s+/g, ' '),
  }));
}

/** The lines of versions that a model declares. */
async function linesOf(
  model: string | undefined,
  rest: readonly string[],
  terminal: Terminal,
): Promise<Candidate[]> {
  const models = await readResources(await quickApi(rest, terminal), { kind: 'Model' });
  const spec = models.find(({ metadata }) => metadata.name === model)?.spec as Partial<ModelSpec> | undefined;
  return spec === undefined ? [] : (spec.lines ?? ['main']).map((word) => ({ word }));
}

async function references(rest: readonly string[], terminal: Terminal): Promise<Candidate[]> {
  return (await readResources(await quickApi(rest, terminal), {})).map(({ ref }) => ({ word: ref }));
}

async function heldCommit(rest: readonly string[], terminal: Terminal): Promise<Candidate[]> {
  const api = await quickApi(rest, terminal);
  const head = await api.get<{ held: { commit: string; reason: string } | null }>('/head');
  return head.held?.reason === 'MassRemovalHeld'
    ? [{ word: head.held.commit, description: head.held.reason }]
    : [];
}

function quickApi(rest: readonly string[], terminal: Terminal) {
  const at = rest.indexOf('--api');
  return connect({ api: at < 0 ? undefined : rest[at + 1], timeout: patience }, terminal);
}
