import type { ReferenceUpdate, Repository } from '../../libraries/git/repository.ts';
import { uniteChains } from './join-chains.ts';
import { giveNumbers, type Renumbered } from './join-numbers.ts';
import { readSide, type Side } from './join-sides.ts';
import { ProposalIndex } from './proposal-index.ts';
import { claimsOf, proposalsOf, proposalsPrefix } from './references.ts';

/** What became of one proposal of the other clone, or of one of ours. */
export interface JoinedProposal {
  /** Its number after the join. */
  readonly number: number;
  /**
   * `taken`: was not here. `advanced`: theirs goes on where ours ended. `joined`: both went on, and a commit joins them.
   * `renumbered`: ours had a number (`from`) that is another's there. `skipped`: theirs cannot be read, so ours stays.
   */
  readonly action: 'taken' | 'advanced' | 'joined' | 'renumbered' | 'skipped';
  readonly from?: number;
  /** Why it was skipped. */
  readonly reason?: string;
}

export interface Join {
  readonly proposals: readonly JoinedProposal[];
  /** Numbers of proposals that are about the same key and neither closed nor merged by their events: one should close. */
  readonly rivals: readonly (readonly number[])[];
  /** What there is to push for the other to be as this one, with what it has now in `from`: the lease. */
  readonly ahead: readonly ReferenceUpdate[];
}

/**
 * Joins the proposals of another clone, which were fetched to references of their own, with those of this repository.
 * Both clones come to the same chains, whoever joins first. Theirs keep their numbers: who pushes later gives way.
 * Events are never written anew, so their signatures hold. May be called again after a crash. Throws `ReferenceMoved`
 * where somebody writes at the same time; then call it again.
 *
 * @param theirs the prefix of the fetched references: `refs/remotes/origin/proposals/`
 * @param folder where the forge keeps its index on this machine, to read less
 */
export async function joinProposals(repository: Repository, theirs: string, folder?: string): Promise<Join> {
  const index = new ProposalIndex(repository, 'HEAD', folder);
  try {
    return await join(repository, theirs, index);
  } finally {
    await index.close();
  }
}

async function join(repository: Repository, theirs: string, index: ProposalIndex): Promise<Join> {
  const before = await readSide(index, proposalsPrefix);
  const other = await readSide(index, theirs);
  const renumbered = await giveNumbers(repository, before, other);
  const here = await readSide(index, proposalsPrefix);
  const proposals: JoinedProposal[] = renumbered.map(({ from, to }: Renumbered) => ({
    number: to,
    action: 'renumbered',
    from,
  }));
  for (const [number, proposal] of other.proposals) {
    const action = await uniteChains(repository, number, here, proposal);
    if (action !== undefined) proposals.push({ number, action });
  }
  for (const [number, reason] of other.broken) proposals.push({ number, action: 'skipped', reason });
  const now = await readSide(index, proposalsPrefix);
  await takeClaims(repository, now, other);
  return { proposals, rivals: rivalsOf(now), ahead: await updatesAhead(repository, theirs, now) };
}

/** Claims of theirs for what is open here too. */
async function takeClaims(repository: Repository, here: Side, other: Side): Promise<void> {
  const open = new Set([...here.proposals.values()].filter(({ isOpen }) => isOpen).map(({ root }) => root));
  for (const [name, root] of claimsOf(other.references, other.prefix)) {
    const reference = `${proposalsPrefix}${name}`;
    const from = here.references.get(reference) ?? null;
    if (from !== root && open.has(root)) await repository.updateReferences([{ reference, from, to: root }]);
  }
}

function rivalsOf(side: Side): readonly (readonly number[])[] {
  const byKey = new Map<string, number[]>();
  for (const [number, { base, key, isOpen }] of side.proposals) {
    const name = JSON.stringify([base, key]);
    if (isOpen) byKey.set(name, [...(byKey.get(name) ?? []), number]);
  }
  return [...byKey.values()].filter((numbers) => numbers.length > 1);
}

async function updatesAhead(repository: Repository, theirs: string, now: Side): Promise<ReferenceUpdate[]> {
  const there = await repository.references(theirs);
  const here = await repository.references(proposalsPrefix);
  const updates: ReferenceUpdate[] = [];
  for (const { number, head, meta } of proposalsOf(here).values()) {
    if (!now.proposals.has(number)) continue;
    for (const [part, to] of [
      ['head', head],
      ['meta', meta],
    ] as const) {
      const from = there.get(`${theirs}${number}/${part}`) ?? null;
      if (to !== undefined && from !== to)
        updates.push({ reference: `${proposalsPrefix}${number}/${part}`, from, to });
    }
  }
  const [claimsHere, claimsThere] = [claimsOf(here, proposalsPrefix), claimsOf(there, theirs)];
  for (const name of new Set([...claimsHere.keys(), ...claimsThere.keys()])) {
    const [from, to] = [claimsThere.get(name) ?? null, claimsHere.get(name) ?? null];
    if (from !== to) updates.push({ reference: `${proposalsPrefix}${name}`, from, to });
  }
  return updates;
}
