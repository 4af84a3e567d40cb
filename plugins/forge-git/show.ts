import type { Label, Proposal, Push, Review } from '../../core/capabilities/forge.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import type { BaseHistory } from './base-history.ts';
import type { EventFiles } from './event-file.ts';
import type { Said } from './fold.ts';
import type { Proofs } from './proofs.ts';
import type { Found } from './proposal-index.ts';

export interface Readers {
  readonly repository: Repository;
  readonly files: EventFiles;
  readonly proofs: Proofs;
  readonly history: BaseHistory;
}

/** Where a proposal stands, as Git's own facts have it. */
export interface Standing {
  readonly state: Proposal['state'];
  readonly head: string;
  readonly mergedAs?: string;
}

/**
 * Merged is what stands on the base, whatever the events say. The branch's own reference says what the head is: a plain
 * push needs no event. Where it is gone, the newest event does.
 */
export function standingOf(found: Found, history: BaseHistory): Standing {
  const { folded, branch } = found;
  const head = branch ?? folded.pushes.at(-1)!.head;
  for (const candidate of [head, ...folded.merged]) {
    const mergedAs = history.mergeOf(candidate)?.commit ?? (history.has(candidate) ? candidate : undefined);
    if (mergedAs !== undefined) return { state: 'merged', head: candidate, mergedAs };
  }
  return { state: folded.closed === undefined ? 'open' : 'closed', head };
}

/** The proposal as callers see it. `numbers`: the number of each proposal by its first event, as far as known. */
export async function show(
  found: Found,
  standing: Standing,
  readers: Readers,
  numbers: ReadonlyMap<string, number>,
): Promise<Proposal> {
  const { folded, number } = found;
  const { state, head, mergedAs } = standing;
  const [text] = await readers.files.read([folded.text.tree]);
  const merge = readers.history.mergeOf(head);
  const newer = folded.closed?.newer;
  return {
    number,
    state,
    key: folded.key,
    title: textOf(text?.title),
    body: textOf(text?.body),
    author: folded.author,
    pushes: await pushesOf(found, head, readers),
    base: folded.base,
    head,
    fromFork: false,
    labels: await Promise.all(folded.labels.map((label) => labelOf(label, readers))),
    openedAt: isoTime(folded.openedAt),
    updatedAt: isoTime(folded.updatedAt),
    ...(state === 'closed' && { closedAt: isoTime(folded.closed!.at), closedBy: folded.closed!.by }),
    ...(state === 'merged' && merge && { closedAt: isoTime(merge.at), closedBy: merge.by }),
    ...(state === 'closed' && newer && { supersededBy: numbers.get(newer.root ?? '') ?? newer.number }),
    ...(mergedAs !== undefined && { mergedAs }),
  };
}

/** The reviews with their proofs, oldest first. */
export async function reviewsOf({ folded }: Found, readers: Readers): Promise<Review[]> {
  const files = await readers.files.read(folded.reviews.map(({ tree }) => tree));
  return Promise.all(
    folded.reviews.map(async (review, index) => ({
      by: review.by,
      verdict: review.verdict,
      head: review.head,
      at: isoTime(review.at),
      body: textOf(files[index]?.body),
      proof: await proofOf(review, readers),
    })),
  );
}

/** RFC 3339, from seconds. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

async function pushesOf({ folded }: Found, head: string, readers: Readers): Promise<Push[]> {
  const pushes = await Promise.all(
    folded.pushes.map(async (said) => ({
      by: said.by,
      head: said.head,
      at: isoTime(said.at),
      proof: await proofOf(said, readers),
    })),
  );
  return folded.pushes.at(-1)!.head === head ? pushes : [...pushes, await pushOf(head, readers)];
}

/** A commit that came by a plain push: its author put it there, as far as it says. */
export async function pushOf(commit: string, { repository, proofs }: Readers): Promise<Push> {
  const { author } = await repository.commit(commit);
  const by = { name: author.name, email: author.email };
  const at = isoTime(Math.min(Math.max(author.time, 0), 253_402_300_799));
  return { by, head: commit, at, proof: await proofs.ofCommit(commit) };
}

async function labelOf(label: Said & { readonly name: string }, readers: Readers): Promise<Label> {
  const { name, by, head } = label;
  return { name, by, at: isoTime(label.at), head, proof: await proofOf(label, readers) };
}

function proofOf(said: Said, { proofs, history }: Readers) {
  return proofs.of(said.event, said.isSigned, history.has(said.on));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
