import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { apiOption } from '../output-option.ts';

/** Adds `switchyard acknowledge COMMIT`. */
export function addAcknowledge(program: Command, { terminal, act }: Context): void {
  program
    .command('acknowledge')
    .description('let a held commit through, after a look at what it would remove')
    .argument(
      '<commit>',
      'the held commit, as `switchyard status` shows it: its id, or at least 4 digits of it',
    )
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
A commit that would remove a large share of all resources is held (MassRemovalHeld) until somebody lets it through.
Look at what it would remove first: \`switchyard status\` prints the command.

Examples:
  switchyard status
  switchyard plan --from 9c05026578 --to 3f786850e3       from what is applied to what is held
  switchyard acknowledge 3f786850e3`,
    )
    .action(
      act(async (named: string, options: { api?: string }) => {
        const { runAcknowledge } = await import('../platform/run-acknowledge.ts');
        return runAcknowledge(named, options, terminal);
      }),
    );
}
