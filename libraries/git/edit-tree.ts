import { pathRefused } from './errors.ts';
import { type NewObject, newObject, type ObjectFormat } from './object-id.ts';
import { joinTree, type RawEntry, rawName, splitTree, typeOfMode } from './tree.ts';

/** Path → new content, or null to delete. */
export type Changes = ReadonlyMap<string, Uint8Array | string | null>;

export interface EditedTree {
  readonly root: string;
  /** The blobs and trees that are new, each after what it refers to. */
  readonly objects: readonly NewObject[];
}

/**
 * Applies changes to a tree. Whatever they do not name stays as it is, to the byte. Throws `PathRefused` for a path
 * that is none, or that a folder, a symbolic link or a submodule stands in the way of.
 */
export async function editTree(
  root: string | undefined,
  changes: Changes,
  format: ObjectFormat,
  readTree: (id: string) => Promise<Buffer>,
): Promise<EditedTree> {
  const objects: NewObject[] = [];

  async function edit(id: string | undefined, folder: Folder, path: string): Promise<string | undefined> {
    const entries = id === undefined ? [] : splitTree(await readTree(id), format);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    for (const [name, content] of folder.files) {
      const key = rawName(name);
      const existing = byName.get(key);
      refuseUnlessFile(existing, path + name);
      if (content === null) {
        byName.delete(key);
        continue;
      }
      const blob = newObject('blob', toBytes(content), format);
      objects.push(blob);
      byName.set(key, { mode: existing?.mode ?? '100644', name: key, id: blob.id });
    }
    for (const [name, inner] of folder.folders) {
      const key = rawName(name);
      const existing = byName.get(key);
      if (existing !== undefined && typeOfMode(existing.mode) !== 'tree') {
        if (onlyDeletes(inner)) continue;
        throw pathRefused(path + name, `a ${typeOfMode(existing.mode)} of that name is in the way`);
      }
      const edited = await edit(existing?.id, inner, `${path}${name}/`);
      if (edited === undefined) byName.delete(key);
      else byName.set(key, { mode: existing?.mode ?? '40000', name: key, id: edited });
    }
    if (byName.size === 0 && path !== '') return undefined;
    const tree = newObject('tree', joinTree(byName.values()), format);
    if (tree.id !== id) objects.push(tree);
    return tree.id;
  }

  return { root: (await edit(root, toFolder(changes), ''))!, objects };
}

interface Folder {
  readonly files: Map<string, Uint8Array | string | null>;
  readonly folders: Map<string, Folder>;
}

function toFolder(changes: Changes): Folder {
  const root: Folder = { files: new Map(), folders: new Map() };
  for (const [path, content] of changes) {
    const parts = path.split('/');
    if (parts.some(isForbidden)) throw pathRefused(path, 'it is not the path of a file in the repository');
    const name = parts.pop()!;
    let folder = root;
    for (const part of parts) {
      const inner = folder.folders.get(part) ?? { files: new Map(), folders: new Map() };
      folder.folders.set(part, inner);
      folder = inner;
    }
    folder.files.set(name, content);
  }
  refuseBoth(root, '');
  return root;
}

/** One change cannot make `a` a file and a folder at once. */
function refuseBoth(folder: Folder, path: string): void {
  for (const [name, inner] of folder.folders) {
    const file = folder.files.get(name);
    if (file !== undefined && file !== null && !onlyDeletes(inner)) {
      throw pathRefused(path + name, 'the same change writes below it');
    }
    refuseBoth(inner, `${path}${name}/`);
  }
}

/** `.git` in any spelling that a file system may take for it would let a commit write into someone's repository. */
function isForbidden(part: string): boolean {
  if (part === '' || part === '.' || part === '..' || part.includes('\0')) return true;
  // HFS+ ignores invisible characters, NTFS what follows a colon: git itself refuses to check such a path out.
  return /^(\.git|git~1)[. ]*(:.*)?$/i.test(part.replaceAll(/\p{Cf}/gu, ''));
}

function refuseUnlessFile(existing: RawEntry | undefined, path: string): void {
  const type = existing === undefined ? 'blob' : typeOfMode(existing.mode);
  if (type === 'tree') throw pathRefused(path, 'it is a folder');
  if (type !== 'blob') throw pathRefused(path, `it is a ${type}`);
}

function onlyDeletes(folder: Folder): boolean {
  for (const content of folder.files.values()) if (content !== null) return false;
  for (const inner of folder.folders.values()) if (!onlyDeletes(inner)) return false;
  return true;
}

function toBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
}
