/** A Git repository, read by object id. Native git and isomorphic-git implement it under one conformance suite. */
export interface Repository {
  /** `native` or `isomorphic`, for logs and `switchyard version`. */
  readonly implementation: string;
  /** The commit that a revision names (`main`, `HEAD`, `HEAD~1`, `refs/…`, an id), or undefined. Always read anew. */
  resolve(revision: string): Promise<string | undefined>;
  commit(id: string): Promise<Commit>;
  /** The entries of one tree, one level deep, in Git's order. */
  tree(id: string): Promise<readonly TreeEntry[]>;
  /** Reads many blobs, in the order asked; one larger than `maxBytes` comes with its size and without its bytes. */
  blobs(ids: readonly string[], maxBytes: number): AsyncIterable<Blob>;
  /** Bytes of one blob, without reading it where the implementation can. */
  blobSize(id: string): Promise<number>;
  /** Reads one blob of any size in pieces. Memory does not grow with its size where the implementation can. */
  openBlob(id: string): AsyncIterable<Uint8Array>;
  /** First-parent history from a commit, newest first, of one path where given. */
  log(from: string, options: { readonly path?: string; readonly limit: number }): Promise<readonly Commit[]>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** Branches and tags with their commits. */
  references(prefix?: string): Promise<ReadonlyMap<string, string>>;
  /**
   * Writes one commit on top of `expected` and moves `reference` from `expected` to it: compare-and-swap.
   * Throws `ReferenceMoved` when another writer was first; then nothing changed but unreferenced objects.
   * `expected: null` creates the reference. Entries that the change does not name keep their ids and modes; a folder
   * left empty goes; deleting what is not there is no error. A work tree that has the reference checked out is not touched.
   */
  write(change: Write): Promise<string>;
  close(): Promise<void>;
}

export interface Commit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

export interface Person {
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970. */
  readonly time: number;
}

export interface TreeEntry {
  readonly name: string;
  readonly id: string;
  /** Symbolic links and submodules are told apart so that they can be refused. */
  readonly type: 'blob' | 'tree' | 'symlink' | 'submodule';
}

export interface Blob {
  readonly id: string;
  readonly size: number;
  readonly bytes: Uint8Array | undefined;
}

export interface Write {
  /** In full: `refs/heads/main`. */
  readonly reference: string;
  readonly expected: string | null;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
  /** Parents of the new commit; the tree of the first is what the changes edit. Default: `expected`, or none. */
  readonly parents?: readonly string[];
  /** Path → new content, or null to delete. May be empty: the commit then has its parent's tree. */
  readonly changes: ReadonlyMap<string, Uint8Array | string | null>;
}
