import type { ReferenceUpdate, Repository } from '../../libraries/git/repository.ts';
import type { Side, SideProposal } from './join-sides.ts';
import { freeNumbers, headReference, metaReference } from './references.ts';

export interface Renumbered {
  readonly from: number;
  readonly to: number;
}

/**
 * Gives each proposal of ours that the others know their number, and each that only we know a number that is free in
 * both. After it, a number that both have is the same proposal, or is free here.
 */
export async function giveNumbers(repository: Repository, ours: Side, theirs: Side): Promise<Renumbered[]> {
  const numbersThere = new Map([...theirs.proposals].map(([number, { root }]) => [root, number]));
  const free = freeNumbers([...ours.taken, ...theirs.taken]);
  const moves: (Renumbered & { readonly proposal: SideProposal; readonly isOnlyHere: boolean })[] = [];
  for (const [from, proposal] of ours.proposals) {
    const known = numbersThere.get(proposal.root);
    const isTaken = theirs.proposals.has(from);
    const to = known ?? (isTaken ? (copyOf(proposal, ours, theirs) ?? free.next().value) : from);
    if (to !== from) moves.push({ from, to, proposal, isOnlyHere: known === undefined });
  }
  if (moves.length === 0) return [];
  const puts = (number: number, proposal: SideProposal | undefined) =>
    putsAt(ours.references, number, proposal);
  // First the copies of what exists nowhere else: whatever happens then, it is somewhere.
  const copies = moves.filter(({ isOnlyHere }) => isOnlyHere);
  await repository.updateReferences(copies.flatMap(({ to, proposal }) => puts(to, proposal)));
  const after = new Map<number, SideProposal | undefined>(moves.map(({ from }) => [from, undefined]));
  for (const { to, proposal, isOnlyHere } of moves) if (!isOnlyHere) after.set(to, proposal);
  await repository.updateReferences([...after].flatMap(([number, proposal]) => puts(number, proposal)));
  return moves.map(({ from, to }) => ({ from, to }));
}

/** Where an earlier join had put it already when it was cut off. */
function copyOf({ root }: SideProposal, ours: Side, theirs: Side): number | undefined {
  const copy = [...ours.copies].find(([number, one]) => one.root === root && !theirs.proposals.has(number));
  return copy?.[0];
}

/** The moves that make a number another proposal, or none, whatever is there. */
function putsAt(
  references: ReadonlyMap<string, string>,
  number: number,
  to: SideProposal | undefined,
): ReferenceUpdate[] {
  const parts = [
    { reference: headReference(number), to: to?.head ?? null },
    { reference: metaReference(number), to: to?.meta ?? null },
  ];
  const updates = parts.map((part) => ({ ...part, from: references.get(part.reference) ?? null }));
  return updates.filter(({ from, to }) => from !== to);
}
