import type { Repository, TreeEntry } from '../../libraries/git/repository.ts';

/** What reading manifests asks of a repository; a folder on disk can answer it too. */
export type ManifestSource = Pick<Repository, 'commit' | 'tree' | 'blobs' | 'blobSize' | 'openBlob'> & {
  /** Git's object id of a content whose id in a tree is only a place to read it from. */
  identify?(id: string): Promise<string>;
};

/** One folder of a commit with all that is below it. Never changes; commits share the folders that they share in Git. */
export interface Folder {
  readonly id: string;
  /** In Git's order; dot files and dot folders are left out. */
  readonly entries: readonly TreeEntry[];
  /** Beside `entries`: the folder, where the entry is one. */
  readonly folders: readonly (Folder | undefined)[];
}

/** What stands at a path now; undefined: it was removed. */
export type TreeChanges = Map<string, TreeEntry | undefined>;

/**
 * Reads the tree of a commit and what differs from another one, in files and links. Folders with the same id are not
 * looked into. Names that begin with a dot do not exist for manifests.
 */
export async function readTree(
  source: ManifestSource,
  id: string,
  previous: Folder | undefined,
): Promise<{ root: Folder; changes: TreeChanges }> {
  const changes: TreeChanges = new Map();
  const root = await readFolder(source, id, previous, '', changes);
  // Folders are read side by side and come in any order.
  const sorted = [...changes].sort(([a], [b]) => (a < b ? -1 : 1));
  return { root, changes: new Map(sorted) };
}

/** The entry at a path, if there is one. */
export function entryAt(root: Folder, path: string): TreeEntry | undefined {
  const steps = path.split('/');
  const name = steps.pop() ?? '';
  const folder = folderAt(root, steps);
  return folder?.entries[indexIn(folder, name)];
}

/** The names of the files in a folder; none where there is no such folder. */
export function namesIn(root: Folder, steps: readonly string[]): string[] {
  const entries = folderAt(root, steps)?.entries ?? [];
  return entries.filter(({ type }) => type === 'blob').map(({ name }) => name);
}

function folderAt(root: Folder, steps: readonly string[]): Folder | undefined {
  let folder: Folder | undefined = root;
  for (const step of steps) folder = folder?.folders[indexIn(folder, step)];
  return folder;
}

/** A folder that is asked often gets an index of its names. */
function indexIn(folder: Folder, name: string): number {
  const lookups = asked.get(folder) ?? { count: 0, index: undefined };
  lookups.count += 1;
  asked.set(folder, lookups);
  if (lookups.count > 16) lookups.index ??= new Map(folder.entries.map((entry, at) => [entry.name, at]));
  return lookups.index
    ? (lookups.index.get(name) ?? -1)
    : folder.entries.findIndex((entry) => entry.name === name);
}

const asked = new WeakMap<Folder, { count: number; index: ReadonlyMap<string, number> | undefined }>();

async function readFolder(
  source: ManifestSource,
  id: string,
  previous: Folder | undefined,
  prefix: string,
  changes: TreeChanges,
): Promise<Folder> {
  if (previous?.id === id) return previous;
  const entries = (await source.tree(id)).filter(({ name }) => !name.startsWith('.'));
  const folders: (Folder | undefined)[] = new Array(entries.length).fill(undefined);
  const toRead: { index: number; previous: Folder | undefined }[] = [];
  const before = new Matcher(previous);
  for (const [index, entry] of entries.entries()) {
    const at = before.indexOf(entry.name);
    const old = previous?.entries[at];
    const oldFolder = previous?.folders[at];
    if (old !== undefined && old.type !== entry.type) markRemoved(old, oldFolder, prefix, changes);
    if (entry.type === 'tree') {
      if (oldFolder?.id === entry.id) folders[index] = oldFolder;
      else toRead.push({ index, previous: oldFolder });
    } else if (old?.id !== entry.id || old.type !== entry.type) {
      changes.set(prefix + entry.name, entry);
    }
  }
  for (const at of before.unmatched()) {
    markRemoved(previous?.entries[at] as TreeEntry, previous?.folders[at], prefix, changes);
  }
  for (let start = 0; start < toRead.length; start += together) {
    const chunk = toRead.slice(start, start + together);
    const read = chunk.map(({ index, previous: old }) => {
      const { id: child, name } = entries[index] as TreeEntry;
      return readFolder(source, child, old, `${prefix}${name}/`, changes);
    });
    for (const [at, folder] of (await Promise.all(read)).entries()) folders[chunk[at]?.index ?? 0] = folder;
  }
  return { id, entries, folders };
}

/** How many folders are asked for at once. */
const together = 64;

function markRemoved(
  entry: TreeEntry,
  folder: Folder | undefined,
  prefix: string,
  changes: TreeChanges,
): void {
  if (entry.type !== 'tree') {
    changes.set(prefix + entry.name, undefined);
    return;
  }
  for (const [index, child] of (folder?.entries ?? []).entries()) {
    markRemoved(child, folder?.folders[index], `${prefix}${entry.name}/`, changes);
  }
}

/** Finds the entries of a folder by name, asked for in almost the same order: mostly without an index. */
class Matcher {
  readonly #entries: readonly TreeEntry[];
  readonly #matched: Uint8Array;
  #next = 0;
  #index: Map<string, number> | undefined;

  constructor(folder: Folder | undefined) {
    this.#entries = folder?.entries ?? [];
    this.#matched = new Uint8Array(this.#entries.length);
  }

  indexOf(name: string): number {
    let at = this.#next;
    if (this.#entries[at]?.name !== name) {
      this.#index ??= new Map(this.#entries.map((entry, index) => [entry.name, index]));
      at = this.#index.get(name) ?? -1;
    }
    if (at < 0) return -1;
    this.#matched[at] = 1;
    this.#next = at + 1;
    return at;
  }

  unmatched(): number[] {
    const unmatched: number[] = [];
    for (const [at, matched] of this.#matched.entries()) if (matched === 0) unmatched.push(at);
    return unmatched;
  }
}
