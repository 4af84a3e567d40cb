import type { Repository } from '../../../libraries/git/repository.ts';

export type MergeOutcome = { readonly commit: string } | { readonly conflicts: readonly string[] };

/**
 * What the base would be after the merge: a commit that no reference names. The same base and head give the same commit,
 * so that what is known of it holds after a restart.
 */
export async function mergeResult(repository: Repository, base: string, head: string): Promise<MergeOutcome> {
  const result = await repository.mergeTree(base, head);
  if ('conflicts' in result) return result;
  const [ours, theirs] = await repository.commits([base, head]);
  const time = Math.max(ours?.committer.time ?? 0, theirs?.committer.time ?? 0);
  const commit = await repository.makeCommit({
    message: 'Merge result\n',
    author: planner,
    time,
    parents: [base, head],
    tree: result.tree,
  });
  return { commit };
}

const planner = { name: 'Switchyard', email: 'switchyard@localhost' };
