import { randomUUID } from 'node:crypto';
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
  proposalBroken,
  proposalClosed,
  proposalExists,
  proposalMerged,
  proposalMoved,
  proposalNotFound,
} from '../../core/capabilities/forge-errors.ts';
import type { Identity, ReferenceUpdate, Repository } from '../../libraries/git/repository.ts';
import { Attempts } from './attempts.ts';
import type { BaseHistory } from './base-history.ts';
import { branchPushes } from './branch-pushes.ts';
import { changedReports, reportsOf } from './check-reports.ts';
import { commitOf, digestOf, isCommitOf } from './draft-commit.ts';
import { eventDraft, makeEvent, type NewEvent } from './new-event.ts';
import { Proofs } from './proofs.ts';
import { type Found, ProposalIndex, type View } from './proposal-index.ts';
import { claimReference, freeNumbers, headReference, metaReference } from './references.ts';
import { isoTime, type Readers, reviewsOf, type Standing, show, standingOf } from './show.ts';
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
  readonly #index: ProposalIndex;
  readonly #attempts: Attempts;
  readonly #readers: Readers;
  readonly #shown = new ShownProposals();

  constructor(options: GitForgeOptions) {
    const { repository, base, folder, fetch = async () => undefined, patience = 30_000 } = options;
    this.#repository = repository;
    this.#base = base;
    this.#identity = options.identity ?? { name: 'Switchyard', email: 'switchyard@localhost' };
    this.#index = new ProposalIndex(repository, base, folder);
    this.#attempts = new Attempts(fetch, patience);
    const { files, history } = this.#index;
    this.#readers = { repository, files, proofs: new Proofs(repository), history };
  }

  async list({ state, key, limit }: ProposalQuery): Promise<readonly Proposal[]> {
    const [view, readers] = await this.#look();
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
    const [view] = await this.#look();
    return [...view.broken].map(([number, reason]) => ({ number, reason }));
  }

  async get(number: number): Promise<Proposal | undefined> {
    const found = await this.#find(number);
    if (found === undefined) return undefined;
    return this.#show(found);
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
        making ??= this.#makeOpening(draft, digest);
        making.catch(() => undefined);
      }
      const [view, readers] = await this.#look();
      const claim = claimReference(this.#base, draft.key);
      const holder = openWithKey(view, readers.history, draft.key);
      if (holder !== undefined) {
        const [text] = await readers.files.read([holder.folded.text.tree]);
        if (text?.draft === digest) return holder.number;
        throw proposalExists(draft.key, holder.number);
      }
      making ??= this.#makeOpening(draft, digest);
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
    return this.#show(await this.#demand(number));
  }

  async update(number: number, draft: Draft, expectedHead: string): Promise<Proposal> {
    const digest = digestOf(draft);
    let commit: string | undefined;
    await this.#attempts.run(async () => {
      const [found, standing, readers] = await this.#demandOpen(number);
      const { folded, branch } = found;
      if (draft.key !== folded.key)
        throw forgeRefused(`proposal ${number}`, `it is about ${folded.key}`, 'Keep the key of a proposal.');
      const last = folded.pushes.at(-1)!.head;
      const [text] = await readers.files.read([folded.text.tree]);
      if (text?.draft === digest && standing.head === last) return;
      const isDoneHalf =
        standing.head !== expectedHead &&
        last === expectedHead &&
        (await isCommitOf(this.#repository, standing.head, draft));
      if (standing.head !== expectedHead && !isDoneHalf)
        throw proposalMoved(number, 'head', expectedHead, standing.head);
      if (isDoneHalf) commit = standing.head;
      else commit ??= await this.#repository.makeCommit(commitOf(draft));
      await this.#append(
        found,
        {
          subject: `Update: ${draft.title}`,
          text: draft.body,
          says: { type: 'updated', labels: draft.labels ?? [], ...(await this.#context(found, commit)) },
          file: { event: 'updated', title: draft.title, body: draft.body, draft: digest },
          by: draft.author,
          sign: draft.sign,
        },
        isDoneHalf ? [] : [{ reference: headReference(number), from: branch ?? null, to: commit }],
      );
    });
    return this.#show(await this.#demand(number));
  }

  async comment(number: number, slot: string, body: string): Promise<void> {
    await this.#attempts.run(async () => {
      const found = await this.#demand(number);
      const earlier = found.folded.comments[slot];
      if (earlier !== undefined) {
        const [file] = await this.#readers.files.read([earlier.tree]);
        if (file?.body === body) return;
      }
      await this.#append(found, {
        subject: `Comment: ${slot}`,
        text: body,
        says: { type: 'commented', proposal: found.folded.root, slot },
        file: { event: 'commented', slot, body },
        by: this.#identity,
      });
    });
  }

  async comments(number: number): Promise<readonly Comment[]> {
    const { folded } = await this.#demand(number);
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
      const found = await this.#demand(number);
      const changed = changedReports(await reportsOf(found, head, this.#readers), checks);
      if (changed.length === 0) return;
      await this.#append(found, {
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
    return reportsOf(await this.#demand(number), head, this.#readers);
  }

  async reviews(number: number) {
    const found = await this.#demand(number);
    const readers = this.#readers;
    await readers.history.refresh();
    return reviewsOf(found, readers);
  }

  async review(number: number, { verdict, head, body, by, sign }: NewReview): Promise<void> {
    await this.#attempts.run(async () => {
      const found = await this.#demand(number);
      const readers = this.#readers;
      await readers.history.refresh();
      const standing = standingOf(found, readers.history);
      if (standing.head !== head) throw proposalMoved(number, 'head', head, standing.head);
      const own = found.folded.reviews.filter((review) => review.by.email === by.email).at(-1);
      if (own?.verdict === verdict && own.head === head && (own.isSigned || sign === undefined)) {
        const [file] = await readers.files.read([own.tree]);
        if (file?.body === body) return;
      }
      await this.#append(found, {
        subject: `${verbs[verdict]} ${head.slice(0, 12)}`,
        text: body,
        says: { type: 'reviewed', verdict, ...(await this.#context(found, head)) },
        file: { event: 'reviewed', body },
        by,
        sign,
      });
    });
  }

  async label(number: number, name: string, change: 'add' | 'remove', by: Actor, sign?: Sign): Promise<void> {
    const identity = { name: by.name, email: by.email ?? 'unknown@localhost' };
    await this.#attempts.run(async () => {
      const found = await this.#demand(number);
      const there = found.folded.labels.filter((label) => label.name === name);
      const own = there.find((label) => label.by.email === identity.email);
      if (change === 'remove' && there.length === 0) return;
      if (change === 'add' && own !== undefined && (own.isSigned || sign === undefined)) return;
      const { head } = standingOf(found, this.#readers.history);
      await this.#append(found, {
        subject: change === 'add' ? `Label: ${name}` : `Unlabel: ${name}`,
        says: { type: 'labelled', labels: [name], change, ...(await this.#context(found, head)) },
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
      const found = await this.#demand(number);
      const { history } = this.#readers;
      const base = await history.refresh();
      const standing = standingOf(found, history);
      if (standing.state === 'closed') throw proposalClosed(number);
      if (standing.mergedAs !== undefined) {
        await this.#tellMerged(found, standing.head, standing.mergedAs, merge, []);
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
      await this.#tellMerged(found, expectedHead, made, merge, [
        { reference: this.#base, from: expectedBase, to: made },
        { reference: headReference(number), from: found.branch ?? null, to: expectedHead },
      ]);
      return { commit: made };
    });
  }

  async close(number: number, { by, reason, supersededBy, sign }: Close): Promise<void> {
    await this.#attempts.run(async () => {
      const found = await this.#demand(number);
      const { history } = this.#readers;
      await history.refresh();
      const standing = standingOf(found, history);
      if (standing.mergedAs !== undefined) throw proposalMerged(number, standing.mergedAs);
      if (standing.state === 'closed') return;
      const newer = supersededBy === undefined ? undefined : await this.#find(supersededBy);
      const type = supersededBy === undefined ? 'closed' : 'superseded';
      const tail = supersededBy === undefined ? '' : `, superseded by ${supersededBy}`;
      await this.#append(
        found,
        {
          subject: `Close${tail}`,
          text: reason,
          says: {
            type,
            supersededBy,
            supersededByProposal: newer?.folded.root,
            ...(await this.#context(found, standing.head)),
          },
          file: { event: type, reason },
          by,
          sign,
        },
        await this.#freeClaim(found),
      );
    });
  }

  async fetch(number: number): Promise<void> {
    const found = await this.#demand(number);
    const { history } = this.#readers;
    await this.#repository.commit(standingOf(found, history).head);
  }

  /** Keeps the index for the next process. The repository stays open: it is the caller's. */
  async stop(): Promise<void> {
    await this.#index.close();
  }

  async #look(): Promise<[View & { readonly numbers: ReadonlyMap<string, number> }, Readers]> {
    const readers = this.#readers;
    let view = await this.#index.view();
    const known = new Set<string>();
    for (const { folded } of view.found.values()) known.add(folded.root);
    // References are not listed in one instant: a claim may be seen whose proposal, written before it, was passed already.
    for (const [name, root] of view.references) {
      if (known.has(root) || !name.startsWith('refs/proposals/keys/')) continue;
      view = await this.#index.view();
      break;
    }
    await readers.history.refresh();
    const found = new Map<number, Found>();
    const numbers = new Map<string, number>();
    const broken = new Map(view.broken);
    for (const [number, one] of view.found) {
      numbers.set(one.folded.root, number);
      if (one.folded.base !== this.#base) continue;
      // Most have a branch, and there are thousands: only those without one are waited for.
      const gone = one.branch === undefined ? await this.#whatIsGone(one, readers.history) : undefined;
      if (gone === undefined) found.set(number, one);
      else broken.set(number, gone);
    }
    return [{ ...view, found, broken, numbers }, readers];
  }

  async #find(number: number): Promise<Found | undefined> {
    const found = await this.#index.one(number);
    if (found === undefined) return undefined;
    if ('broken' in found) throw proposalBroken(number, found.broken);
    if (found.folded.base !== this.#base) return undefined;
    const gone = await this.#whatIsGone(found, this.#readers.history);
    if (gone !== undefined) throw proposalBroken(number, gone);
    return found;
  }

  /** An open proposal whose branch was deleted is whole while its commit is still there. */
  async #whatIsGone(found: Found, history: BaseHistory): Promise<string | undefined> {
    if (found.branch !== undefined) return undefined;
    const { state, head } = standingOf(found, history);
    if (state !== 'open' || (await this.#repository.resolve(head)) !== undefined) return undefined;
    return `its branch ${headReference(found.number)} is gone, and the commit ${head} too`;
  }

  async #demand(number: number): Promise<Found> {
    const found = await this.#find(number);
    if (found === undefined) throw proposalNotFound(number);
    return found;
  }

  async #demandOpen(number: number): Promise<[Found, Standing, Readers]> {
    const found = await this.#demand(number);
    const readers = this.#readers;
    await readers.history.refresh();
    const standing = standingOf(found, readers.history);
    if (standing.mergedAs !== undefined) throw proposalMerged(number, standing.mergedAs);
    if (standing.state === 'closed') throw proposalClosed(number);
    return [found, standing, readers];
  }

  async #show(found: Found): Promise<Proposal> {
    const readers = this.#readers;
    await readers.history.refresh();
    const standing = standingOf(found, readers.history);
    const isSuperseded = found.folded.closed?.newer !== undefined;
    const numbers = isSuperseded ? (await this.#look())[0].numbers : new Map<string, number>();
    const proposal = await show(found, standing, readers, numbers);
    return { ...proposal, pushes: await branchPushes(proposal, readers) };
  }

  async #makeOpening(
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
  async #append(found: Found, event: NewEvent, alongside: readonly ReferenceUpdate[] = []): Promise<void> {
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
  async #tellMerged(
    found: Found,
    head: string,
    commit: string,
    { by, sign }: Merge,
    alongside: readonly ReferenceUpdate[],
  ): Promise<void> {
    const claim = await this.#freeClaim(found);
    if (found.folded.merged.includes(head)) {
      if (claim.length > 0) await this.#repository.updateReferences(claim);
      return;
    }
    const says = { type: 'merged', commit, ...(await this.#context(found, head)) } as const;
    const event = {
      subject: `Merge as ${commit.slice(0, 12)}`,
      says,
      file: { event: 'merged' },
      by,
      sign,
    } as const;
    await this.#append(found, event, [...alongside, ...claim]);
  }

  async #freeClaim({ folded }: Found): Promise<readonly ReferenceUpdate[]> {
    const reference = claimReference(folded.base, folded.key);
    const claimed = await this.#repository.resolve(reference);
    return claimed === folded.root ? [{ reference, from: folded.root, to: null }] : [];
  }

  /** What each event names, so that it cannot be taken for one about something else. */
  async #context({ folded }: Found, head: string) {
    const baseCommit = await this.#repository.resolve(this.#base);
    return { proposal: folded.root, base: folded.base, baseCommit, head };
  }

  #demandBranch(): void {
    if (this.#base.startsWith('refs/')) return;
    throw forgeRefused(this.#base, 'the registry follows no branch', 'Follow one: --reference main.');
  }
}

function openWithKey(view: View, history: BaseHistory, key: string): Found | undefined {
  for (const found of view.found.values()) {
    if (found.folded.key === key && standingOf(found, history).state === 'open') return found;
  }
  return undefined;
}

const verbs = { approve: 'Approve', 'request-changes': 'Request changes of', comment: 'Comment on' } as const;
