import { mergeText } from './merge-text.ts';
import { type NewObject, newObject, type ObjectFormat } from './object-id.ts';
import { joinTree, type RawEntry, splitTree, typeOfMode } from './tree.ts';

export interface MergedTree {
  readonly tree: string;
  /** The blobs and trees that are new, each after what it refers to. */
  readonly objects: readonly NewObject[];
  /** Paths that could not be merged, one character a byte; where there are any, the tree is of no use. */
  readonly conflicts: readonly string[];
}

export interface MergeReader {
  readonly format: ObjectFormat;
  rawTree(id: string): Promise<Buffer>;
  rawBlob(id: string): Promise<Buffer>;
}

/**
 * Merges two trees against a base (undefined: nothing), file by file and within text files line by line. Folders that only
 * one side changed are taken whole. Renames are not followed: one side's change of a file that the other moved is a conflict.
 */
export async function mergeTrees(
  base: string | undefined,
  ours: string,
  theirs: string,
  from: MergeReader,
): Promise<MergedTree> {
  const objects: NewObject[] = [];
  const conflicts: string[] = [];

  const entriesOf = async (entry: RawEntry | undefined) => {
    const isTree = entry !== undefined && typeOfMode(entry.mode) === 'tree';
    const entries = isTree ? splitTree(await from.rawTree(entry.id), from.format) : [];
    return new Map(entries.map((one) => [one.name, one]));
  };

  async function mergeFolder(path: string, sides: Sides): Promise<string | undefined> {
    const [old, mine, other] = [
      await entriesOf(sides.base),
      await entriesOf(sides.ours),
      await entriesOf(sides.theirs),
    ];
    const merged: RawEntry[] = [];
    for (const name of new Set([...old.keys(), ...mine.keys(), ...other.keys()])) {
      const inner = { base: old.get(name), ours: mine.get(name), theirs: other.get(name) };
      const entry = await mergeEntry(path + name, name, inner);
      if (entry !== undefined) merged.push(entry);
    }
    if (merged.length === 0 && path !== '') return undefined;
    const tree = newObject('tree', joinTree(merged), from.format);
    if (tree.id !== sides.ours?.id && tree.id !== sides.theirs?.id) objects.push(tree);
    return tree.id;
  }

  async function mergeEntry(path: string, name: string, sides: Sides): Promise<RawEntry | undefined> {
    const { base: old, ours: mine, theirs: other } = sides;
    if (isSame(mine, other) || isSame(other, old)) return mine;
    if (isSame(mine, old)) return other;
    const involved = [old, mine, other].filter((entry) => entry !== undefined);
    const folders = [mine, other].filter((entry) => entry !== undefined && typeOfMode(entry.mode) === 'tree');
    const isFolder = (entry: RawEntry | undefined) =>
      entry === undefined || typeOfMode(entry.mode) === 'tree';
    if (folders.length > 0 && isFolder(mine) && isFolder(other)) {
      // A base that was a file is gone on both sides.
      const id = await mergeFolder(`${path}/`, { ...sides, base: isFolder(old) ? old : undefined });
      return id === undefined ? undefined : { mode: '40000', name, id };
    }
    if (mine === undefined || other === undefined) return conflict(path);
    const onlyFiles = [mine, other].every((entry) => typeOfMode(entry.mode) === 'blob');
    if (!onlyFiles || involved.some((entry) => typeOfMode(entry.mode) === 'tree')) return conflict(path);
    const oldFile = old !== undefined && typeOfMode(old.mode) === 'blob' ? old : undefined;
    const mode = mine.mode === other.mode || other.mode === oldFile?.mode ? mine.mode : other.mode;
    if (mode !== mine.mode && mine.mode !== oldFile?.mode) return conflict(path);
    const id = await mergeFile(oldFile?.id, mine.id, other.id);
    return id === undefined ? conflict(path) : { mode, name, id };
  }

  async function mergeFile(
    old: string | undefined,
    mine: string,
    other: string,
  ): Promise<string | undefined> {
    if (mine === other || other === old) return mine;
    if (mine === old) return other;
    const before = old === undefined ? Buffer.alloc(0) : await from.rawBlob(old);
    const text = mergeText(before, await from.rawBlob(mine), await from.rawBlob(other));
    if (text === undefined) return undefined;
    const blob = newObject('blob', text, from.format);
    objects.push(blob);
    return blob.id;
  }

  function conflict(path: string): undefined {
    conflicts.push(path);
  }

  const rootOf = (id: string | undefined) => (id === undefined ? undefined : { mode: '40000', name: '', id });
  const sides = { base: rootOf(base), ours: rootOf(ours), theirs: rootOf(theirs) };
  if (ours === theirs || theirs === base) return { tree: ours, objects, conflicts };
  if (ours === base) return { tree: theirs, objects, conflicts };
  return { tree: (await mergeFolder('', sides))!, objects, conflicts };
}

interface Sides {
  readonly base: RawEntry | undefined;
  readonly ours: RawEntry | undefined;
  readonly theirs: RawEntry | undefined;
}

function isSame(one: RawEntry | undefined, other: RawEntry | undefined): boolean {
  return one?.id === other?.id && one?.mode === other?.mode;
}
