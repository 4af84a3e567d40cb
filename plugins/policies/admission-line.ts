import { codeOf } from '../../core/plugin.ts';
import type { Commit, Repository } from '../../libraries/git/repository.ts';

type History = Pick<Repository, 'commit' | 'isAncestor' | 'log'>;

/** One move of the branch, from a commit that is admitted to the next one that is to be judged. */
export interface Step {
  readonly from: string;
  readonly to: Commit;
  /** Whether `from` is the first parent of `to`; otherwise all that is between them came at once. */
  readonly isDirect: boolean;
}

/** Longer ones are taken as one step. */
const maxSteps = 20_000;

/**
 * The moves that took the branch from one commit to a later one, oldest first: the first parents, one after another.
 * Where the earlier commit is not one of them (somebody merged the branch into their own), it is one single step.
 */
export async function stepsBetween(from: string, to: string, repository: History): Promise<readonly Step[]> {
  const newest: Commit[] = [];
  let next: string | undefined = to;
  for (let limit = 32; next !== undefined && newest.length < maxSteps; limit = Math.min(limit * 4, 4096)) {
    for (const commit of await repository.log(next, { limit })) {
      if (commit.id === from) return linked(from, newest.reverse());
      newest.push(commit);
    }
    next = newest.at(-1)?.parents[0];
  }
  return [{ from, to: await repository.commit(to), isDirect: false }];
}

/** Whether `ancestor` is in the history of `descendant`; not so where it is gone from the repository. */
export async function isInHistory(
  ancestor: string,
  descendant: string,
  repository: Pick<Repository, 'isAncestor'>,
): Promise<boolean> {
  if (ancestor === descendant) return true;
  try {
    return await repository.isAncestor(ancestor, descendant);
  } catch (thrown) {
    if (codeOf(thrown) === 'ObjectMissing') return false;
    throw thrown;
  }
}

/** All commits that a step brings, the newest first; undefined where there are more than `limit`. */
export async function commitsOf(
  { from, to, isDirect }: Step,
  repository: History,
  limit: number,
): Promise<readonly Commit[] | undefined> {
  const found: Commit[] = [];
  const seen = new Set([from]);
  const waiting = [to.id];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const isNew = id === to.id || !(await repository.isAncestor(id, from));
    if (!isNew) continue;
    if (found.length === limit) return undefined;
    const commit = id === to.id ? to : await repository.commit(id);
    found.push(commit);
    waiting.push(...(isDirect && id === to.id ? commit.parents.slice(1) : commit.parents));
  }
  return found;
}

function linked(from: string, commits: readonly Commit[]): Step[] {
  return commits.map((to, index) => ({ from: commits[index - 1]?.id ?? from, to, isDirect: true }));
}
