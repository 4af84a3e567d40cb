import { codeOf, messageOf } from '../../core/plugin.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import { type ProposalEvent, parseEvent } from './event.ts';

/** The events of one chain, or why it is none. `known`: a tip of before was met, and only what is newer was read. */
export type Chain =
  | { readonly events: ReadonlyMap<string, ProposalEvent>; readonly known?: string }
  | { readonly broken: string };

/** More than any proposal has; a chain is read whole before it is believed. */
const maxEvents = 20_000;
/** Of all its commits together: a few bytes on the disk can unfold to any number. */
const maxBytes = 256 * 1024 * 1024;

/**
 * Reads many chains of events side by side, newest first, a generation of all of them at a time: the reads of one
 * generation travel together. A chain stops where it meets a commit that is no event, so that a reference which was
 * pointed at a long history by mistake costs one read. `known(tip)` names an older tip that need not be read again.
 */
export async function readChains(
  repository: Repository,
  tips: readonly { readonly tip: string; readonly known?: string }[],
): Promise<ReadonlyMap<string, Chain>> {
  const chains = tips.map((wanted) => new Reading(wanted.tip, wanted.known));
  for (let going = chains; going.length > 0; going = going.filter((chain) => chain.next.length > 0)) {
    const wanted = going.flatMap((chain) => chain.take().map((id) => ({ chain, id })));
    await Promise.all(
      wanted.map(async ({ chain, id }) => {
        try {
          const bytes = await repository.rawCommit(id);
          chain.add(id, parseEvent(id, bytes), bytes.length);
        } catch (error) {
          if (!passing.has(codeOf(error))) chain.add(id, messageOf(error), 0);
          else throw error;
        }
      }),
    );
  }
  return new Map(chains.map((chain) => [chain.tip, chain.result()]));
}

/** Errors that say nothing of the chain. */
const passing = new Set(['RepositoryClosed', 'NotARepository', 'GitMissing', 'InternalError']);

class Reading {
  readonly tip: string;
  readonly #known: string | undefined;
  readonly #events = new Map<string, ProposalEvent>();
  readonly #seen: Set<string>;
  next: string[];
  #broken: string | undefined;
  #bytes = 0;
  #metKnown = false;
  /** A merge between the known tip and this one: what is older may have to be sorted in anew. */
  #isLinear = true;

  constructor(tip: string, known: string | undefined) {
    this.tip = tip;
    this.#known = known;
    this.#seen = new Set([tip]);
    this.next = [tip];
  }

  take(): string[] {
    return this.next.splice(0);
  }

  add(id: string, event: ProposalEvent | string, bytes: number): void {
    if (this.#broken !== undefined) return;
    this.#bytes += bytes;
    if (typeof event === 'string') {
      this.#stop(event);
      return;
    }
    this.#events.set(id, event);
    if (this.#events.size > maxEvents) this.#stop(`it has more than ${maxEvents} events`);
    if (this.#bytes > maxBytes) this.#stop(`its events have more than ${maxBytes} bytes`);
    if (event.parents.length > 1) this.#isLinear = false;
    for (const parent of event.parents) {
      if (parent === this.#known && this.#isLinear) this.#metKnown = true;
      else if (!this.#seen.has(parent) && this.#broken === undefined) {
        this.#seen.add(parent);
        this.next.push(parent);
      }
    }
  }

  result(): Chain {
    if (this.#broken !== undefined) return { broken: this.#broken };
    return { events: this.#events, ...(this.#metKnown && { known: this.#known }) };
  }

  #stop(reason: string): void {
    this.#broken = reason;
    this.next = [];
  }
}
