import fs from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as git from 'isomorphic-git';
import { parseCommit } from './commit.ts';
import { gitFailed, notARepository, objectMissing, objectUnreadable, referenceMoved } from './errors.ts';
import { FileReferences } from './file-references.ts';
import { findGitFolder } from './git-folder.ts';
import { writeLooseObject } from './loose-object.ts';
import { makeCommit } from './new-commit.ts';
import { isObjectId } from './object-id.ts';
import type { OpenedRepository } from './opened-repository.ts';
import type { Blob, Commit, TreeEntry, Write } from './repository.ts';
import { candidates, parseRevision, type RevisionStep } from './revision.ts';
import { parseTree } from './tree.ts';

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
  readonly format = 'sha1';
  readonly #references: FileReferences;
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

  async log(
    from: string,
    options: { readonly path?: string; readonly limit: number },
  ): Promise<readonly Commit[]> {
    const start = await this.resolve(from);
    if (start === undefined) throw objectMissing(from, 'commit');
    const shallow = await this.#shallow();
    const found: Commit[] = [];
    let commit: Commit | undefined = await this.commit(start);
    let here = await this.#entry(commit, options.path);
    while (commit !== undefined && found.length < options.limit) {
      const parentId: string | undefined = shallow.has(commit.id) ? undefined : commit.parents[0];
      const parent: Commit | undefined = parentId === undefined ? undefined : await this.commit(parentId);
      const before = parent === undefined ? undefined : await this.#entry(parent, options.path);
      if (options.path === undefined || here !== before) found.push(commit);
      commit = parent;
      here = before;
    }
    return found;
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    await this.commit(ancestor);
    const shallow = await this.#shallow();
    const seen = new Set([descendant]);
    for (const id of seen) {
      if (id === ancestor) return true;
      if (shallow.has(id)) continue;
      for (const parent of (await this.commit(id)).parents) seen.add(parent);
    }
    return false;
  }

  async references(prefix?: string): Promise<ReadonlyMap<string, string>> {
    const folders =
      prefix === undefined ? ['refs/heads', 'refs/tags'] : [prefix.slice(0, prefix.lastIndexOf('/'))];
    const found = new Map<string, string>();
    for (const folder of folders) {
      for (const [name, id] of await this.#references.list(folder || 'refs')) {
        const commit = name.startsWith(prefix ?? '') ? await this.#peel(id) : undefined;
        if (commit !== undefined) found.set(name, commit);
      }
    }
    return found;
  }

  async headReference(): Promise<string> {
    return this.#references.follow('HEAD');
  }

  async write(change: Write): Promise<string> {
    const { reference, expected } = change;
    const commit = await makeCommit(change, this, Math.floor(Date.now() / 1000));
    const actual = await this.#references.read(reference);
    if (actual !== (expected ?? undefined)) throw referenceMoved(reference, expected, actual);
    try {
      for (const object of commit.objects) await writeLooseObject(this.gitFolder, object);
    } catch (error) {
      throw gitFailed('write', (error as Error).message, error);
    }
    await this.#references.move({
      reference,
      from: expected,
      to: commit.id,
      author: commit.author,
      message: `switchyard: ${change.message.split('\n', 1)[0]}`,
    });
    return commit.id;
  }

  async close(): Promise<void> {
    this.#cache = {};
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

  async #step(id: string, { kind, count }: RevisionStep): Promise<string | undefined> {
    if (kind === 'peel') return id;
    if (kind === 'parent') return (await this.commit(id)).parents[count - 1];
    let commit: string | undefined = id;
    for (let done = 0; done < count && commit !== undefined; done++)
      commit = (await this.commit(commit)).parents[0];
    return commit;
  }

  /** The id of what a path names in a commit. */
  async #entry(commit: Commit, path: string | undefined): Promise<string | undefined> {
    if (path === undefined) return undefined;
    let id: string | undefined = commit.tree;
    for (const [depth, name] of path.split('/').filter(Boolean).entries()) {
      const folder: string = id!;
      const entry: TreeEntry | undefined = (await this.tree(folder)).find((one) => one.name === name);
      const isLast = depth === path.split('/').filter(Boolean).length - 1;
      if (entry === undefined || (!isLast && entry.type !== 'tree')) return undefined;
      id = entry.id;
    }
    return id;
  }

  /** Commits whose parents a shallow clone left out. */
  async #shallow(): Promise<ReadonlySet<string>> {
    const text = await readFile(join(this.gitFolder, 'shallow'), 'utf8').catch(() => '');
    return new Set(text.split('\n').filter(Boolean));
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

/** Reads under way at once: they wait for the disk, but inflate one after the other. */
const atOnce = 8;
const piece = 64 * 1024;
