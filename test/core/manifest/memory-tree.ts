import { createHash } from 'node:crypto';
import type { ManifestSource } from '../../../core/manifest/tree.ts';
import type { Blob, Commit, TreeEntry } from '../../../libraries/git/repository.ts';

/** Commits in memory, named by their content as Git does: for properties that need thousands of them. */
export class MemoryTree implements ManifestSource {
  readonly #trees = new Map<string, readonly TreeEntry[]>();
  readonly #blobs = new Map<string, Buffer>();
  readonly #commits = new Map<string, Commit>();

  add(files: ReadonlyMap<string, string>): string {
    const tree = this.#addTree([...files].map(([path, content]) => [path.split('/'), content]));
    const id = `commit-${this.#commits.size}`;
    const person = { name: 'Ada', email: 'ada@example.com', time: this.#commits.size };
    this.#commits.set(id, { id, tree, parents: [], author: person, committer: person, message: '' });
    return id;
  }

  #addTree(files: readonly (readonly [readonly string[], string])[]): string {
    const folders = new Map<string, [readonly string[], string][]>();
    const entries: TreeEntry[] = [];
    for (const [[name = '', ...rest], content] of files) {
      if (rest.length > 0) folders.set(name, [...(folders.get(name) ?? []), [rest, content]]);
      else entries.push({ name, type: content === 'link' ? 'symlink' : 'blob', id: this.#addBlob(content) });
    }
    for (const [name, below] of folders) entries.push({ name, type: 'tree', id: this.#addTree(below) });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const id = hash(JSON.stringify(entries));
    this.#trees.set(id, entries);
    return id;
  }

  #addBlob(content: string): string {
    const id = hash(content);
    this.#blobs.set(id, Buffer.from(content));
    return id;
  }

  async commit(id: string): Promise<Commit> {
    return this.#commits.get(id) as Commit;
  }

  async tree(id: string): Promise<readonly TreeEntry[]> {
    return this.#trees.get(id) as readonly TreeEntry[];
  }

  async *blobs(ids: readonly string[], maxBytes: number): AsyncIterable<Blob> {
    for (const id of ids) {
      const bytes = this.#blobs.get(id) as Buffer;
      yield { id, size: bytes.length, bytes: bytes.length > maxBytes ? undefined : bytes };
    }
  }

  async blobSize(id: string): Promise<number> {
    return (this.#blobs.get(id) as Buffer).length;
  }

  async *openBlob(id: string): AsyncIterable<Uint8Array> {
    yield this.#blobs.get(id) as Buffer;
  }
}

function hash(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
