import type { ReferenceUpdate, Repository } from '../../libraries/git/repository.ts';
import type { ProposalEvent } from './event.ts';
import { inOrder } from './event-order.ts';
import { fold } from './fold.ts';
import type { Side, SideProposal } from './join-sides.ts';
import { makeEvent } from './new-event.ts';
import { readChains } from './read-chains.ts';
import { headReference, metaReference } from './references.ts';

/** Brings one proposal of theirs here: answers what that was, or undefined where there was nothing to do. */
export async function uniteChains(
  repository: Repository,
  number: number,
  side: Side,
  theirs: SideProposal,
): Promise<'taken' | 'advanced' | 'joined' | undefined> {
  const ours = side.proposals.get(number);
  // What is here may be broken; theirs then takes its place.
  const from = (reference: string) => ({ reference, from: side.references.get(reference) ?? null });
  const meta = from(metaReference(number));
  const head = from(headReference(number));
  if (ours === undefined) {
    await move(repository, [
      { ...head, to: theirs.head ?? null },
      { ...meta, to: theirs.meta },
    ]);
    return 'taken';
  }
  const chains = await readChains(repository, [{ tip: ours.meta }, { tip: theirs.meta }]);
  const [here, there] = [ours.meta, theirs.meta].map((tip) => {
    const chain = chains.get(tip)!;
    return 'broken' in chain ? new Map<string, ProposalEvent>() : chain.events;
  }) as [ReadonlyMap<string, ProposalEvent>, ReadonlyMap<string, ProposalEvent>];
  const isAhead = here.has(theirs.meta);
  const isBehind = there.has(ours.meta);
  const to = isAhead
    ? ours.meta
    : isBehind
      ? theirs.meta
      : await joinTips(repository, here, there, ours, theirs);
  const newest = lastHead(new Map([...here, ...there]));
  const moved = await move(repository, [
    { ...head, to: await chooseHead(repository, ours.head, theirs.head, newest) },
    { ...meta, to },
  ]);
  if (!moved) return undefined;
  return isAhead || isBehind ? 'advanced' : 'joined';
}

/** The same commit in both clones: its parents in order, its time theirs, its author nobody in particular. */
function joinTips(
  repository: Repository,
  here: ReadonlyMap<string, ProposalEvent>,
  there: ReadonlyMap<string, ProposalEvent>,
  ours: SideProposal,
  theirs: SideProposal,
): Promise<string> {
  const tips = [here.get(ours.meta)!, there.get(theirs.meta)!];
  return makeEvent(repository, tips.map(({ id }) => id).sort(), {
    subject: 'Join what two clones wrote',
    says: { type: 'joined', proposal: ours.root },
    file: { event: 'joined' },
    by: { name: 'Switchyard', email: 'switchyard@localhost' },
    time: Math.max(...tips.map(({ time }) => time)),
  });
}

/** The one that stands on the other; of two that went apart, the one that the newest event names, or else theirs. */
async function chooseHead(
  repository: Repository,
  ours: string | undefined,
  theirs: string | undefined,
  newest: string | undefined,
): Promise<string | null> {
  if (ours === undefined || theirs === undefined || ours === theirs) return ours ?? theirs ?? null;
  if (await repository.isAncestor(ours, theirs)) return theirs;
  if (await repository.isAncestor(theirs, ours)) return ours;
  return newest === ours ? ours : theirs;
}

function lastHead(events: ReadonlyMap<string, ProposalEvent>): string | undefined {
  const folded = fold(inOrder(events));
  return 'broken' in folded ? undefined : folded.pushes.at(-1)?.head;
}

async function move(repository: Repository, updates: readonly ReferenceUpdate[]): Promise<boolean> {
  const moves = updates.filter(({ from, to }) => from !== to);
  if (moves.length > 0) await repository.updateReferences(moves);
  return moves.length > 0;
}
