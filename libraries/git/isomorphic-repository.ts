import fs from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as git from 'isomorphic-git';
import { compareTrees } from './changed-paths.ts';
import { parseCommit } from './commit.ts';
import {
  blobTooLarge,
  gitFailed,
  notARepository,
  objectMissing,
  objectUnreadable,
  referenceMoved,
} from './errors.ts';
import { FileReferences } from './file-references.ts';
import { findEntry } from './find-file.ts';
import { findGitFolder } from './git-folder.ts';
import { historyOf, mergeBases, type ReadCommit } from './history.ts';
import { writeLooseObject } from './loose-object.ts';
import { type MergedTree, mergeTrees } from './merge-trees.ts';
import { assembleCommit, assembleCommits, draftOf } from './new-commit.ts';
import { isObjectId, type NewObject } from './object-id.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { checkReference, checkUpdates, foldersOf } from './reference-name.ts';
import type {
  Blob,
  ChangedPath,
  Commit,
  CommitDraft,
  LogOptions,
  MergeResult,
  NextCommit,
  Person,
  ReferenceUpdate,
  TreeEntry,
  Write,
} from './repository.ts';
import { candidates, parseRevision, type RevisionStep } from './revision.ts';
import { parseTree, rawName, readableName } from './tree.ts';

/** Opens the repository whose root this folder is, without any git program. Throws `RepositoryUnsupported`. */
export async function openIsomorphicRepository(location: string): Promise<OpenedRepository> {
  return new IsomorphicRepository(await findGitFolder(location));
}

/**
 * The repository by isomorphic-git, for machines without git. It reads objects with isomorphic-git, and asks again
 * where another process repacks at that moment; objects and references it writes itself, because isomorphic-git neither
 * locks nor compares (`docs/adr/0003`). A blob is read whole, whatever its size.
 */
export class IsomorphicRepository implements OpenedRepository {
  readonly implementation = 'isomorphic';
  readonly gitFolder: string;
  readonly commonFolder: string;
  readonly format = 'sha1' as const;
  readonly #references: FileReferences;
  readonly #peeled = new Map<string, string | undefined>();
  /** isomorphic-git's own: indexes of packs. Thrown away when a read fails. */
  #cache: object = {};

  constructor(gitFolder: string) {
    this.gitFolder = gitFolder;
    this.commonFolder = gitFolder;
    this.#references = new FileReferences(gitFolder);
  }

  async resolve(revision: string): Promise<string | undefined> {
    const parsed = parseRevision(revision);
    if (parsed === undefined) return undefined;
    const base = await this.#resolveBase(parsed.base);
    let commit = base === undefined ? undefined : await this.#peel(base);
    for (const step of parsed.steps) {
      if (commit !== undefined) commit = await this.#step(commit, step);
    }
    return commit;
  }

  async commit(id: string): Promise<Commit> {
    return parseCommit(id, await this.#read(id, 'commit'));
  }

  async tree(id: string): Promise<readonly TreeEntry[]> {
    const bytes = await this.rawTree(id);
    try {
      return parseTree(bytes, this.format);
    } catch (error) {
      throw objectUnreadable(id, (error as Error).message, error);
    }
  }

  async rawTree(id: string): Promise<Buffer> {
    return this.#read(id, 'tree');
  }

  async *blobs(ids: readonly string[], maxBytes: number): AsyncIterable<Blob> {
    for (let start = 0; start < ids.length; start += atOnce) {
      const group = ids.slice(start, start + atOnce);
      for (const [index, bytes] of (await Promise.all(group.map((id) => this.#read(id, 'blob')))).entries()) {
        const size = bytes.length;
        yield { id: group[index]!, size, bytes: size <= maxBytes ? bytes : undefined };
      }
    }
  }

  async blobSize(id: string): Promise<number> {
    return (await this.#read(id, 'blob')).length;
  }

  async *openBlob(id: string): AsyncIterable<Uint8Array> {
    const bytes = await this.#read(id, 'blob');
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }

  async commits(ids: readonly string[]): Promise<readonly Commit[]> {
    const found: Commit[] = [];
    for (let start = 0; start < ids.length; start += atOnce) {
      found.push(...(await Promise.all(ids.slice(start, start + atOnce).map((id) => this.commit(id)))));
    }
    return found;
  }

  async rawCommit(id: string): Promise<Uint8Array> {
    return this.#read(id, 'commit');
  }

  async readFile(commit: string, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const entry = await findEntry(this, commit, path);
    if (entry?.type !== 'blob') return undefined;
    const bytes = await this.#read(entry.id, 'blob');
    if (bytes.length > maxBytes) throw blobTooLarge(path, bytes.length, maxBytes);
    return bytes;
  }

  async changedPaths(from: string | null, to: string): Promise<readonly ChangedPath[]> {
    const before = from === null ? undefined : (await this.commit(from)).tree;
    return compareTrees(before, (await this.commit(to)).tree, this.format, (ids) =>
      Promise.all(ids.map((id) => this.rawTree(id))),
    );
  }

  async log(from: string, options: LogOptions): Promise<readonly Commit[]> {
    const start = await this.resolve(from);
    if (start === undefined) throw objectMissing(from, 'commit');
    const { path, limit, firstParent = true, since = 0, until = Number.MAX_SAFE_INTEGER } = options;
    const read = await this.#unshallow(firstParent);
    const entries = new Map<string, string | undefined>();
    const found: string[] = [];
    for await (const commit of firstParent ? line(start, read) : await historyOf(start, read)) {
      if (found.length >= limit) break;
      if (commit.committer.time < since || commit.committer.time > until) continue;
      if (path === undefined || (await this.#changes(commit, path, entries))) found.push(commit.id);
    }
    return this.commits(found);
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    await this.commit(ancestor);
    const read = await this.#unshallow();
    const seen = new Set([descendant]);
    for (const id of seen) {
      if (id === ancestor) return true;
      for (const parent of (await read(id)).parents) seen.add(parent);
    }
    return false;
  }

  async mergeBase(one: string, other: string): Promise<string | undefined> {
    return (await mergeBases(one, other, await this.#unshallow()))[0];
  }

  async mergeTree(ours: string, theirs: string): Promise<MergeResult> {
    const bases = await mergeBases(ours, theirs, await this.#unshallow());
    const [mine, other] = [(await this.commit(ours)).tree, (await this.commit(theirs)).tree];
    const from = {
      format: this.format,
      rawTree: (id: string) => this.rawTree(id),
      rawBlob: (id: string) => this.#read(id, 'blob'),
    };
    const results: MergedTree[] = [];
    for (const base of bases.length === 0 ? [undefined] : bases) {
      const tree = base === undefined ? undefined : (await this.commit(base)).tree;
      results.push(await mergeTrees(tree, mine, other, from));
    }
    const [first, ...rest] = results as [MergedTree, ...MergedTree[]];
    const conflicts = new Set(results.flatMap((result) => result.conflicts));
    // Of a criss-cross history every base must lead to the same result: where they do not, a human decides.
    for (const { tree } of conflicts.size > 0 ? [] : rest) {
      await this.#store(results.flatMap((result) => result.objects));
      const readTrees = (ids: readonly string[]) => Promise.all(ids.map((id) => this.rawTree(id)));
      for (const { path } of await compareTrees(first.tree, tree, this.format, readTrees))
        conflicts.add(rawName(path));
    }
    if (conflicts.size > 0) return { conflicts: [...conflicts].sort().map(readableName) };
    await this.#store(first.objects);
    return { tree: first.tree };
  }

  async references(prefix?: string): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const folder of foldersOf(prefix)) {
      const listed = [...(await this.#references.list(folder))].filter(([name]) =>
        name.startsWith(prefix ?? ''),
      );
      for (let start = 0; start < listed.length; start += atOnce) {
        const group = listed.slice(start, start + atOnce);
        const commits = await Promise.all(group.map(([, id]) => this.#peelCached(id)));
        for (const [index, commit] of commits.entries())
          if (commit !== undefined) found.set(group[index]![0], commit);
      }
    }
    return found;
  }

  async headReference(): Promise<string> {
    return this.#references.follow('HEAD');
  }

  async updateReferences(updates: readonly ReferenceUpdate[]): Promise<void> {
    checkUpdates(updates);
    for (const { to } of updates) if (to !== null) await this.commit(to);
    await this.#references.move(updates, { author: platform(), message: 'switchyard: update' });
  }

  async makeCommit(draft: CommitDraft): Promise<string> {
    const commit = await assembleCommit(draft, this);
    await this.#store(commit.objects);
    return commit.id;
  }

  async makeCommits(drafts: readonly NextCommit[]): Promise<readonly string[]> {
    const { ids, objects } = await assembleCommits(drafts, this);
    if (objects.length > 0) await this.#store(objects);
    return ids;
  }

  async write(change: Write): Promise<string> {
    const { reference, expected } = change;
    checkReference(reference);
    const commit = await assembleCommit(draftOf(change), this);
    const actual = await this.#references.read(reference);
    if (actual !== (expected ?? undefined)) throw referenceMoved(reference, expected, actual);
    await this.#store(commit.objects);
    await this.#references.move([{ reference, from: expected, to: commit.id }], {
      author: commit.committer,
      message: `switchyard: ${change.message.split('\n', 1)[0]}`,
    });
    return commit.id;
  }

  async close(): Promise<void> {
    this.#cache = {};
  }

  async #store(objects: readonly NewObject[]): Promise<void> {
    try {
      for (const object of objects) await writeLooseObject(this.gitFolder, object);
    } catch (error) {
      throw gitFailed('write', (error as Error).message, error);
    }
  }

  async #resolveBase(name: string): Promise<string | undefined> {
    if (isObjectId(name)) return name;
    for (const candidate of candidates(name)) {
      const id = await this.#references.read(candidate);
      if (id !== undefined) return id;
    }
    await access(join(this.gitFolder, 'HEAD')).catch(() => {
      throw notARepository(this.gitFolder, 'the folder is gone');
    });
    if (!/^[0-9a-f]{4,39}$/.test(name)) return undefined;
    return git
      .expandOid({ fs, gitdir: this.gitFolder, oid: name, cache: this.#cache })
      .catch(() => undefined);
  }

  /** The commit behind an object: through annotated tags, or undefined where there is none. */
  async #peel(id: string): Promise<string | undefined> {
    let object = await this.#tryRead(id);
    let name = id;
    for (let depth = 0; object?.type === 'tag' && depth < 10; depth++) {
      name = /^object ([0-9a-f]+)/.exec(object.bytes.toString('latin1'))?.[1] ?? '';
      object = await this.#tryRead(name);
    }
    return object?.type === 'commit' ? name : undefined;
  }

  /** Objects never change: what a list of references showed once costs nothing the next time. */
  async #peelCached(id: string): Promise<string | undefined> {
    if (!this.#peeled.has(id)) {
      if (this.#peeled.size >= maxPeeled) this.#peeled.clear();
      this.#peeled.set(id, await this.#peel(id));
    }
    return this.#peeled.get(id);
  }

  async #step(id: string, { kind, count }: RevisionStep): Promise<string | undefined> {
    if (kind === 'peel') return id;
    if (kind === 'parent') return (await this.commit(id)).parents[count - 1];
    let commit: string | undefined = id;
    for (let done = 0; done < count && commit !== undefined; done++)
      commit = (await this.commit(commit)).parents[0];
    return commit;
  }

  /** Whether what a path names differs from that of a parent (or of nothing). `entries` remembers for one walk. */
  async #changes(commit: Commit, path: string, entries: Map<string, string | undefined>): Promise<boolean> {
    const entryOf = async (id: string) => {
      if (!entries.has(id)) {
        const entry = await findEntry(this, id, path.replace(/\/+$/, ''));
        entries.set(id, entry && `${entry.type} ${entry.id}`);
      }
      return entries.get(id);
    };
    const here = await entryOf(commit.id);
    if (commit.parents.length === 0) return here !== undefined;
    for (const parent of commit.parents) if ((await entryOf(parent)) !== here) return true;
    return false;
  }

  /** Reads commits with the parents that are there: a shallow clone left some out. */
  async #unshallow(firstParent = false): Promise<ReadCommit> {
    const text = await readFile(join(this.gitFolder, 'shallow'), 'utf8').catch(() => '');
    const shallow = new Set(text.split('\n').filter(Boolean));
    return async (id) => {
      const commit = await this.commit(id);
      const parents = shallow.has(id) ? [] : firstParent ? commit.parents.slice(0, 1) : commit.parents;
      return { ...commit, parents };
    };
  }

  async #read(id: string, type: string): Promise<Buffer> {
    const object = await this.#tryRead(id);
    if (object?.type !== type) throw objectMissing(id, type);
    return object.bytes;
  }

  async #tryRead(id: string): Promise<{ readonly type: string; readonly bytes: Buffer } | undefined> {
    if (!isObjectId(id)) return undefined;
    let failure: unknown;
    for (const delay of [0, 0, 5, 20, 50, 100, 200]) {
      if (delay > 0) await pause(delay);
      const cache = this.#cache;
      try {
        const { type, object } = await git.readObject({
          fs,
          gitdir: this.gitFolder,
          oid: id,
          format: 'content',
          cache,
        });
        const bytes = object as Uint8Array;
        return { type, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
      } catch (error) {
        failure = error;
        // Its list of packs may be of before a repack.
        if (this.#cache === cache) this.#cache = {};
        if (error instanceof git.Errors.NotFoundError && delay >= 5) return undefined;
      }
    }
    throw objectUnreadable(id, (failure as Error).message, failure);
  }
}

/** One commit after the other, each the parent of the one before. */
async function* line(start: string, read: ReadCommit): AsyncIterable<Commit> {
  for (let next: string | undefined = start; next !== undefined; ) {
    const commit = await read(next);
    yield commit;
    next = commit.parents[0];
  }
}

/** Who moves references without a commit of their own, in the log that Git keeps of them. */
function platform(): Person {
  return { name: 'switchyard', email: 'switchyard@localhost', time: Math.floor(Date.now() / 1000) };
}

/** Ids whose commits are remembered for lists of references. */
const maxPeeled = 100_000;
/** Reads under way at once: they wait for the disk, but inflate one after the other. */
const atOnce = 8;
const piece = 64 * 1024;
