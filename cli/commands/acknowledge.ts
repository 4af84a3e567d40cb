import type { Command } from 'commander';
import { connect } from '../client/api.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { apiOption } from '../output-option.ts';

/** Adds `switchyard acknowledge COMMIT`. */
export function addAcknowledge(program: Command, { terminal, act }: Context): void {
  program
    .command('acknowledge')
    .description('let a held commit through, after a look at what it would remove')
    .argument('<commit>', 'the whole id of the held commit, as `switchyard status` shows it')
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
A commit that would remove a large share of all resources is held (MassRemovalHeld) until somebody lets it through.

Examples:
  switchyard status
  switchyard acknowledge 3f786850e387550fdab836ed7e6dc881de23001b`,
    )
    .action(
      act(async (commit: string, options: { api?: string }) => {
        const api = await connect(options, terminal);
        await api.post(`/snapshots/${encodeURIComponent(commit)}/acknowledge`, {
          by: userName(terminal.environment),
        });
        terminal.out(`Commit ${commit.slice(0, 10)} is let through.\n`);
        return exitCodes.success;
      }),
    );
}

function userName(environment: Readonly<Record<string, string | undefined>>): string {
  return environment.USER || environment.LOGNAME || 'someone at the command line';
}
