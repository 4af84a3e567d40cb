import type { Command } from 'commander';
import type { JournalEntry } from '../../core/plugin.ts';
import { connect } from '../client/api.ts';
import { readJournal } from '../client/journal.ts';
import { kindMeant, readKinds, resourceMeant, targetOf } from '../client/resources.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeResource } from '../output/describe-resource.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

interface DescribeOptions {
  api?: string;
  environment?: string;
  output?: StructuredFormat;
}

/** Adds `switchyard describe KIND NAME`. */
export function addDescribe(program: Command, { terminal, act }: Context): void {
  program
    .command('describe')
    .description('show everything about one resource: spec, conditions, origin, recent journal')
    .argument('<kind>', 'a kind, or Kind/scope/name')
    .argument('[name]', 'name, or scope/name')
    .option('-e, --environment <name>', 'the environment that it lives in')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard describe deployment bird-strike -e production
  switchyard describe Deployment/production/bird-strike
  switchyard describe modelversion bird-strike/1.1.0 -o yaml`,
    )
    .action(
      act(async (kindWord: string, name: string | undefined, options: DescribeOptions) => {
        const target = targetOf(kindWord, name);
        if (target.name === undefined) {
          throw usageError('describe needs a name', `List them with: switchyard get ${kindWord}.`);
        }
        const api = await connect(options, terminal);
        const kind = kindMeant(target.kind, await readKinds(api));
        const shown = await resourceMeant(api, kind, target, options.environment);
        const journal: readonly JournalEntry[] = await readJournal(api, { ref: shown.ref, limit: 10 });
        terminal.out(
          options.output
            ? structured({ ...shown, journal }, options.output)
            : describeResource(shown, journal, terminal.colours, Date.now()),
        );
        return exitCodes.success;
      }),
    );
}
