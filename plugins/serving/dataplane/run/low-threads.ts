import { readdirSync } from 'node:fs';
import { givesWay } from './thread-priority.ts';

/** A thread says that it gives way once it runs; one that did not in so many looks never will. */
const looksOfNew = 5;
const low = Number.POSITIVE_INFINITY;

/**
 * The threads of this process that give way to event loops, for who looks again and again on one: what the kernel says of a thread is
 * read while it is new. Linux alone tells; elsewhere a look throws.
 */
export class LowThreads {
  /** How often each was looked at, by its number. */
  #looks: ReadonlyMap<string, number> = new Map();

  look(): readonly string[] {
    const found = new Map<string, number>();
    for (const thread of readdirSync('/proc/self/task')) {
      const looks = this.#looks.get(thread) ?? 0;
      if (looks >= looksOfNew) found.set(thread, looks);
      else found.set(thread, givesWay(thread) ? low : looks + 1);
    }
    this.#looks = found;
    return [...found.keys()].filter((thread) => found.get(thread) === low);
  }
}
