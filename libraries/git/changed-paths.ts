import type { ObjectFormat } from './object-id.ts';
import type { ChangedPath } from './repository.ts';
import { type RawEntry, readableName, splitTree, typeOfMode } from './tree.ts';

/** The files that differ between two trees, in Git's order. Folders of one depth are read together; equal ones never. */
export async function compareTrees(
  before: string | undefined,
  after: string,
  format: ObjectFormat,
  readTrees: (ids: readonly string[]) => Promise<readonly Buffer[]>,
): Promise<readonly ChangedPath[]> {
  const changed: { readonly raw: string; readonly change: ChangedPath }[] = [];
  let folders: Pair[] = before === after ? [] : [{ path: '', before, after }];
  while (folders.length > 0) {
    const ids = [...new Set(folders.flatMap((pair) => [pair.before, pair.after]))].filter(
      (id) => id !== undefined,
    );
    const trees = new Map<string, ReadonlyMap<string, RawEntry>>();
    for (const [index, bytes] of (await readTrees(ids)).entries()) {
      trees.set(ids[index]!, new Map(splitTree(bytes, format).map((entry) => [entry.name, entry])));
    }
    const next: Pair[] = [];
    for (const pair of folders) {
      const old = trees.get(pair.before ?? '') ?? empty;
      const young = trees.get(pair.after ?? '') ?? empty;
      for (const name of new Set([...old.keys(), ...young.keys()])) {
        const [one, other] = [old.get(name), young.get(name)];
        if (one?.id === other?.id && one?.mode === other?.mode) continue;
        const raw = pair.path + name;
        const inner = { path: `${raw}/`, before: folderOf(one), after: folderOf(other) };
        if (inner.before !== inner.after) next.push(inner);
        const change = changeOf(raw, fileOf(one), fileOf(other));
        if (change !== undefined) changed.push({ raw, change });
      }
    }
    folders = next;
  }
  return changed.sort((one, other) => (one.raw < other.raw ? -1 : 1)).map(({ change }) => change);
}

interface Pair {
  /** With a slash at its end, or empty for the root; one character a byte. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const empty: ReadonlyMap<string, RawEntry> = new Map();

function folderOf(entry: RawEntry | undefined): string | undefined {
  return entry !== undefined && typeOfMode(entry.mode) === 'tree' ? entry.id : undefined;
}

function fileOf(entry: RawEntry | undefined): RawEntry | undefined {
  return entry !== undefined && typeOfMode(entry.mode) !== 'tree' ? entry : undefined;
}

function changeOf(
  raw: string,
  before: RawEntry | undefined,
  after: RawEntry | undefined,
): ChangedPath | undefined {
  const entry = after ?? before;
  if (entry === undefined) return undefined;
  return {
    path: readableName(raw),
    before: before?.id ?? null,
    after: after?.id ?? null,
    type: typeOfMode(entry.mode) as ChangedPath['type'],
  };
}
