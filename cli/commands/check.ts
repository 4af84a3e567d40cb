import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { outputOption } from '../output-option.ts';

export interface CheckOptions {
  output?: 'json' | 'yaml' | 'sarif' | 'github';
  strict?: boolean;
  config?: string;
}

/** Adds `switchyard check [PATH|REF]`. */
export function addCheck(program: Command, { terminal, act }: Context): void {
  program
    .command('check')
    .description('check every manifest, offline, by the same code as the platform')
    .argument('[target]', 'a folder or file, or a branch, tag or commit of the current repository', '.')
    .option('--strict', 'warnings count as errors')
    .option(
      '--config <file>',
      'the operator’s configuration, which says where plugins are (default: SWITCHYARD_CONFIG)',
    )
    .addOption(
      outputOption(['json', 'yaml', 'sarif', 'github'], 'for programs, code scanning, or a GitHub workflow'),
    )
    .addHelpText(
      'after',
      `
A folder is checked as it is on disk, committed or not. A path wins over a branch of the same name: write refs/heads/NAME.

Examples:
  switchyard check
  switchyard check environments/production
  switchyard check origin/main --output json
  switchyard check --output github          in a workflow: annotations on the pull request
  switchyard check --output sarif > issues.sarif

Exit status: 0 when there is no error, 1 when there is (or a warning, with --strict), 4 when there is nothing to check.`,
    )
    .action(
      act(async (named: string, options: CheckOptions) => {
        const { runCheck } = await import('../check/run-check.ts');
        return runCheck(named, options, terminal);
      }),
    );
}
