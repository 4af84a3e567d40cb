import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { notARepository } from '../../core/source/errors.ts';
import { openRepository } from '../../core/source/open-repository.ts';
import type { Repository } from '../../core/source/repository.ts';
import type { Context } from '../context.ts';
import { revisionNotFound } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { planAsMarkdown, planForPeople } from '../output/plan.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import { type OfflinePlan, planBetween } from '../planning/plan-between.ts';
import { findRegistry } from '../registry-folder.ts';
import type { Terminal } from '../terminal.ts';

interface PlanOptions {
  from: string;
  to: string;
  repo: string;
  output?: 'json' | 'yaml' | 'markdown';
}

/** Adds `switchyard plan`. */
export function addPlan(program: Command, { terminal, act }: Context): void {
  program
    .command('plan')
    .description('show, offline, what a platform would do to get from one commit to another')
    .requiredOption('--from <revision>', 'where it is: a branch, tag or commit; or `nothing`')
    .option('--to <revision>', 'where it shall get', 'HEAD')
    .option('--repo <path>', 'the registry', '.')
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
        const folder = resolve(terminal.folder, options.repo);
        const root = await findRegistry(folder);
        if (root === undefined) throw notARepository(folder, 'neither it nor a folder above it holds one');
        const repository = await openRepository(root);
        try {
          const from = options.from === 'nothing' ? null : await commitOf(repository, options.from, root);
          const to = await commitOf(repository, options.to, root);
          const work = planBetween(repository, root, from, to);
          const made = await withProgress(terminal, `planning from ${options.from} to ${options.to}`, work);
          print(made, options, terminal);
          const hasErrors = made.issues.some(({ severity }) => severity === 'error');
          return hasErrors || made.held ? exitCodes.problems : exitCodes.success;
        } finally {
          await repository.close();
        }
      }),
    );
}

async function commitOf(repository: Repository, revision: string, root: string): Promise<string> {
  const commit = await repository.resolve(revision);
  if (commit === undefined) throw revisionNotFound(revision, root);
  return commit;
}

function print({ plan, issues, held }: OfflinePlan, options: PlanOptions, terminal: Terminal): void {
  const errors = issues.filter(({ severity }) => severity === 'error');
  const notes = [
    ...(held ? [`This commit would be held (${held.reason}): ${held.message}.`] : []),
    ...(errors.length > 0
      ? [
          `${errors.length} ${errors.length === 1 ? 'error' : 'errors'} in the commit: what they are about stays as it was. See \`switchyard check\`.`,
        ]
      : []),
  ];
  switch (options.output) {
    case 'json':
    case 'yaml':
      terminal.out(structured({ ...plan, held: held ?? null, errors: errors.length }, options.output));
      return;
    case 'markdown':
      terminal.out(planAsMarkdown(plan) + notes.map((note) => `\n> [!WARNING]\n> ${note}\n`).join(''));
      return;
    default: {
      const { yellow } = terminal.colours;
      terminal.out(
        planForPeople(plan, terminal.colours) + notes.map((note) => `${yellow('!')} ${note}\n`).join(''),
      );
    }
  }
}
