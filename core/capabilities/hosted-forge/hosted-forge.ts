import { codeOf, type Logger, messageOf } from '../../plugin.ts';
import type { Actor, Comment, Draft, Forge, Merge, Proposal, ProposalQuery, Sign } from '../forge.ts';
import {
  forgeRefused,
  forgeUnavailable,
  mergeConflict,
  proposalClosed,
  proposalExists,
  proposalMerged,
  proposalMoved,
  proposalNotFound,
  reviewElsewhere,
} from '../forge-errors.ts';
import type { Registry } from '../registry.ts';
import { digestOf } from './draft-digest.ts';
import type { ForgeHost, Pull } from './forge-host.ts';
import { cut, readProposalMarker, readSlotMarker, withProposalMarker, withSlotMarker } from './marker.ts';
import { branchOf, branchPrefix } from './proposal-branch.ts';

export interface HostedForgeOptions {
  /** Called when the forge is first asked: what is wrong with its settings stops nobody before. */
  readonly host: () => ForgeHost;
  readonly registry: Pick<Registry, 'location' | 'fetch'> & {
    readonly repository: Pick<Registry['repository'], 'mergeTree'>;
  };
  readonly log: Logger;
  readonly onHint?: Forge['onHint'];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A branch that is so young and has no proposal yet is being opened by somebody else: milliseconds. */
const openingTakes = 60_000;

/**
 * A forge over a host of pull requests. Nothing is kept here: what is true is asked of the host each time, and each method
 * looks before it writes. So it may be called again after a crash or a lost answer at any point, and ends the same.
 */
export function hostedForge(options: HostedForgeOptions): Forge {
  return new HostedForge(options);
}

class HostedForge implements Forge {
  readonly onHint: Forge['onHint'];
  readonly #makeHost: () => ForgeHost;
  readonly #registry: HostedForgeOptions['registry'];
  readonly #log: Logger;
  readonly #now: () => number;
  #made: ForgeHost | undefined;

  constructor({ host, registry, log, onHint, now = Date.now }: HostedForgeOptions) {
    this.#makeHost = host;
    this.onHint = onHint;
    this.#registry = registry;
    this.#log = log;
    this.#now = now;
  }

  get #host(): ForgeHost {
    this.#made ??= this.#makeHost();
    return this.#made;
  }

  async list({ state, key, limit }: ProposalQuery): Promise<readonly Proposal[]> {
    const found: Proposal[] = [];
    if (limit <= 0) return found;
    const query = {
      ...(state === undefined ? {} : { state }),
      ...(key === undefined ? {} : { branch: branchOf(key) }),
    };
    for await (const pull of this.#host.pulls(query)) {
      const proposal = proposalOf(pull);
      if (key === undefined || proposal.key === key) found.push(proposal);
      if (found.length === limit) break;
    }
    return found;
  }

  async get(number: number): Promise<Proposal | undefined> {
    const pull = await this.#host.pull(number);
    return pull && proposalOf(await this.#host.detail(pull));
  }

  async open(draft: Draft): Promise<Proposal> {
    const branch = branchOf(draft.key);
    for (let attempt = 1; attempt <= 5; attempt++) {
      const open = await this.#openFrom(branch);
      if (open !== undefined) return this.#sameOrThrow(open, draft);
      if (!(await this.#prepareBranch(branch, draft))) continue;
      const { title, body } = this.#texts(draft);
      const opened = await this.#host.openPull(branch, title, body);
      if (opened !== undefined) return this.#complete(opened.number, draft);
    }
    throw forgeUnavailable(
      this.#host.where,
      `others are opening a proposal for ${draft.key} at this moment`,
      {
        retryAfterMs: 2_000,
      },
    );
  }

  async #openFrom(branch: string): Promise<Pull | undefined> {
    for await (const pull of this.#host.pulls({ state: 'open', branch })) {
      if (!pull.fromFork && pull.branch === branch) return pull;
    }
    return undefined;
  }

  async #sameOrThrow(pull: Pull, draft: Draft): Promise<Proposal> {
    const { marker } = readProposalMarker(pull.body);
    if (marker?.key !== draft.key || marker.draft !== digestOf(draft)) {
      throw proposalExists(draft.key, pull.number);
    }
    return this.#complete(pull.number, draft);
  }

  /** Has the branch name what the draft makes. False where somebody else was at it: look again. */
  async #prepareBranch(branch: string, draft: Draft): Promise<boolean> {
    const head = await this.#host.branch(branch);
    if (head === undefined) return (await this.#host.commit(draft, branch, null)) !== undefined;
    const { isDraft, madeAt } = await this.#host.compare(head, draft);
    if (isDraft) return true;
    // What an earlier proposal left may go; what somebody is about to open may not.
    if (this.#now() - madeAt < openingTakes && !(await this.#wasProposed(branch, head))) {
      throw forgeUnavailable(this.#host.where, `somebody else opens a proposal for ${draft.key}`, {
        retryAfterMs: 5_000,
      });
    }
    return (await this.#host.commit(draft, branch, head)) !== undefined;
  }

  async #wasProposed(branch: string, head: string): Promise<boolean> {
    for await (const pull of this.#host.pulls({ branch })) if (pull.head === head) return true;
    return false;
  }

  /** What comes after opening: labels, which a process may not have come to. */
  async #complete(number: number, draft: Draft): Promise<Proposal> {
    const pull = await this.#need(number);
    const missing = missingLabels(pull, draft);
    if (missing.length > 0) await this.#host.addLabels(number, missing);
    const complete = missing.length > 0 ? await this.#need(number) : pull;
    return proposalOf(await this.#host.detail(complete));
  }

  #texts(draft: Draft): { readonly title: string; readonly body: string } {
    const { limits } = this.#host;
    const marker = { key: draft.key, draft: digestOf(draft) };
    return {
      title: cut(draft.title, limits.title),
      body: withProposalMarker(draft.body, marker, limits.body),
    };
  }

  async update(number: number, draft: Draft, expectedHead: string): Promise<Proposal> {
    const pull = await this.#need(number);
    if (pull.state === 'merged') throw proposalMerged(number, pull.mergedAs ?? '');
    if (pull.state === 'closed') throw proposalClosed(number);
    if (pull.fromFork) {
      throw forgeRefused(
        pull.url,
        'its branch lies in a repository of somebody else',
        'Open a new proposal instead.',
      );
    }
    const { isDraft } = await this.#host.compare(pull.head, draft);
    let head: string | undefined = pull.head;
    if (!isDraft) {
      if (pull.head !== expectedHead) throw proposalMoved(number, 'head', expectedHead, pull.head);
      head = await this.#host.commit(draft, pull.branch, expectedHead);
      if (head === undefined) {
        throw proposalMoved(number, 'head', expectedHead, await this.#host.branch(pull.branch));
      }
    }
    const { title, body } = this.#texts(draft);
    if (title !== pull.title || body !== pull.body.replaceAll('\r\n', '\n')) {
      await this.#host.editPull(number, { title, body });
    }
    const missing = missingLabels(pull, draft);
    if (missing.length > 0) await this.#host.addLabels(number, missing);
    const updated = await this.#host.detail(await this.#need(number));
    // Some hosts take a while to see on the proposal what they have on the branch.
    return { ...proposalOf(updated), head };
  }

  async comment(number: number, slot: string, body: string): Promise<void> {
    const text = withSlotMarker(body, slot, this.#host.limits.body);
    const [first, ...others] = (await this.#slots(number)).filter((note) => note.slot === slot);
    if (first === undefined) await this.#host.addNote(number, text);
    else if (first.text.replaceAll('\r\n', '\n') !== text) await this.#host.editNote(number, first.id, text);
    // A process that ended before it knew that its first one had arrived has written another.
    for (const { id } of others) await this.#host.deleteNote(number, id);
  }

  async comments(number: number): Promise<readonly Comment[]> {
    const seen = new Map<string, Comment>();
    for (const { slot, body, by, at } of await this.#slots(number)) {
      if (!seen.has(slot)) seen.set(slot, { slot, body, by, at });
    }
    return [...seen.values()];
  }

  /** The platform's own comments: a marker in what somebody else wrote is a quotation. */
  async #slots(
    number: number,
  ): Promise<readonly (Comment & { readonly id: string; readonly text: string })[]> {
    const [self, notes] = await Promise.all([this.#host.self(), this.#host.notes(number)]);
    if (notes === undefined) throw proposalNotFound(number);
    return notes.flatMap(({ id, body: text, by, at }) => {
      const marked = readSlotMarker(text);
      if (marked === undefined || (self !== undefined && by.account !== self)) return [];
      return [{ id, text, by, at, slot: marked.slot, body: marked.body }];
    });
  }

  async report(number: number, head: string, checks: Parameters<Forge['report']>[2]): Promise<void> {
    await this.#host.report(await this.#need(number), head, checks);
  }

  async checks(number: number, head: string): ReturnType<Forge['checks']> {
    return this.#host.checks(await this.#need(number), head);
  }

  async reviews(number: number): ReturnType<Forge['reviews']> {
    const reviews = await this.#host.reviews(await this.#need(number));
    return [...reviews].sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
  }

  async review(number: number): Promise<never> {
    const pull = await this.#need(number);
    throw reviewElsewhere(number, this.#host.reviewPage(pull));
  }

  async label(
    number: number,
    name: string,
    change: 'add' | 'remove',
    _by: Actor,
    _sign?: Sign,
    expectedHead?: string,
  ): Promise<void> {
    const pull = await this.#need(number);
    if (expectedHead !== undefined && pull.head !== expectedHead) {
      throw proposalMoved(number, 'head', expectedHead, pull.head);
    }
    const isThere = pull.labels.some((label) => label.name === name);
    if (change === 'add' && !isThere) await this.#host.addLabels(number, [name]);
    if (change === 'remove' && isThere) await this.#host.removeLabel(number, name);
  }

  async merge(number: number, merge: Merge): Promise<{ readonly commit: string }> {
    const pull = await this.#need(number);
    if (pull.state === 'merged') return { commit: pull.mergedAs ?? '' };
    if (pull.state === 'closed') throw proposalClosed(number);
    if (pull.head !== merge.expectedHead) throw proposalMoved(number, 'head', merge.expectedHead, pull.head);
    const tip = await this.#host.branch(shortName(pull.base));
    if (tip !== merge.expectedBase) return this.#mergedOrThrow(number, merge);
    const answer = await this.#host.mergePull(pull, merge);
    if ('refused' in answer) return this.#mergedOrThrow(number, merge, answer.refused);
    await this.#tidy(pull, merge, answer.commit);
    return answer;
  }

  /** The host would not merge: somebody else did, or something moved, or it conflicts, or it has rules of its own. */
  async #mergedOrThrow(number: number, merge: Merge, reason?: string): Promise<{ readonly commit: string }> {
    const pull = await this.#need(number);
    if (pull.state === 'merged') return { commit: pull.mergedAs ?? '' };
    if (pull.state === 'closed') throw proposalClosed(number);
    if (pull.head !== merge.expectedHead) throw proposalMoved(number, 'head', merge.expectedHead, pull.head);
    const tip = await this.#host.branch(shortName(pull.base));
    if (tip !== merge.expectedBase) throw proposalMoved(number, 'base', merge.expectedBase, tip);
    const paths = await this.#conflicts(pull, merge);
    if (paths.length > 0) throw mergeConflict(number, paths);
    throw forgeRefused(pull.url, reason ?? 'it does not merge', 'See its page for the rules of its branch.');
  }

  /** Hosts say that there is a conflict and not where: merging here tells. */
  async #conflicts(pull: Pull, { expectedBase, expectedHead }: Merge): Promise<readonly string[]> {
    const { repository } = this.#registry;
    await this.#registry.fetch([this.#host.headReference(pull.number), pull.base]);
    const merged = await repository.mergeTree(expectedBase, expectedHead);
    return 'conflicts' in merged ? merged.conflicts : [];
  }

  /** After a merge. What fails here does not undo it. */
  async #tidy(pull: Pull, { expectedBase }: Merge, commit: string): Promise<void> {
    const { number, branch, fromFork } = pull;
    try {
      const [base] = await this.#host.parents(commit);
      if (base !== expectedBase) {
        this.#log.warn({ number, commit, expectedBase, base }, 'the base moved while a proposal was merged');
      }
      if (!fromFork && branch.startsWith(branchPrefix)) await this.#host.deleteBranch(branch);
    } catch (thrown) {
      this.#log.debug(
        { number, code: codeOf(thrown), error: messageOf(thrown) },
        'could not tidy up after a merge',
      );
    }
  }

  async close(number: number, close: Parameters<Forge['close']>[1]): Promise<void> {
    const pull = await this.#need(number);
    if (pull.state === 'merged') throw proposalMerged(number, pull.mergedAs ?? '');
    if (pull.state === 'closed') return;
    const { supersededBy } = close;
    const { body, marker } = readProposalMarker(pull.body);
    if (supersededBy !== undefined && marker !== undefined && marker.supersededBy !== supersededBy) {
      const text = withProposalMarker(body, { ...marker, supersededBy }, this.#host.limits.body);
      await this.#host.editPull(number, { body: text });
    }
    await this.comment(number, 'closed', closingWords(close));
    await this.#host.closePull(number);
  }

  async fetch(number: number): Promise<void> {
    await this.#need(number);
    const reference = this.#host.headReference(number);
    const fetched = await this.#registry.fetch([reference]);
    if (fetched.has(reference)) return;
    throw forgeRefused(
      this.#host.where,
      `${this.#registry.location} has no ${reference}`,
      'Let the platform follow the repository on the forge by its URL, not a copy of it.',
    );
  }

  async #need(number: number): Promise<Pull> {
    const pull = await this.#host.pull(number);
    if (pull === undefined) throw proposalNotFound(number);
    return pull;
  }
}

function missingLabels(pull: Pull, { labels = [] }: Draft): readonly string[] {
  return labels.filter((name) => !pull.labels.some((label) => label.name === name));
}

function shortName(reference: string): string {
  return reference.replace(/^refs\/heads\//, '');
}

function closingWords({ reason, supersededBy, by }: Parameters<Forge['close']>[1]): string {
  const newer = supersededBy === undefined ? '' : ` Proposal ${supersededBy} took its place.`;
  return `Closed for ${nameOf(by)}: ${reason}.${newer}`.replace('..', '.');
}

function nameOf({ name, account }: Actor): string {
  return account ?? name;
}

/**
 * A key counts where the branch follows from it: that takes the right to push to this repository. Whoever only writes the
 * marker into a body, or opens from a fork, has a proposal without a key.
 */
function proposalOf(pull: Pull): Proposal {
  const { branch, body: text, ...shown } = pull;
  const { body, marker } = readProposalMarker(text);
  const isOurs = marker !== undefined && !pull.fromFork && branch === branchOf(marker.key);
  const { supersededBy } = marker ?? {};
  return {
    ...shown,
    body,
    key: isOurs ? marker.key : null,
    ...(isOurs && supersededBy !== undefined ? { supersededBy } : {}),
  };
}
