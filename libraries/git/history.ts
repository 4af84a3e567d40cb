import type { Commit } from './repository.ts';

/** Reads a commit for a walk: with the parents that the walk shall follow. */
export type ReadCommit = (id: string) => Promise<Commit>;

/**
 * The best common ancestors of two commits: those that are no ancestors of another one. Walks from young to old, as far as
 * the younger of the two histories needs.
 */
export async function mergeBases(one: string, other: string, read: ReadCommit): Promise<readonly string[]> {
  const marks = new Map<string, number>();
  const queue = new YoungestFirst();
  const found: string[] = [];
  const mark = async (id: string, marking: number) => {
    const before = marks.get(id) ?? 0;
    if ((before | marking) === before) return;
    marks.set(id, before | marking);
    queue.add(await read(id));
  };
  await mark(one, ours);
  await mark(other, theirs);
  for (;;) {
    // What is below a common ancestor is common too and no better; once only such is left, all are found.
    if (!queue.some((commit) => (marks.get(commit.id)! & stale) === 0)) break;
    const commit = queue.take()!;
    const marking = marks.get(commit.id)!;
    const isCommon = (marking & (ours | theirs)) === (ours | theirs);
    if (isCommon && (marking & stale) === 0 && !found.includes(commit.id)) found.push(commit.id);
    for (const parent of commit.parents) await mark(parent, isCommon ? ours | theirs | stale : marking);
  }
  return withoutAncestors(
    found.filter((id) => (marks.get(id)! & stale) === 0),
    read,
  );
}

const ours = 1;
const theirs = 2;
const stale = 4;

/** Clocks that went wrong let an ancestor look younger than its descendant: those still found go here. */
async function withoutAncestors(ids: readonly string[], read: ReadCommit): Promise<readonly string[]> {
  if (ids.length < 2) return ids;
  const below = new Set<string>();
  for (const id of ids) {
    const reached = new Set((await read(id)).parents);
    for (const parent of reached) for (const next of (await read(parent)).parents) reached.add(next);
    for (const one of reached) below.add(one);
  }
  return ids.filter((id) => !below.has(id));
}

/** All commits that one comes from, itself first: none before all of its children, and else the youngest first. */
export async function historyOf(start: string, read: ReadCommit): Promise<readonly Commit[]> {
  const children = new Map<string, number>();
  const commits = new Map<string, Commit>([[start, await read(start)]]);
  for (const commit of commits.values()) {
    for (const parent of new Set(commit.parents)) {
      children.set(parent, (children.get(parent) ?? 0) + 1);
      if (!commits.has(parent)) commits.set(parent, await read(parent));
    }
  }
  const ready = new YoungestFirst();
  ready.add(commits.get(start)!);
  const ordered: Commit[] = [];
  for (let commit = ready.take(); commit !== undefined; commit = ready.take()) {
    ordered.push(commit);
    for (const parent of new Set(commit.parents)) {
      const waiting = children.get(parent)! - 1;
      children.set(parent, waiting);
      if (waiting === 0) ready.add(commits.get(parent)!);
    }
  }
  return ordered;
}

/** A queue by the committer's time; of equal ones the first that came leaves first. */
class YoungestFirst {
  /** The youngest last. */
  readonly #commits: Commit[] = [];

  add(commit: Commit): void {
    let low = 0;
    let high = this.#commits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#commits[middle]!.committer.time < commit.committer.time) low = middle + 1;
      else high = middle;
    }
    this.#commits.splice(low, 0, commit);
  }

  take(): Commit | undefined {
    return this.#commits.pop();
  }

  some(condition: (commit: Commit) => boolean): boolean {
    return this.#commits.some(condition);
  }
}
