import type { Commit, Repository } from '../../libraries/git/repository.ts';

/** A merge that stands on the base. */
export interface MergeOnBase {
  readonly commit: string;
  readonly by: { readonly name: string; readonly email: string };
  /** Seconds since 1970. */
  readonly at: number;
}

export interface SavedHistory {
  readonly reference: string;
  readonly tip: string;
  /** Ids of the first-parent history, one after another, oldest first. */
  readonly commits: string;
  readonly merges: readonly (readonly [head: string, merge: MergeOnBase])[];
}

/**
 * The first-parent history of the base, kept up to date: which commits stand on it, and what was merged. Whether a
 * proposal is merged is seen here and nowhere else, so that neither a forged event nor a missing one changes it. Costs
 * what is new since the last look; a base that was rewritten is read anew.
 */
export class BaseHistory {
  readonly #repository: Repository;
  readonly #reference: string;
  #tip: string | undefined;
  #commits = new Set<string>();
  #merges = new Map<string, MergeOnBase>();

  constructor(repository: Repository, reference: string, saved?: SavedHistory) {
    this.#repository = repository;
    this.#reference = reference;
    if (saved?.reference !== reference) return;
    this.#tip = saved.tip;
    for (let at = 0; at < saved.commits.length; at += saved.tip.length)
      this.#commits.add(saved.commits.slice(at, at + saved.tip.length));
    this.#merges = new Map(saved.merges);
  }

  /** Where the base stands; undefined while it has no commit. */
  async refresh(): Promise<string | undefined> {
    const tip = await this.#repository.resolve(this.#reference);
    if (tip === undefined || tip === this.#tip) return tip;
    const fresh: Commit[] = [];
    let isNewer = false;
    let from: string | undefined = tip;
    for (let limit = 32; from !== undefined && !isNewer; limit = Math.min(limit * 4, 8192)) {
      const commits: readonly Commit[] = await this.#repository.log(from, { limit });
      const met = commits.findIndex(({ id }) => id === this.#tip);
      isNewer = met >= 0;
      fresh.push(...(isNewer ? commits.slice(0, met) : commits));
      const oldest: Commit | undefined = commits.at(-1);
      // The first parent of the last one: where a shallow clone ends, there is no more to be read.
      from = commits.length < limit ? undefined : oldest?.parents[0];
    }
    if (!isNewer) {
      this.#commits = new Set();
      this.#merges = new Map();
    }
    for (const commit of fresh.reverse()) this.#add(commit);
    this.#tip = tip;
    return tip;
  }

  has(commit: string): boolean {
    return this.#commits.has(commit);
  }

  /** How a head came onto the base: by a merge whose second parent it is, or by standing on it itself. */
  mergeOf(head: string): MergeOnBase | undefined {
    return this.#merges.get(head);
  }

  save(): SavedHistory | undefined {
    if (this.#tip === undefined) return undefined;
    const commits = [...this.#commits].join('');
    return { reference: this.#reference, tip: this.#tip, commits, merges: [...this.#merges] };
  }

  #add(commit: Commit): void {
    this.#commits.add(commit.id);
    const { name, email } = commit.author;
    for (const head of commit.parents.slice(1)) {
      // The first one counts: a head that is merged again brings nothing.
      if (this.#merges.has(head)) continue;
      this.#merges.set(head, { commit: commit.id, by: { name, email }, at: commit.committer.time });
    }
  }
}
