import type { NewJournalEntry, Registry } from '../../core/capabilities/registry.ts';

/** Appends to the journal, once: an entry that an earlier process left before it was killed is not repeated. */
export class JournalOnce {
  readonly #registry: Pick<Registry, 'journal' | 'record'>;
  #last: Promise<void> = Promise.resolve();

  constructor(registry: Pick<Registry, 'journal' | 'record'>) {
    this.#registry = registry;
  }

  /**
   * Looks for an entry of that type with the same values of `same` in its data. Entries about one commit are looked for
   * under it; others among the latest.
   */
  record(entry: NewJournalEntry, same: readonly string[]): Promise<boolean> {
    const work = this.#last.then(() => this.#recordOnce(entry, same));
    this.#last = work.then(
      () => {},
      () => {},
    );
    return work;
  }

  async #recordOnce(entry: NewJournalEntry, same: readonly string[]): Promise<boolean> {
    const { type, commit } = entry;
    const query =
      commit === null || !byCommit.has(type) ? { type, limit: 1000 } : { type, commit, limit: 100 };
    const found = await this.#registry.journal(query);
    const isThere = found.some(({ data }) => same.every((field) => data[field] === entry.data[field]));
    if (!isThere) await this.#registry.record(entry);
    return !isThere;
  }
}

/** Those that are about one commit each, so that a long journal need not be read. */
const byCommit: ReadonlySet<string> = new Set([
  'proposal.updated',
  'proposal.judged',
  'proposal.merged',
  'proposal.break-glass',
]);
