import { Argument, type Command } from 'commander';
import { type Shell, shells } from '../completion/shells.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';

/** Adds `switchyard completion SHELL`. */
export function addCompletion(program: Command, { terminal, act }: Context): void {
  program
    .command('completion')
    .description('print a script that completes verbs, flags, kinds and names by Tab')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  source <(switchyard completion bash)                                      now, in bash
  switchyard completion bash >> ~/.bashrc                                   for good, in bash
  switchyard completion zsh > "\${fpath[1]}/_switchyard"                     for good, in zsh
  switchyard completion fish > ~/.config/fish/completions/switchyard.fish   for good, in fish`,
    )
    .action(
      act(async (shell: Shell) => {
        const { completionScript } = await import('../completion/script.ts');
        terminal.out(completionScript(shell));
        return exitCodes.success;
      }),
    );
}
