import type { Commit, TreeEntry } from './repository.ts';

interface TreeReader {
  commit(id: string): Promise<Commit>;
  tree(id: string): Promise<readonly TreeEntry[]>;
}

/** What a path names in a commit: undefined where it names nothing, or leads through what is no folder. */
export async function findEntry(
  from: TreeReader,
  commit: string,
  path: string,
): Promise<TreeEntry | undefined> {
  let entry: TreeEntry = { name: '', id: (await from.commit(commit)).tree, type: 'tree' };
  for (const name of path.split('/')) {
    if (entry.type !== 'tree') return undefined;
    const found = (await from.tree(entry.id)).find((one) => one.name === name);
    if (found === undefined) return undefined;
    entry = found;
  }
  return entry;
}
