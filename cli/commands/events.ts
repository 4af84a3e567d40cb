import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';
import { type EventName, eventNames } from '../platform/event-names.ts';

export interface EventsOptions {
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
        const { runEvents } = await import('../platform/run-events.ts');
        return runEvents(options, terminal);
      }),
    );
}
