import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';

export interface PlanOptions {
  from: string;
  to: string;
  repo: string;
  output?: 'json' | 'yaml' | 'markdown';
  config?: string;
}

/** Adds `switchyard plan`. */
export function addPlan(program: Command, { terminal, act }: Context): void {
  program
    .command('plan')
    .description('show, offline, what a platform would do to get from one commit to another')
    .requiredOption('--from <revision>', 'where it is: a branch, tag or commit; or `nothing`')
    .option('--to <revision>', 'where it shall get', 'HEAD')
    .option('--repo <path>', 'the registry', '.')
    .option(
      '--config <file>',
      'the operator’s configuration, which says where plugins are (default: SWITCHYARD_CONFIG)',
    )
    .addOption(
      new Option('-o, --output <format>', 'for programs, or for a comment on a pull request').choices([
        'json',
        'yaml',
        'markdown',
      ]),
    )
    .addHelpText(
      'after',
      `
The plan is made by the same code as the platform's, and touches nothing.

Examples:
  switchyard plan --from main --to HEAD
  switchyard plan --from HEAD~1 --output markdown
  switchyard plan --from nothing --to v1 --repo ../registry -o json

Exit status: 0, or 1 when the commit has errors or would be held, 4 when there is no such commit.`,
    )
    .action(
      act(async (options: PlanOptions) => {
        const { runPlan } = await import('../planning/run-plan.ts');
        return runPlan(options, terminal);
      }),
    );
}
