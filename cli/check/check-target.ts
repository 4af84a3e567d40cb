import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { platformKind } from '../../core/manifest/platform.ts';
import { openRepository } from '../../libraries/git/open-repository.ts';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import { nothingToCheck } from '../errors.ts';
import { exists } from '../exists.ts';
import type { LineReader } from '../output/issues-human.ts';
import { findRegistry, isBare } from '../registry-folder.ts';
import { builtInKinds } from '../registry-kinds.ts';
import type { Terminal } from '../terminal.ts';

/** Bytes of a file beyond which it is neither quoted nor searched: no manifest is larger. */
const largestText = 1024 * 1024;

/** What `check` looks at: a folder as it is on disk, or a commit. */
export interface CheckTarget {
  /** The registry's top folder. */
  readonly root: string;
  /** Only for a commit. */
  readonly repository?: OpenedRepository;
  readonly commit?: string;
  /** For people: `work tree`, `main @ 1a2b3c4d5e`. */
  readonly description: string;
  /** Whether issues of that file are asked for. */
  includes(path: string): boolean;
  readonly readLine: LineReader;
  /** A file of it; undefined where it cannot be read as text. */
  readText(path: string): Promise<string | undefined>;
  /** The bytes of a file of at most so many; undefined where it cannot be read. */
  readBytes(path: string, most: number): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Finds out what a person means by a word: a path, or else a revision. Throws `NothingToCheck`. */
export async function findCheckTarget(named: string, terminal: Terminal): Promise<CheckTarget> {
  const path = resolve(terminal.folder, named);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() && (await isBare(path))) return commitOf(path, 'HEAD', named);
  if (found) return onDisk(path, found.isDirectory());
  const registry = await findRegistry(terminal.folder);
  if (registry === undefined) throw noSuchTarget(named);
  return commitOf(registry, named, named);
}

function noSuchTarget(named: string): Error {
  return nothingToCheck(`${named} is neither a path nor a revision`);
}

async function onDisk(path: string, isFolder: boolean): Promise<CheckTarget> {
  const folder = isFolder ? path : resolve(path, '..');
  const root = (await findRegistry(folder)) ?? (await findUnversionedRegistry(folder));
  // Anything else is not walked: it could be a whole disk.
  if (root === undefined) throw nothingToCheck('there is no registry here', path);
  const inside = relative(root, path).split(sep).join('/');
  return {
    root,
    description: inside === '' ? 'work tree' : inside,
    includes: (file) => inside === '' || file === inside || file.startsWith(`${inside}/`),
    ...readers((file) => readFile(join(root, file))),
    readBytes: (file, most) => bytesOf(join(root, file), most),
    close: async () => {},
  };
}

/**
 * The top of a registry that is no Git repository: the nearest folder above with a platform.yaml, or the folder itself
 * where it holds a folder that manifests are in by convention.
 */
async function findUnversionedRegistry(folder: string): Promise<string | undefined> {
  for (let current = folder; ; current = dirname(current)) {
    if (await exists(join(current, platformKind.path))) return current;
    if (current === dirname(current)) break;
  }
  for (const { path } of await builtInKinds()) {
    if (await exists(join(folder, path.split('/', 1)[0] ?? ''))) return folder;
  }
  return undefined;
}

async function commitOf(root: string, revision: string, named: string): Promise<CheckTarget> {
  const repository = await openRepository(root);
  const commit = await repository.resolve(revision);
  if (commit === undefined) {
    await repository.close();
    throw noSuchTarget(named);
  }
  return {
    root,
    repository,
    commit,
    description: `${revision} @ ${commit.slice(0, 10)}`,
    includes: () => true,
    ...readers((file) => repository.readFile(commit, file, largestText)),
    readBytes: (file, most) => repository.readFile(commit, file, most).catch(() => undefined),
    close: () => repository.close(),
  };
}

async function bytesOf(path: string, most: number): Promise<Uint8Array | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() && found.size <= most ? readFile(path) : undefined;
}

/** A file that cannot be read is simply not quoted, and not searched. */
function readers(
  read: (path: string) => Promise<Uint8Array | undefined>,
): Pick<CheckTarget, 'readLine' | 'readText'> {
  const readText = (path: string) =>
    read(path).then(
      (bytes) => (bytes === undefined ? undefined : new TextDecoder().decode(bytes)),
      () => undefined,
    );
  const files = new Map<string, Promise<readonly string[]>>();
  return {
    readText,
    async readLine(path, line) {
      const lines = files.get(path) ?? readText(path).then((text) => text?.split(/\r?\n/) ?? []);
      files.set(path, lines);
      return (await lines)[line - 1];
    },
  };
}
