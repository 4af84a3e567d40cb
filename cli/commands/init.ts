import type { Command } from 'commander';
import type { Context } from '../context.ts';

/** Adds `switchyard init DIR`. */
export function addInit(program: Command, { terminal, act }: Context): void {
  program
    .command('init')
    .description('make a registry from the template: a Git repository with its first commit')
    .argument('<dir>', 'the folder to make; it must not exist yet, or be empty')
    .option('--name <name>', "the platform's name (default: the folder's)")
    .addHelpText(
      'after',
      '\nExamples:\n  switchyard init registry\n  switchyard init /srv/registry --name fraud-models',
    )
    .action(
      act(async (folder: string, options: { name?: string }) => {
        const { runInit } = await import('../init/run-init.ts');
        return runInit(folder, options, terminal);
      }),
    );
}
