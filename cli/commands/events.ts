import { type Command, Option } from 'commander';
import type { Events } from '../../core/plugin.ts';
import { connect, connected } from '../client/api.ts';
import { readJournal } from '../client/journal.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { eventLine } from '../output/event-line.ts';
import { gapNote } from '../output/gap-note.ts';
import { type StructuredFormat, structuredLine } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

type EventName = keyof Events;

const eventNames = [
  'snapshot.applied',
  'snapshot.held',
  'plan.made',
  'resource.status',
  'resource.removed',
  'journal.appended',
] as const satisfies readonly EventName[];

interface EventsOptions {
  api?: string;
  follow?: boolean;
  type?: EventName;
  ref?: string;
  output?: StructuredFormat;
}

/** Adds `switchyard events`. */
export function addEvents(program: Command, { terminal, act }: Context): void {
  program
    .command('events')
    .description('show what happens, as it happens')
    .option('-f, --follow', 'stay until Ctrl-C; a broken connection is made anew')
    .addOption(new Option('--type <type>', 'only events of this type').choices(eventNames))
    .option('--ref <ref>', 'only about this resource: Deployment/production/bird-strike')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Without --follow: the last events that the platform recorded. \`switchyard journal\` searches them all.

Examples:
  switchyard events --follow
  switchyard events --follow --type resource.status -o json | jq -c .data.ref`,
    )
    .action(
      act(async (options: EventsOptions) => {
        const api = await connect(options, terminal);
        const print = (name: EventName, data: unknown) => {
          if (options.type !== undefined && options.type !== name) return;
          if (options.ref !== undefined && refOf(data) !== options.ref) return;
          terminal.out(
            options.output
              ? structuredLine({ event: name, data }, options.output)
              : eventLine(name, data as never, terminal.colours),
          );
        };
        if (!options.follow && options.type !== undefined && options.type !== 'journal.appended') {
          throw usageError(
            `events of the type ${options.type} are not recorded`,
            'Add --follow to see new ones.',
          );
        }
        if (!options.follow) {
          const recent = await readJournal(api, { ref: options.ref, limit: 20 });
          for (const entry of [...recent].reverse()) print('journal.appended', { entry });
          return exitCodes.success;
        }
        for await (const event of api.follow('/events', (state) => gapNote(state, terminal))) {
          const name = eventNames.find((known) => known === event.event);
          if (event.event !== connected && name) print(name, JSON.parse(event.data));
        }
        return exitCodes.interrupted;
      }),
    );
}

function refOf(data: unknown): unknown {
  const { ref, entry } = data as { ref?: unknown; entry?: { ref?: unknown } };
  return ref ?? entry?.ref;
}
