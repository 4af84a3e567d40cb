import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { outputOption } from '../output-option.ts';

/** Adds `switchyard version`. */
export function addVersion(program: Command, { terminal, act }: Context): void {
  program
    .command('version')
    .description('show the versions of switchyard and of what it stands on')
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText('after', '\nExamples:\n  switchyard version\n  switchyard version -o json')
    .action(
      act(async (options: { output?: 'json' | 'yaml' }) => {
        const { runVersion } = await import('../about/run-version.ts');
        return runVersion(options, terminal);
      }),
    );
}
