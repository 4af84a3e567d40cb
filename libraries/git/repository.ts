/** A Git repository, read by object id. Native git and isomorphic-git implement it under one conformance suite. */
export interface Repository {
  /** `native` or `isomorphic`, for logs and `switchyard version`. */
  readonly implementation: string;
  /** The commit that a revision names (`main`, `HEAD`, `HEAD~1`, `refs/…`, an id), or undefined. Always read anew. */
  resolve(revision: string): Promise<string | undefined>;
  commit(id: string): Promise<Commit>;
  /** Many commits at once, in the order asked. */
  commits(ids: readonly string[]): Promise<readonly Commit[]>;
  /** The bytes of a commit object as they were signed and named, for the verification of signatures. */
  rawCommit(id: string): Promise<Uint8Array>;
  /** The entries of one tree, one level deep, in Git's order. */
  tree(id: string): Promise<readonly TreeEntry[]>;
  /** Reads many blobs, in the order asked; one larger than `maxBytes` comes with its size and without its bytes. */
  blobs(ids: readonly string[], maxBytes: number): AsyncIterable<Blob>;
  /** Bytes of one blob, without reading it where the implementation can. */
  blobSize(id: string): Promise<number>;
  /** Reads one blob of any size in pieces. Memory does not grow with its size where the implementation can. */
  openBlob(id: string): AsyncIterable<Uint8Array>;
  /**
   * The file at a path of a commit. Undefined where there is none; a folder, a symbolic link and a submodule are none.
   * Throws `BlobTooLarge` above `maxBytes`, so that what is too large cannot pass for what is absent.
   */
  readFile(commit: string, path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /**
   * The files that differ between two commits, in Git's order; `from: null` compares with nothing. Equal folders are not
   * read. No renames: a moved file is one that went and one that came.
   */
  changedPaths(from: string | null, to: string): Promise<readonly ChangedPath[]>;
  /** History from a commit, newest first and no commit before its children. */
  log(from: string, options: LogOptions): Promise<readonly Commit[]>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  /** A best common ancestor: one of them where a criss-cross history has several, undefined for unrelated ones. */
  mergeBase(one: string, other: string): Promise<string | undefined>;
  /**
   * Merges two commits against what they have in common (nothing, for unrelated ones). A clean result is a tree in the
   * object store that no reference names yet; otherwise the paths that a human must settle, sorted. No reference moves.
   */
  mergeTree(ours: string, theirs: string): Promise<MergeResult>;
  /**
   * Branches and tags with their commits, or all references whose full name starts with the prefix, by name. The same map
   * may be answered again while they stand as they did.
   */
  references(prefix?: string): Promise<ReadonlyMap<string, string>>;
  /**
   * Moves references, all or none, each from what is expected to its new commit: compare-and-swap. `from: null` creates,
   * `to: null` deletes, `from` equal to `to` asks that it stands there. Throws `ReferenceMoved` where another writer was
   * first, and then nothing moved. A reader may see the first of them moved before the last.
   */
  updateReferences(updates: readonly ReferenceUpdate[]): Promise<void>;
  /**
   * Writes a commit that no reference names, such as a merge that is only planned. Git collects what is not referenced
   * after two weeks by default; only a forced `gc --prune=now` takes it sooner.
   */
  makeCommit(draft: CommitDraft): Promise<string>;
  /**
   * The same for several that belong together, at the price of one where the implementation can: each draft is given the
   * ids of those before it, and may name them as parents. Answers their ids.
   */
  makeCommits(drafts: readonly NextCommit[]): Promise<readonly string[]>;
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

export interface ChangedPath {
  readonly path: string;
  /** The blob before, or null where the file is new. Equal to `after` where only the mode or type changed. */
  readonly before: string | null;
  /** The blob after, or null where the file is gone. */
  readonly after: string | null;
  /** What it is now, or was before it went. */
  readonly type: Exclude<TreeEntry['type'], 'tree'>;
}

export interface LogOptions {
  /** Only commits that changed this path against a parent that is followed; so a merge that brought the change is one. */
  readonly path?: string;
  readonly limit: number;
  /** False also follows what was merged in. Default true. */
  readonly firstParent?: boolean;
  /** Only commits made at or after this time (seconds since 1970, of the committer), wherever they stand in the history. */
  readonly since?: number;
  /** Only commits made at or before this time. */
  readonly until?: number;
}

export type MergeResult = { readonly tree: string } | { readonly conflicts: readonly string[] };

export interface ReferenceUpdate {
  /** In full: `refs/proposals/7/head`. */
  readonly reference: string;
  /** Null where it must not be there yet. */
  readonly from: string | null;
  /** Null deletes it. */
  readonly to: string | null;
}

export interface CommitDraft {
  readonly message: string;
  readonly author: Identity;
  /** Default: the author. */
  readonly committer?: Identity;
  /** Seconds since 1970. Default: now. */
  readonly time?: number;
  readonly parents?: readonly string[];
  /** A tree of the object store, as `mergeTree` gives it, that the changes edit. Default: the tree of the first parent. */
  readonly tree?: string;
  /** Path → new content, or null to delete. Default: none; the commit then has that tree as it is. */
  readonly changes?: ReadonlyMap<string, Uint8Array | string | null>;
  /** Is given the bytes of the unsigned commit object and answers an armored signature (`-----BEGIN …`). */
  readonly sign?: (payload: Uint8Array) => Promise<string>;
}

export type NextCommit = (earlier: readonly string[]) => CommitDraft;

export interface Identity {
  readonly name: string;
  readonly email: string;
}

export interface Write extends CommitDraft {
  /** In full: `refs/heads/main`. */
  readonly reference: string;
  readonly expected: string | null;
  /** Parents of the new commit. Default: `expected`, or none. */
  readonly parents?: readonly string[];
}
