import { setTimeout as pause } from 'node:timers/promises';
import type { Repository } from '../../libraries/git/repository.ts';
import { BaseHistory } from './base-history.ts';
import { EventFiles } from './event-file.ts';
import { inOrder } from './event-order.ts';
import { type Folded, fold } from './fold.ts';
import { type Chain, readChains } from './read-chains.ts';
import {
  headReference,
  metaReference,
  type ProposalReferences,
  proposalsOf,
  proposalsPrefix,
} from './references.ts';
import { type LoadedIndex, loadIndex, type SavedChain, saveIndex } from './saved-index.ts';

type Read = Folded | { readonly broken: string };

/** One proposal as its references stand. */
export interface Found {
  readonly number: number;
  /** The tip of its events. */
  readonly meta: string;
  /** What the branch names; undefined where it is gone. */
  readonly branch: string | undefined;
  readonly folded: Folded;
}

/** All proposals as the references stand, at one look. */
export interface View {
  readonly references: ReadonlyMap<string, string>;
  readonly found: ReadonlyMap<number, Found>;
  /** Those that are one of `found` under another number. They count as broken too. */
  readonly copies: ReadonlyMap<number, Found>;
  readonly broken: ReadonlyMap<number, string>;
  /** The numbers that are taken, by whatever; lowest first. */
  readonly taken: readonly number[];
}

/**
 * What the chains of events come to, by their tips. A chain that was read once is never read again, only what was added;
 * a folder keeps it for the next process. Nothing that is kept in the repository itself is believed.
 */
export class ProposalIndex {
  readonly history: BaseHistory;
  readonly files: EventFiles;
  readonly #repository: Repository;
  readonly #folder: string | undefined;
  readonly #read = new Map<string, Read>();
  /** The tip that each number had last, to begin from. */
  readonly #tips = new Map<number, string>();
  readonly #loaded: LoadedIndex;
  /** What a look came to last: it holds while the references are the same. */
  #seen: View | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `folder`: where to keep it; undefined: nowhere. */
  constructor(repository: Repository, base: string, folder: string | undefined) {
    this.#repository = repository;
    this.#folder = folder;
    this.files = new EventFiles(repository);
    this.#loaded = loadIndex(folder);
    this.history = new BaseHistory(repository, base, this.#loaded.history);
    for (const { number, tip, folded, text } of this.#loaded.chains) {
      this.#read.set(tip, folded);
      this.#tips.set(number, tip);
      if (text !== undefined) this.files.prime(folded.text.tree, text);
    }
  }

  /** Looks at all of them, or at those of another clone that were fetched to a prefix of their own. */
  async view(prefix = proposalsPrefix): Promise<View> {
    const references = await this.#repository.references(prefix);
    if (references === this.#seen?.references) return this.#seen;
    const view = await this.#viewOf(references, prefix);
    if (prefix === proposalsPrefix) this.#seen = view;
    return view;
  }

  async #viewOf(references: ReadonlyMap<string, string>, prefix: string): Promise<View> {
    const proposals = proposalsOf(references, prefix);
    const reads = await this.#readAll([...proposals.values()], prefix === proposalsPrefix);
    const found = new Map<number, Found>();
    const copies = new Map<number, Found>();
    const broken = new Map<number, string>();
    const numbers = new Map<string, number>();
    for (const one of proposals.values()) {
      const read = reads.get(one.number)!;
      if ('broken' in read) {
        broken.set(one.number, read.broken);
        continue;
      }
      const here = { number: one.number, meta: one.meta!, branch: one.head, folded: read };
      const first = numbers.get(read.root);
      if (first === undefined) {
        numbers.set(read.root, one.number);
        found.set(one.number, here);
      } else {
        copies.set(one.number, here);
        broken.set(one.number, `it is a copy of proposal ${first}`);
      }
    }
    return { references, found, copies, broken, taken: [...proposals.keys()] };
  }

  /** Looks at one. */
  async one(number: number): Promise<Found | { readonly broken: string } | undefined> {
    let [meta, head] = await this.#referencesOf(number);
    // References that move together can be seen one before the other, while a fetch brings them, say.
    for (let wait = 10; meta === undefined && head !== undefined && wait < 500; wait *= 2) {
      await pause(wait);
      [meta, head] = await this.#referencesOf(number);
    }
    if (meta === undefined && head === undefined) return undefined;
    const read = (await this.#readAll([{ number, meta, head }], true)).get(number)!;
    return 'broken' in read ? read : { number, meta: meta!, branch: head, folded: read };
  }

  #referencesOf(number: number): Promise<[meta: string | undefined, head: string | undefined]> {
    return Promise.all([
      this.#repository.resolve(metaReference(number)),
      this.#repository.resolve(headReference(number)),
    ]);
  }

  /** Keeps it for the next process and lets go of what an earlier one kept: the last that is asked of it. */
  async close(): Promise<void> {
    await this.save();
    this.#loaded.close();
  }

  /** Writes down what is not yet kept for the next process. */
  async save(): Promise<void> {
    if (this.#timer === undefined || this.#folder === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const chains: SavedChain[] = [];
    for (const [number, tip] of this.#tips) {
      const read = this.#read.get(tip);
      if (read === undefined || 'broken' in read) continue;
      chains.push({ number, tip, folded: read, text: this.files.peek(read.text.tree) });
    }
    await saveIndex(this.#folder, { chains, history: this.history.save() });
  }

  async #readAll(
    proposals: readonly ProposalReferences[],
    isOurs: boolean,
  ): Promise<ReadonlyMap<number, Read>> {
    const results = new Map<number, Read>();
    const unread = new Map<string, Before>();
    for (const { number, meta } of proposals) {
      if (meta === undefined) {
        const reason = `it has a branch and no events: ${metaReference(number)} names no commit`;
        results.set(number, { broken: reason });
      } else if (this.#read.has(meta)) results.set(number, this.#read.get(meta)!);
      else unread.set(meta, this.#before(number));
    }
    const wanted = [...unread].map(([tip, before]) => ({ tip, ...(before && { known: before.tip }) }));
    const chains =
      wanted.length === 0 ? new Map<string, Chain>() : await readChains(this.#repository, wanted);
    const folded = new Map([...chains].map(([tip, chain]) => [tip, foldChain(chain, unread.get(tip))]));
    for (const { number, meta } of proposals) {
      const fresh = folded.get(meta ?? '');
      if (fresh === undefined || meta === undefined) continue;
      results.set(number, fresh);
      if (isOurs) this.#keep(number, meta, fresh);
    }
    return results;
  }

  #before(number: number): Before {
    const tip = this.#tips.get(number);
    const read = this.#read.get(tip ?? '');
    return tip === undefined || read === undefined || 'broken' in read ? undefined : { tip, folded: read };
  }

  #keep(number: number, tip: string, read: Read): void {
    const earlier = this.#tips.get(number);
    if (earlier !== undefined) this.#read.delete(earlier);
    this.#tips.set(number, tip);
    this.#read.set(tip, read);
    this.#timer ??= setTimeout(() => void this.save(), 30_000).unref();
  }
}

/** What a chain came to when it was read last. */
type Before = { readonly tip: string; readonly folded: Folded } | undefined;

function foldChain(chain: Chain, before: Before): Read {
  if ('broken' in chain) return chain;
  if (chain.known === undefined || before === undefined) return fold(inOrder(chain.events));
  // Read newest first, and without a merge.
  return fold([...chain.events.values()].reverse(), before.folded);
}
