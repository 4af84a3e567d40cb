import type { Proposal } from '../../core/capabilities/forge.ts';
import {
  proposalBroken,
  proposalClosed,
  proposalMerged,
  proposalNotFound,
} from '../../core/capabilities/forge-errors.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import type { BaseHistory } from './base-history.ts';
import { branchPushes } from './branch-pushes.ts';
import { Proofs } from './proofs.ts';
import { type Found, ProposalIndex, type View } from './proposal-index.ts';
import { headReference } from './references.ts';
import { type Readers, type Standing, show, standingOf } from './show.ts';

/** All proposals of one base as they are at one look, whole ones and broken ones. */
export interface Overview extends View {
  /** By the roots of the proposals of any base. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Finds the proposals that want to change one base, and says how each of them stands. */
export class ProposalLookup {
  readonly readers: Readers;
  readonly #repository: Repository;
  readonly #base: string;
  readonly #index: ProposalIndex;

  /** With a folder, what was read is kept for the next process. */
  constructor(repository: Repository, base: string, folder: string | undefined) {
    this.#repository = repository;
    this.#base = base;
    this.#index = new ProposalIndex(repository, base, folder);
    const { files, history } = this.#index;
    this.readers = { repository, files, proofs: new Proofs(repository), history };
  }

  /** Keeps what was read. */
  async close(): Promise<void> {
    await this.#index.close();
  }

  async look(): Promise<Overview> {
    const { history } = this.readers;
    let view = await this.#index.view();
    const known = new Set<string>();
    for (const { folded } of view.found.values()) known.add(folded.root);
    // References are not listed in one instant: a claim may be seen whose proposal, written before it, was passed already.
    for (const [name, root] of view.references) {
      if (known.has(root) || !name.startsWith('refs/proposals/keys/')) continue;
      view = await this.#index.view();
      break;
    }
    await history.refresh();
    const found = new Map<number, Found>();
    const numbers = new Map<string, number>();
    const broken = new Map(view.broken);
    for (const [number, one] of view.found) {
      numbers.set(one.folded.root, number);
      if (one.folded.base !== this.#base) continue;
      // Most have a branch, and there are thousands: only those without one are waited for.
      const gone = one.branch === undefined ? await this.#whatIsGone(one) : undefined;
      if (gone === undefined) found.set(number, one);
      else broken.set(number, gone);
    }
    return { ...view, found, broken, numbers };
  }

  /** Undefined where there is none, or one of another base. Throws ProposalBroken. */
  async find(number: number): Promise<Found | undefined> {
    const found = await this.#index.one(number);
    if (found === undefined) return undefined;
    if ('broken' in found) throw proposalBroken(number, found.broken);
    if (found.folded.base !== this.#base) return undefined;
    const gone = await this.#whatIsGone(found);
    if (gone !== undefined) throw proposalBroken(number, gone);
    return found;
  }

  /** Throws ProposalNotFound where there is none. */
  async demand(number: number): Promise<Found> {
    const found = await this.find(number);
    if (found === undefined) throw proposalNotFound(number);
    return found;
  }

  async demandOpen(number: number): Promise<[Found, Standing]> {
    const found = await this.demand(number);
    const readers = this.readers;
    await readers.history.refresh();
    const standing = standingOf(found, readers.history);
    if (standing.mergedAs !== undefined) throw proposalMerged(number, standing.mergedAs);
    if (standing.state === 'closed') throw proposalClosed(number);
    return [found, standing];
  }

  async show(found: Found): Promise<Proposal> {
    const readers = this.readers;
    await readers.history.refresh();
    const standing = standingOf(found, readers.history);
    const isSuperseded = found.folded.closed?.newer !== undefined;
    const numbers = isSuperseded ? (await this.look()).numbers : new Map<string, number>();
    const proposal = await show(found, standing, readers, numbers);
    return { ...proposal, pushes: await branchPushes(proposal, readers) };
  }

  /** An open proposal whose branch was deleted is whole while its commit is still there. */
  async #whatIsGone(found: Found): Promise<string | undefined> {
    if (found.branch !== undefined) return undefined;
    const { state, head } = standingOf(found, this.readers.history);
    if (state !== 'open' || (await this.#repository.resolve(head)) !== undefined) return undefined;
    return `its branch ${headReference(found.number)} is gone, and the commit ${head} too`;
  }
}

/** The open proposal that holds a key. */
export function openWithKey(view: View, history: BaseHistory, key: string): Found | undefined {
  for (const found of view.found.values()) {
    if (found.folded.key === key && standingOf(found, history).state === 'open') return found;
  }
  return undefined;
}
