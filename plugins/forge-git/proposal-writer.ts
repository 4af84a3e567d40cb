import { randomUUID } from 'node:crypto';
import type { Draft, Merge } from '../../core/capabilities/forge.ts';
import type { ReferenceUpdate, Repository } from '../../libraries/git/repository.ts';
import { commitOf } from './draft-commit.ts';
import { eventDraft, makeEvent, type NewEvent } from './new-event.ts';
import type { Found } from './proposal-index.ts';
import { claimReference, metaReference } from './references.ts';

/** Writes the events of proposals, each with the references that move with it. */
export class ProposalWriter {
  readonly #repository: Repository;
  readonly #base: string;

  constructor(repository: Repository, base: string) {
    this.#repository = repository;
    this.#base = base;
  }

  async makeOpening(
    draft: Draft,
    digest: string,
  ): Promise<{ readonly head: string; readonly event: string }> {
    const baseCommit = (await this.#repository.resolve(this.#base)) ?? draft.on;
    const [head, event] = await this.#repository.makeCommits([
      () => commitOf(draft),
      ([made]) =>
        eventDraft([], {
          subject: `Open: ${draft.title}`,
          text: draft.body,
          says: {
            type: 'opened',
            base: this.#base,
            baseCommit,
            head: made!,
            key: draft.key,
            labels: draft.labels ?? [],
          },
          file: { event: 'opened', title: draft.title, body: draft.body, draft: digest, nonce: randomUUID() },
          by: draft.author,
          sign: draft.sign,
        }),
    ]);
    return { head: head!, event: event! };
  }

  /** Writes an event and moves, with it, what must move with it. */
  async append(found: Found, event: NewEvent, alongside: readonly ReferenceUpdate[] = []): Promise<void> {
    const to = await makeEvent(this.#repository, [found.meta], event);
    const meta = { reference: metaReference(found.number), from: found.meta, to };
    // In this order where a repository cannot move them in one instant: the base, the branch, the events, the claim.
    const [claims, others] = [
      alongside.filter(({ to }) => to === null),
      alongside.filter(({ to }) => to !== null),
    ];
    await this.#repository.updateReferences([...others, meta, ...claims]);
  }

  /** Says on the proposal that it was merged, unless that was said, and gives its key free. */
  async tellMerged(
    found: Found,
    head: string,
    commit: string,
    { by, sign }: Merge,
    alongside: readonly ReferenceUpdate[],
  ): Promise<void> {
    const claim = await this.freeClaim(found);
    if (found.folded.merged.includes(head)) {
      if (claim.length > 0) await this.#repository.updateReferences(claim);
      return;
    }
    const says = { type: 'merged', commit, ...(await this.context(found, head)) } as const;
    const event = {
      subject: `Merge as ${commit.slice(0, 12)}`,
      says,
      file: { event: 'merged' },
      by,
      sign,
    } as const;
    await this.append(found, event, [...alongside, ...claim]);
  }

  async freeClaim({ folded }: Found): Promise<readonly ReferenceUpdate[]> {
    const reference = claimReference(folded.base, folded.key);
    const claimed = await this.#repository.resolve(reference);
    return claimed === folded.root ? [{ reference, from: folded.root, to: null }] : [];
  }

  /** What each event names, so that it cannot be taken for one about something else. */
  async context({ folded }: Found, head: string) {
    const baseCommit = await this.#repository.resolve(this.#base);
    return { proposal: folded.root, base: folded.base, baseCommit, head };
  }
}
