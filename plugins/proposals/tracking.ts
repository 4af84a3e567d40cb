/** Which proposals are open, and the journal of what became of each: opened, updated, merged, closed. */
import type { Forge, Proposal } from '../../core/capabilities/forge.ts';
import { oneLine } from '../../libraries/git/trailers.ts';
import type { JournalOnce } from './journal-once.ts';
import type { KeptProposals, MergeFacts } from './kept-proposals.ts';
import type { OnStep } from './step.ts';

export interface TrackingOptions {
  readonly forge: Forge;
  readonly kept: KeptProposals;
  readonly journal: JournalOnce;
  readonly onStep: OnStep;
}

export class Tracking {
  readonly #options: TrackingOptions;

  constructor(options: TrackingOptions) {
    this.#options = options;
  }

  /** Notes an open proposal as it is now, once for each head. */
  async opened(proposal: Proposal, change?: string): Promise<void> {
    const { kept, journal, onStep } = this.#options;
    const { number, head, title, key, author, url } = proposal;
    const known = kept.get(number);
    if (known?.head === head) return;
    const about = {
      number,
      key,
      title: oneLine(title),
      author: {
        name: oneLine(author.name),
        ...(author.email === undefined ? {} : { email: oneLine(author.email) }),
      },
      ...(url === undefined ? {} : { url }),
      ...(change === undefined ? {} : { change }),
    };
    await onStep('record opened');
    const isFirst = await journal.record(
      {
        type: 'proposal.opened',
        ref: refIn(key),
        commit: head,
        message: `proposal ${number} was opened: ${about.title}`,
        data: { ...about, head },
      },
      ['number'],
    );
    if (!isFirst && known !== undefined) {
      await journal.record(
        {
          type: 'proposal.updated',
          ref: refIn(key),
          commit: head,
          message: `proposal ${number} was updated: ${about.title}`,
          data: { ...about, head },
        },
        ['number', 'head'],
      );
    }
    await kept.put({ ...known, number, title, key, head });
  }

  /** Looks what became of one that is not among the open ones any more. */
  async gone(number: number): Promise<void> {
    const proposal = await this.#options.forge.get(number);
    if (proposal?.state === 'open') return;
    if (proposal?.state === 'merged') await this.merged(proposal, proposal.mergedAs ?? null);
    else if (proposal !== undefined) await this.#closed(proposal);
    await this.forget(number);
  }

  async merged(proposal: Proposal, commit: string | null): Promise<void> {
    const { kept, journal, onStep } = this.#options;
    const { number, head, key, title } = proposal;
    const facts = factsOf(kept.get(number)?.merging, head);
    await onStep('record merged');
    await journal.record(
      {
        type: 'proposal.merged',
        ref: refIn(key),
        commit,
        message: `proposal ${number} was merged: ${oneLine(title)}`,
        data: { number, key, head, ...facts },
      },
      ['number'],
    );
    const { breakGlass } = facts;
    if (breakGlass === null || breakGlass === undefined) return;
    await journal.record(
      {
        type: 'proposal.break-glass',
        ref: refIn(key),
        commit,
        message: `proposal ${number} was merged by breaking the glass: ${oneLine(breakGlass.by)}, ${breakGlass.unmet} not met`,
        data: { number, head, ...breakGlass },
      },
      ['number'],
    );
  }

  async forget(number: number): Promise<void> {
    await this.#options.onStep('forget proposal');
    await this.#options.kept.remove(number);
  }

  async #closed(proposal: Proposal): Promise<void> {
    const { journal, onStep } = this.#options;
    const { number, head, key, title, closedBy, supersededBy } = proposal;
    await onStep('record closed');
    await journal.record(
      {
        type: 'proposal.closed',
        ref: refIn(key),
        commit: head,
        message: `proposal ${number} was closed: ${oneLine(title)}`,
        data: {
          number,
          key,
          head,
          ...(closedBy === undefined ? {} : { by: { name: oneLine(closedBy.name) } }),
          ...(supersededBy === undefined ? {} : { supersededBy }),
          at: proposal.closedAt ?? null,
        },
      },
      // A person may open it again and close it again.
      ['number', 'head', 'at'],
    );
  }
}

/** What allowed a merge, where it was merged here and is about this head. */
function factsOf(merging: MergeFacts | undefined, head: string): Partial<MergeFacts> {
  if (merging === undefined || merging.head !== head) return {};
  const { base, by, approvals, checks, breakGlass } = merging;
  return { base, by, approvals, checks, breakGlass };
}

/** `version:Deployment/production/bird-strike` is about that deployment. */
function refIn(key: string | null): string | null {
  return /^[a-z-]+:([A-Z][A-Za-z]*(?:\/[^/\s]+){1,2})$/.exec(key ?? '')?.[1] ?? null;
}
