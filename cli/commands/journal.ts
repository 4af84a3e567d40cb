import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';
import { upTo } from './number-arguments.ts';

export interface JournalOptions {
  api?: string;
  ref?: string;
  type?: string;
  commit?: string;
  limit: number;
  follow?: boolean;
  output?: StructuredFormat;
}

/** Adds `switchyard journal`. */
export function addJournal(program: Command, { terminal, act }: Context): void {
  program
    .command('journal')
    .description('show what the platform did, for which commit and with which evidence')
    .option('--ref <ref>', 'only about this resource: Deployment/production/bird-strike')
    .option('--type <type>', 'only entries of this type: snapshot.applied')
    .option('--commit <commit>', 'only for this commit: its id, or at least 4 digits of it')
    .option('--limit <count>', 'how many, newest first', upTo(1000), 50)
    .option('-f, --follow', 'stay, and print each new entry')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Entries are printed oldest first, so that the newest is at the bottom.

Examples:
  switchyard journal
  switchyard journal --ref Deployment/production/bird-strike --limit 5
  switchyard journal --follow -o json | jq .message`,
    )
    .action(
      act(async (options: JournalOptions) => {
        const { runJournal } = await import('../platform/run-journal.ts');
        return runJournal(options, terminal);
      }),
    );
}
