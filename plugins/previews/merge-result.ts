import type { Proposal } from '../../core/capabilities/forge.ts';
import { mergeConflict } from '../../core/capabilities/forge-errors.ts';
import type { Registry } from '../../core/capabilities/registry.ts';

/**
 * What the base would be after the merge, as a commit that no reference names: the same base and head give the same one.
 * Throws `MergeConflict` with the paths.
 */
export async function mergeResult(
  { repository }: Registry,
  { number, head }: Proposal,
  base: string,
): Promise<string> {
  const result = await repository.mergeTree(base, head);
  if ('conflicts' in result) throw mergeConflict(number, result.conflicts);
  const [ours, theirs] = await repository.commits([base, head]);
  return repository.makeCommit({
    message: 'Merge result\n',
    author: { name: 'Switchyard', email: 'switchyard@localhost' },
    time: Math.max(ours?.committer.time ?? 0, theirs?.committer.time ?? 0),
    parents: [base, head],
    tree: result.tree,
  });
}
