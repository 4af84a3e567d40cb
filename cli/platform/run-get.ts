import { codeOf } from '../../core/errors.ts';
import { type Api, connect, connected } from '../client/api.ts';
import {
  kindMeant,
  type ResourceFilter,
  readKinds,
  readResources,
  resourceMeant,
  type ShownKind,
  type ShownResource,
  type Target,
  targetOf,
} from '../client/resources.ts';
import type { GetOptions } from '../commands/get.ts';
import { labelMissing, noSuchEnvironment, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { gapNote } from '../output/gap-note.ts';
import { resourceTable } from '../output/resources.ts';
import { structured, structuredLine } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';

/** Lists resources with their conditions, and answers the status to exit with. */
export async function runGet(
  kindWord: string | undefined,
  name: string | undefined,
  options: GetOptions,
  terminal: Terminal,
): Promise<number> {
  const api = await connect(options, terminal);
  if (kindWord === undefined) throw await kindNeeded(api);
  const kinds = await readKinds(api);
  const selection = await select(targetOf(kindWord, name), kinds, options, api);
  print(selection, kinds, options, terminal);
  if (!options.watch) return exitCodes.success;
  await watch(selection, kinds, options, api, terminal);
  return exitCodes.interrupted;
}

/** Lists the kinds of the platform, or those that come with Switchyard where none answers. */
async function kindNeeded(api: Api): Promise<Error> {
  const kinds = await readKinds(api).catch(async () => {
    const { builtInKinds } = await import('../registry-kinds.ts');
    return builtInKinds();
  });
  const names = kinds.map(({ plural }) => plural).join(', ');
  return usageError('get needs a kind', `Kinds: ${names}; or all. See \`switchyard help get\`.`);
}

interface Selection {
  readonly shown: readonly ShownResource[];
  /** One resource was named. */
  readonly isOne: boolean;
  /** What to ask the platform for, and what of its answer was meant. */
  readonly filter: ResourceFilter;
  isWanted(shown: ShownResource): boolean;
}

async function select(
  target: Target,
  kinds: readonly ShownKind[],
  options: GetOptions,
  api: Api,
): Promise<Selection> {
  const isAll = target.kind === 'all';
  if (isAll && target.name) {
    throw usageError('"all" takes no name', 'Name a kind: switchyard get deployment NAME.');
  }
  const kind = isAll ? undefined : kindMeant(target.kind, kinds);
  const filter = { kind: kind?.kind, environment: options.environment };
  if (kind && target.name !== undefined) {
    const only = await resourceMeant(api, kind, target, options.environment);
    const missing = options.label.filter((pair) => !carries(only, labelOf(pair)));
    if (missing.length > 0) throw labelMissing(only.ref, missing);
    return {
      shown: [only],
      isOne: true,
      filter: { kind: kind.kind },
      isWanted: (shown) =>
        shown.ref === only.ref && options.label.every((pair) => carries(shown, labelOf(pair))),
    };
  }
  const labels = options.label.map(labelOf);
  const isWanted = (shown: ShownResource) =>
    (kind === undefined || shown.kind === kind.kind) &&
    (options.environment === undefined || shown.metadata.environment === options.environment) &&
    labels.every((label) => carries(shown, label));
  const shown = (await readResources(api, filter)).filter(isWanted);
  if (shown.length === 0) await requireEnvironment(options.environment, kinds, api);
  return { shown, isOne: false, filter, isWanted };
}

/** That nothing was found may be because of a misspelt environment. */
async function requireEnvironment(
  name: string | undefined,
  kinds: readonly ShownKind[],
  api: Api,
): Promise<void> {
  if (name === undefined || !kinds.some(({ kind }) => kind === 'Environment')) return;
  const environments = await readResources(api, { kind: 'Environment' });
  const known = environments.map(({ ref }) => ref.slice(ref.lastIndexOf('/') + 1));
  if (!known.includes(name)) throw noSuchEnvironment(name, known);
}

function carries({ metadata }: ShownResource, [label, value]: readonly [string, string]): boolean {
  return metadata.labels?.[label] === value;
}

function labelOf(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw usageError(`"${pair}" is no label`, 'Write it as name=value: -l team=safety.');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function print(
  { shown, isOne }: Selection,
  kinds: readonly ShownKind[],
  options: GetOptions,
  terminal: Terminal,
): void {
  if (options.output === 'json' || options.output === 'yaml') {
    const format = options.output;
    if (options.watch) for (const each of shown) terminal.out(structuredLine(each, format));
    else terminal.out(structured(isOne ? shown[0] : { items: shown }, format));
    return;
  }
  if (options.output === 'name') {
    terminal.out(shown.map(({ ref }) => `${ref}\n`).join(''));
    return;
  }
  const groups = groupByKind(shown);
  if (shown.length === 0) terminal.err(`Nothing matches${asked(options)}.\n`);
  const tables = [...groups].map(([name, resources]) => {
    const kind = kinds.find((known) => known.kind === name) ?? { kind: name, plural: name, description: '' };
    const heading = groups.size > 1 ? `${terminal.colours.bold(kind.plural)}\n` : '';
    return (
      heading + resourceTable(kind, resources, terminal, { wide: options.output === 'wide', now: Date.now() })
    );
  });
  terminal.out(tables.join('\n'));
}

/** What was asked for, where that is why nothing matches. */
function asked({ environment, label }: GetOptions): string {
  const parts = [
    ...(environment === undefined ? [] : [`environment ${environment}`]),
    ...label.map((pair) => `label ${pair}`),
  ];
  return parts.length === 0 ? '' : ` ${oneLine(parts.join(', '))}; leave that out to see what there is`;
}

function groupByKind(shown: readonly ShownResource[]): Map<string, ShownResource[]> {
  const groups = new Map<string, ShownResource[]>();
  for (const each of shown) {
    const group = groups.get(each.kind);
    if (group) group.push(each);
    else groups.set(each.kind, [each]);
  }
  return groups;
}

/** Prints a row whenever what is shown of a wanted resource changes, until Ctrl-C. */
async function watch(
  selection: Selection,
  kinds: readonly ShownKind[],
  options: GetOptions,
  api: Api,
  terminal: Terminal,
): Promise<void> {
  const printed = new Map(selection.shown.map((shown) => [shown.ref, essence(shown)]));
  const printIfNew = (shown: ShownResource) => {
    if (!selection.isWanted(shown) || printed.get(shown.ref) === essence(shown)) return;
    printed.set(shown.ref, essence(shown));
    terminal.out(row(shown, kinds, options, terminal));
  };
  for await (const { event, data } of api.follow('/events', (state) => gapNote(state, terminal))) {
    if (event === connected) {
      // What changed before the stream began, or while it was broken.
      for (const shown of await readResources(api, selection.filter).catch(unlessGone)) printIfNew(shown);
    } else if (event === 'resource.status') {
      const { ref } = JSON.parse(data) as { ref: string };
      const shown = await api.get<ShownResource>(`/resources/${ref}`).catch(() => undefined);
      if (shown) printIfNew(shown);
    } else if (event === 'resource.removed') {
      const { ref } = JSON.parse(data) as { ref: string };
      if (printed.delete(ref)) terminal.err(`${terminal.errColours.dim(`${ref} is gone`)}\n`);
    }
  }
}

/** The platform went away again before it could be asked: the stream breaks too, and the next one begins with this. */
function unlessGone(error: unknown): readonly ShownResource[] {
  if (codeOf(error) === 'ServerUnreachable') return [];
  throw error;
}

/** What a watcher wants to hear of when it changes. */
function essence({ digest, status, issues }: ShownResource): string {
  const conditions = status?.conditions.map(({ type, status: is, reason, message }) => [
    type,
    is,
    reason,
    message,
  ]);
  return JSON.stringify([digest, status?.suspended, conditions, issues.length]);
}

function row(
  shown: ShownResource,
  kinds: readonly ShownKind[],
  options: GetOptions,
  terminal: Terminal,
): string {
  if (options.output === 'json' || options.output === 'yaml') return structuredLine(shown, options.output);
  if (options.output === 'name') return `${shown.ref}\n`;
  const kind = kinds.find((known) => known.kind === shown.kind) ?? {
    kind: shown.kind,
    plural: '',
    description: '',
  };
  const wide = options.output === 'wide';
  return resourceTable(kind, [shown], terminal, { wide, now: Date.now(), header: false });
}
