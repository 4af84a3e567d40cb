import { resolve } from 'node:path';
import type { RegistryPlan } from '../../core/capabilities/registry.ts';
import { notARepository } from '../../libraries/git/errors.ts';
import { openRepository } from '../../libraries/git/open-repository.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import type { PlanOptions } from '../commands/plan.ts';
import { revisionNotFound } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { planAsMarkdown, planForPeople } from '../output/plan.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import { findRegistry } from '../registry-folder.ts';
import { operatorFile } from '../registry-kinds.ts';
import type { Terminal } from '../terminal.ts';
import { planBetween } from './plan-between.ts';

/** Makes and prints a plan, and answers the status to exit with. */
export async function runPlan(options: PlanOptions, terminal: Terminal): Promise<number> {
  const folder = resolve(terminal.folder, options.repo);
  const root = await findRegistry(folder);
  if (root === undefined) throw notARepository(folder, 'neither it nor a folder above it holds one');
  const repository = await openRepository(root);
  try {
    const from = options.from === 'nothing' ? null : await commitOf(repository, options.from, root);
    const to = await commitOf(repository, options.to, root);
    const work = planBetween(repository, { root, operatorFile: operatorFile(options, terminal) }, from, to);
    const made = await withProgress(terminal, `planning from ${options.from} to ${options.to}`, work);
    print(made, options, terminal);
    const hasErrors = made.issues.some(({ severity }) => severity === 'error');
    return hasErrors || made.held ? exitCodes.problems : exitCodes.success;
  } finally {
    await repository.close();
  }
}

async function commitOf(repository: Repository, revision: string, root: string): Promise<string> {
  const commit = await repository.resolve(revision);
  if (commit === undefined) throw revisionNotFound(revision, root);
  return commit;
}

function print({ plan, issues, held }: RegistryPlan, options: PlanOptions, terminal: Terminal): void {
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
