import { gitEnvironment, runGit } from '../../libraries/git/git-command.ts';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import type { Terminal } from '../terminal.ts';

/**
 * Brings the work tree along where it has the branch checked out that was just moved: else git would show the merge as if
 * somebody had undone it. Changes that are not committed stay; where they are in the way, the work tree stays and the
 * answer says how to go on.
 */
export async function followInWorkTree(
  repository: OpenedRepository,
  root: string,
  {
    reference,
    before,
    after,
  }: { readonly reference: string; readonly before: string; readonly after: string },
  { environment }: Pick<Terminal, 'environment'>,
): Promise<string | undefined> {
  if (repository.gitFolder === root || (await repository.headReference()) !== reference) return undefined;
  const options = { cwd: root, environment: gitEnvironment(environment) };
  const hint = `The work tree still has what was before. See \`git status\`, then \`git reset --keep ${after.slice(0, 10)}\`.`;
  const moved = await runGit(['read-tree', '-m', '-u', before, after], options).catch(() => undefined);
  return moved?.status === 0 ? undefined : hint;
}

/** Files of the work tree that differ from a commit: path → content, or null where it is gone. New files count, ignored ones do not. */
export async function changedFiles(
  root: string,
  base: string,
  paths: readonly string[],
  { environment }: Pick<Terminal, 'environment'>,
): Promise<readonly string[]> {
  const options = { cwd: root, environment: gitEnvironment(environment) };
  const list = async (words: readonly string[]) => {
    const { status, stdout, stderr } = await runGit([...words, '--', ...paths], options);
    if (status !== 0) throw new Error(stderr.trim());
    return stdout.toString('utf8').split('\0').filter(Boolean);
  };
  const changed = await list(['diff', '--name-only', '--no-renames', '-z', base]);
  const added = await list(['ls-files', '--others', '--exclude-standard', '-z']);
  return [...new Set([...changed, ...added])].sort();
}
