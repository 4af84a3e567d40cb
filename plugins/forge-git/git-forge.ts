import type {
  Actor,
  CheckReport,
  Close,
  Comment,
  Draft,
  Forge,
  Merge,
  NewReview,
  Proposal,
  ProposalQuery,
  Sign,
} from '../../core/capabilities/forge.ts';
import {
  forgeRefused,
  mergeConflict,
  proposalClosed,
  proposalExists,
  proposalMerged,
  proposalMoved,
} from '../../core/capabilities/forge-errors.ts';
import type { Identity, Repository } from '../../libraries/git/repository.ts';
import { Attempts } from './attempts.ts';
import { changedReports, reportsOf } from './check-reports.ts';
import { commitOf, digestOf, isCommitOf } from './draft-commit.ts';
import type { Found } from './proposal-index.ts';
import { openWithKey, ProposalLookup } from './proposal-lookup.ts';
import { ProposalWriter } from './proposal-writer.ts';
import { claimReference, freeNumbers, headReference, metaReference } from './references.ts';
import { isoTime, type Readers, reviewsOf, type Standing, standingOf } from './show.ts';
import { ShownProposals } from './shown-proposals.ts';

export interface GitForgeOptions {
  readonly repository: Repository;
  /** What proposals want to change, in full: `refs/heads/main`. */
  readonly base: string;
  /** Where to keep what was read, for the next process; undefined: nowhere. */
  readonly folder?: string;
  /** Brings proposals and base up to date where the repository is a copy of a remote one. */
  readonly fetch?: () => Promise<unknown>;
  /** Who writes what nobody signs: comments and checks. */
  readonly identity?: Identity;
  /** Milliseconds for which other writers may be first. Default 30,000. */
  readonly patience?: number;
}

/** The forge that is Git itself (`docs/forges/git.md`). Close it to keep its index for the next process. */
export class GitForge implements Forge {
  readonly #repository: Repository;
  readonly #base: string;
  readonly #identity: Identity;
  readonly #attempts: Attempts;
  readonly #lookup: ProposalLookup;
  readonly #writer: ProposalWriter;
  readonly #readers: Readers;
  readonly #shown = new ShownProposals();

  constructor(options: GitForgeOptions) {
    const { repository, base, folder, fetch = async () => undefined, patience = 30_000 } = options;
    this.#repository = repository;
    this.#base = base;
    this.#identity = options.identity ?? { name: 'Switchyard', email: 'switchyard@localhost' };
    this.#attempts = new Attempts(fetch, patience);
    this.#lookup = new ProposalLookup(repository, base, folder);
    this.#readers = this.#lookup.readers;
    this.#writer = new ProposalWriter(repository, base);
  }

  async list({ state, key, limit }: ProposalQuery): Promise<readonly Proposal[]> {
    const view = await this.#lookup.look();
    const readers = this.#readers;
    const chosen: [Found, Standing][] = [];
    for (const found of [...view.found.values()].reverse()) {
      if (chosen.length >= limit) break;
      if (key !== undefined && found.folded.key !== key) continue;
      const standing = standingOf(found, readers.history);
      if (state === undefined || standing.state === state) chosen.push([found, standing]);
    }
    return this.#shown.all(chosen, readers, view.numbers);
  }

  async broken() {
    const view = await this.#lookup.look();
    return [...view.broken].map(([number, reason]) => ({ number, reason }));
  }

  async get(number: number): Promise<Proposal | undefined> {
    const found = await this.#lookup.find(number);
    if (found === undefined) return undefined;
    return this.#lookup.show(found);
  }

  async open(draft: Draft): Promise<Proposal> {
    this.#demandBranch();
    const digest = digestOf(draft);
    let making: Promise<{ readonly head: string; readonly event: string }> | undefined;
    let seen = -1;
    let idle = 0;
    const number = await this.#attempts.run(async () => {
      if (draft.sign === undefined) {
        // Written while the references are read. Should it not be needed, Git collects it; a signature is not asked in vain.
        making ??= this.#writer.makeOpening(draft, digest);
        making.catch(() => undefined);
      }
      const view = await this.#lookup.look();
      const claim = claimReference(this.#base, draft.key);
      const holder = openWithKey(view, this.#readers.history, draft.key);
      if (holder !== undefined) {
        const [text] = await this.#readers.files.read([holder.folded.text.tree]);
        if (text?.draft === digest) return holder.number;
        throw proposalExists(draft.key, holder.number);
      }
      making ??= this.#writer.makeOpening(draft, digest);
      const made = await making;
      // Above all that is there, and still higher where something holds the next number that is no commit.
      idle = view.taken.length === seen ? idle + 1 : 0;
      seen = view.taken.length;
      const free = freeNumbers(view.taken);
      for (let past = 4; past < idle; past += 1) free.next();
      const next = free.next().value;
      await this.#repository.updateReferences([
        { reference: headReference(next), from: null, to: made.head },
        { reference: metaReference(next), from: null, to: made.event },
        { reference: claim, from: view.references.get(claim) ?? null, to: made.event },
      ]);
      return next;
    });
    return this.#lookup.show(await this.#lookup.demand(number));
  }

  async update(number: number, draft: Draft, expectedHead: string): Promise<Proposal> {
    const digest = digestOf(draft);
    let commit: string | undefined;
    await this.#attempts.run(async () => {
      const [found, standing] = await this.#lookup.demandOpen(number);
      const { folded, branch } = found;
      if (draft.key !== folded.key)
        throw forgeRefused(`proposal ${number}`, `it is about ${folded.key}`, 'Keep the key of a proposal.');
      const last = folded.pushes.at(-1)!.head;
      const [text] = await this.#readers.files.read([folded.text.tree]);
      if (text?.draft === digest && standing.head === last) return;
      const isDoneHalf =
        standing.head !== expectedHead &&
        last === expectedHead &&
        (await isCommitOf(this.#repository, standing.head, draft));
      if (standing.head !== expectedHead && !isDoneHalf)
        throw proposalMoved(number, 'head', expectedHead, standing.head);
      if (isDoneHalf) commit = standing.head;
      else commit ??= await this.#repository.makeCommit(commitOf(draft));
      await this.#writer.append(
        found,
        {
          subject: `Update: ${draft.title}`,
          text: draft.body,
          says: {
            type: 'updated',
            labels: draft.labels ?? [],
            ...(await this.#writer.context(found, commit)),
          },
          file: { event: 'updated', title: draft.title, body: draft.body, draft: digest },
          by: draft.author,
          sign: draft.sign,
        },
        isDoneHalf ? [] : [{ reference: headReference(number), from: branch ?? null, to: commit }],
      );
    });
    return this.#lookup.show(await this.#lookup.demand(number));
  }

  async comment(number: number, slot: string, body: string): Promise<void> {
    await this.#attempts.run(async () => {
      const found = await this.#lookup.demand(number);
      const earlier = found.folded.comments[slot];
      if (earlier !== undefined) {
        const [file] = await this.#readers.files.read([earlier.tree]);
        if (file?.body === body) return;
      }
      await this.#writer.append(found, {
        subject: `Comment: ${slot}`,
        text: body,
        says: { type: 'commented', proposal: found.folded.root, slot },
        file: { event: 'commented', slot, body },
        by: this.#identity,
      });
    });
  }

  async comments(number: number): Promise<readonly Comment[]> {
    const { folded } = await this.#lookup.demand(number);
    const comments = Object.entries(folded.comments);
    const files = await this.#readers.files.read(comments.map(([, { tree }]) => tree));
    return comments.map(([slot, { by, at }], index) => ({
      slot,
      body: String(files[index]?.body ?? ''),
      by,
      at: isoTime(at),
    }));
  }

  async report(number: number, head: string, checks: readonly CheckReport[]): Promise<void> {
    await this.#attempts.run(async () => {
      const found = await this.#lookup.demand(number);
      const changed = changedReports(await reportsOf(found, head, this.#readers), checks);
      if (changed.length === 0) return;
      await this.#writer.append(found, {
        subject: `Check: ${changed.map(({ name, outcome }) => `${name} ${outcome}`).join(', ')}`,
        text: changed.map(({ name, outcome, summary }) => `- ${name}: ${outcome}: ${summary}`).join('\n'),
        says: {
          type: 'checked',
          proposal: found.folded.root,
          head,
          checks: changed.map(({ name }) => name),
        },
        file: { event: 'checked', head, checks: changed },
        by: this.#identity,
      });
    });
  }

  async checks(number: number, head: string): Promise<readonly CheckReport[]> {
    return reportsOf(await this.#lookup.demand(number), head, this.#readers);
  }

  async reviews(number: number) {
    const found = await this.#lookup.demand(number);
    const readers = this.#readers;
    await readers.history.refresh();
    return reviewsOf(found, readers);
  }

  async review(number: number, { verdict, head, body, by, sign }: NewReview): Promise<void> {
    await this.#attempts.run(async () => {
      const found = await this.#lookup.demand(number);
      const readers = this.#readers;
      await readers.history.refresh();
      const standing = standingOf(found, readers.history);
      if (standing.head !== head) throw proposalMoved(number, 'head', head, standing.head);
      const own = found.folded.reviews.filter((review) => review.by.email === by.email).at(-1);
      if (own?.verdict === verdict && own.head === head && (own.isSigned || sign === undefined)) {
        const [file] = await readers.files.read([own.tree]);
        if (file?.body === body) return;
      }
      await this.#writer.append(found, {
        subject: `${verbs[verdict]} ${head.slice(0, 12)}`,
        text: body,
        says: { type: 'reviewed', verdict, ...(await this.#writer.context(found, head)) },
        file: { event: 'reviewed', body },
        by,
        sign,
      });
    });
  }

  async label(
    number: number,
    name: string,
    change: 'add' | 'remove',
    by: Actor,
    sign?: Sign,
    expectedHead?: string,
  ): Promise<void> {
    const identity = { name: by.name, email: by.email ?? 'unknown@localhost' };
    await this.#attempts.run(async () => {
      const found = await this.#lookup.demand(number);
      const { head } = standingOf(found, this.#readers.history);
      if (expectedHead !== undefined && head !== expectedHead) {
        throw proposalMoved(number, 'head', expectedHead, head);
      }
      const there = found.folded.labels.filter((label) => label.name === name);
      const own = there.find((label) => label.by.email === identity.email && label.head === head);
      if (change === 'remove' && there.length === 0) return;
      if (change === 'add' && own !== undefined && (own.isSigned || sign === undefined)) return;
      await this.#writer.append(found, {
        subject: change === 'add' ? `Label: ${name}` : `Unlabel: ${name}`,
        says: { type: 'labelled', labels: [name], change, ...(await this.#writer.context(found, head)) },
        file: { event: 'labelled' },
        by: identity,
        sign,
      });
    });
  }

  async merge(number: number, merge: Merge): Promise<{ readonly commit: string }> {
    const { expectedHead, expectedBase, message, by, sign } = merge;
    let made: string | undefined;
    return this.#attempts.run(async () => {
      const found = await this.#lookup.demand(number);
      const { history } = this.#readers;
      const base = await history.refresh();
      const standing = standingOf(found, history);
      if (standing.state === 'closed') throw proposalClosed(number);
      if (standing.mergedAs !== undefined) {
        await this.#writer.tellMerged(found, standing.head, standing.mergedAs, merge, []);
        return { commit: standing.mergedAs };
      }
      if (standing.head !== expectedHead) throw proposalMoved(number, 'head', expectedHead, standing.head);
      if (base !== expectedBase) throw proposalMoved(number, 'base', expectedBase, base);
      if (made === undefined) {
        const merged = await this.#repository.mergeTree(expectedBase, expectedHead);
        if ('conflicts' in merged) throw mergeConflict(number, merged.conflicts);
        const parents = [expectedBase, expectedHead];
        made = await this.#repository.makeCommit({
          message,
          author: by,
          parents,
          tree: merged.tree,
          ...(sign && { sign }),
        });
      }
      await this.#writer.tellMerged(found, expectedHead, made, merge, [
        { reference: this.#base, from: expectedBase, to: made },
        { reference: headReference(number), from: found.branch ?? null, to: expectedHead },
      ]);
      return { commit: made };
    });
  }

  async close(number: number, { by, reason, supersededBy, sign }: Close): Promise<void> {
    await this.#attempts.run(async () => {
      const found = await this.#lookup.demand(number);
      const { history } = this.#readers;
      await history.refresh();
      const standing = standingOf(found, history);
      if (standing.mergedAs !== undefined) throw proposalMerged(number, standing.mergedAs);
      if (standing.state === 'closed') return;
      const newer = supersededBy === undefined ? undefined : await this.#lookup.find(supersededBy);
      const type = supersededBy === undefined ? 'closed' : 'superseded';
      const tail = supersededBy === undefined ? '' : `, superseded by ${supersededBy}`;
      await this.#writer.append(
        found,
        {
          subject: `Close${tail}`,
          text: reason,
          says: {
            type,
            supersededBy,
            supersededByProposal: newer?.folded.root,
            ...(await this.#writer.context(found, standing.head)),
          },
          file: { event: type, reason },
          by,
          sign,
        },
        await this.#writer.freeClaim(found),
      );
    });
  }

  async fetch(number: number): Promise<void> {
    const found = await this.#lookup.demand(number);
    const { history } = this.#readers;
    await this.#repository.commit(standingOf(found, history).head);
  }

  /** Keeps the index for the next process. The repository stays open: it is the caller's. */
  async stop(): Promise<void> {
    await this.#lookup.close();
  }

  #demandBranch(): void {
    if (this.#base.startsWith('refs/')) return;
    throw forgeRefused(this.#base, 'the registry follows no branch', 'Follow one: --reference main.');
  }
}

const verbs = { approve: 'Approve', 'request-changes': 'Request changes of', comment: 'Comment on' } as const;
