import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

/** Adds the hidden `switchyard __complete -- WORDS…`, which the completion scripts ask. It never fails and never waits long. */
export function addComplete(program: Command, { terminal, act }: Context): void {
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(
      act(async (words: readonly string[]) => {
        const { candidates } = await import('../completion/candidates.ts');
        const found = await candidates(program, words, terminal);
        for (const { word, description } of found) {
          terminal.out(description === undefined ? `${word}\n` : `${word}\t${description}\n`);
        }
        return exitCodes.success;
      }),
    );
}
