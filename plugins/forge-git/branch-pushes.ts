import type { Proposal, Push } from '../../core/capabilities/forge.ts';
import { proposalBroken } from '../../core/capabilities/forge-errors.ts';
import { pushOf, type Readers } from './show.ts';

/** Commits of a branch that are looked at; a proposal with more cannot say who wrote it. */
const maxCommits = 5000;

/**
 * The pushes of a proposal, and the authors of all commits that its branch has and its base has not: who wrote something
 * that is proposed is no independent reviewer, whether or not an event names them. The head's own comes last.
 */
export async function branchPushes(proposal: Proposal, readers: Readers): Promise<readonly Push[]> {
  const { repository, history } = readers;
  const told = new Set(proposal.pushes.map(({ head }) => head));
  const silent: string[] = [];
  const seen = new Set([proposal.head]);
  for (const id of seen) {
    if (history.has(id)) continue;
    if (seen.size > maxCommits)
      throw proposalBroken(
        proposal.number,
        `its branch has more than ${maxCommits} commits that its base has not`,
      );
    if (!told.has(id)) silent.push(id);
    for (const parent of (await repository.commit(id)).parents) seen.add(parent);
  }
  const pushes = await Promise.all(silent.reverse().map((id) => pushOf(id, readers)));
  return [...pushes, ...proposal.pushes];
}
