import type { Command } from 'commander';
import { type Api, connect } from '../client/api.ts';
import {
  kindMeant,
  readKinds,
  readResources,
  resourceMeant,
  type ShownKind,
  type ShownResource,
  targetOf,
} from '../client/resources.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { gapNote } from '../output/gap-note.ts';
import { resourceTable } from '../output/resources.ts';
import { type StructuredFormat, structured, structuredLine } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';
import type { Terminal } from '../terminal.ts';

interface GetOptions {
  api?: string;
  environment?: string;
  label: string[];
  watch?: boolean;
  output?: StructuredFormat | 'wide' | 'name';
}

/** Adds `switchyard get KIND [NAME]`. */
export function addGet(program: Command, { terminal, act }: Context): void {
  program
    .command('get')
    .description('list resources with their conditions')
    .argument('<kind>', 'a kind (deployment, deployments, deploy), all, or Kind/scope/name')
    .argument('[name]', 'one resource: name, or scope/name')
    .option('-e, --environment <name>', 'only what lives in this environment')
    .option(
      '-l, --label <name=value>',
      'only what carries this label; repeat it to ask for several',
      collect,
      [],
    )
    .option('-w, --watch', 'stay, and print each resource again when its conditions change')
    .addOption(outputOption(['wide', 'name', 'json', 'yaml'], 'more columns, names only, or for programs'))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard get all
  switchyard get deployments -e production
  switchyard get deployment bird-strike -o yaml
  switchyard get modelversions -l line=eu --watch

Exit status: 0, or 4 when a named resource or kind is not there.`,
    )
    .action(
      act(async (kindWord: string, name: string | undefined, options: GetOptions) => {
        const api = await connect(options, terminal);
        const kinds = await readKinds(api);
        const target = targetOf(kindWord, name);
        if (target.kind === 'all') {
          if (target.name)
            throw usageError('"all" takes no name', 'Name a kind: switchyard get deployment NAME.');
          const shown = matching(await readResources(api, { environment: options.environment }), options);
          print(shown, kinds, options, terminal, false);
          if (options.watch)
            await watch(api, kinds, (one) => matching([one], options).length > 0, options, terminal);
          return exitCodes.success;
        }
        const kind = kindMeant(target.kind, kinds);
        const one = target.name !== undefined;
        const shown = one
          ? [await resourceMeant(api, kind, target, options.environment)]
          : matching(
              await readResources(api, { kind: kind.kind, environment: options.environment }),
              options,
            );
        print(shown, kinds, options, terminal, one);
        if (options.watch) {
          const wanted = one
            ? (other: ShownResource) => other.ref === shown[0]?.ref
            : (other: ShownResource) => other.kind === kind.kind && matching([other], options).length > 0;
          await watch(api, kinds, wanted, options, terminal);
        }
        return exitCodes.success;
      }),
    );
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function matching(resources: readonly ShownResource[], options: GetOptions): readonly ShownResource[] {
  const wanted = options.label.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usageError(`"${pair}" is no label`, 'Write it as name=value: -l team=safety.');
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return resources.filter(
    ({ ref, metadata }) =>
      (options.environment === undefined || ref.split('/')[1] === options.environment) &&
      wanted.every(([label, value]) => metadata.labels?.[label] === value),
  );
}

function print(
  shown: readonly ShownResource[],
  kinds: readonly ShownKind[],
  options: GetOptions,
  terminal: Terminal,
  one: boolean,
): void {
  if (options.output === 'json' || options.output === 'yaml') {
    const format = options.output;
    if (options.watch) for (const each of shown) terminal.out(structuredLine(each, format));
    else terminal.out(structured(one ? shown[0] : { items: shown }, format));
    return;
  }
  if (options.output === 'name') {
    terminal.out(shown.map(({ ref }) => `${ref}\n`).join(''));
    return;
  }
  const groups = groupByKind(shown);
  if (shown.length === 0) terminal.err('Nothing matches.\n');
  const tables = [...groups].map(([name, resources]) => {
    const kind = kinds.find((known) => known.kind === name) ?? { kind: name, plural: name, description: '' };
    const heading = groups.size > 1 ? `${terminal.colours.bold(kind.plural)}\n` : '';
    return (
      heading + resourceTable(kind, resources, terminal, { wide: options.output === 'wide', now: Date.now() })
    );
  });
  terminal.out(tables.join('\n'));
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

/** Prints a row whenever the conditions of a wanted resource change, until Ctrl-C. */
async function watch(
  api: Api,
  kinds: readonly ShownKind[],
  isWanted: (shown: ShownResource) => boolean,
  options: GetOptions,
  terminal: Terminal,
): Promise<void> {
  for await (const event of api.follow('/events', (state) => gapNote(state, terminal))) {
    if (event.event !== 'resource.status' && event.event !== 'resource.removed') continue;
    const { ref } = JSON.parse(event.data) as { ref: string };
    if (event.event === 'resource.removed') {
      const gone = {
        ref,
        kind: ref.split('/')[0] ?? '',
        metadata: { name: ref.split('/').at(-1) ?? '' },
        status: null,
        issues: [],
      };
      if (isWanted(gone)) terminal.out(`${terminal.colours.dim(`${ref} is gone`)}\n`);
      continue;
    }
    const shown = await api.get<ShownResource>(`/resources/${ref}`).catch(() => undefined);
    if (!shown || !isWanted(shown)) continue;
    if (options.output === 'json' || options.output === 'yaml') {
      terminal.out(structuredLine(shown, options.output));
    } else if (options.output === 'name') {
      terminal.out(`${ref}\n`);
    } else {
      const kind = kinds.find((known) => known.kind === shown.kind);
      if (kind) {
        terminal.out(
          resourceTable(kind, [shown], terminal, {
            wide: options.output === 'wide',
            now: Date.now(),
            header: false,
          }),
        );
      }
    }
  }
}
