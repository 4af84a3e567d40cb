import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gitEnvironment, runGit } from '../../libraries/git/git-command.ts';
import type { Blob, Commit, TreeEntry } from '../../libraries/git/repository.ts';
import { folderNotFound } from './errors.ts';
import type { ManifestSource } from './tree.ts';

/** What stands for the commit of files that are not committed. */
export const workTree = 'work-tree';

/**
 * A folder on disk, read as if it were a commit: what Git would commit from it, or all files where it is not a work
 * tree (without `node_modules`). Symbolic links are told and never followed. Throws `FolderNotFound`.
 */
export async function openFolderTree(path: string, environment = process.env): Promise<ManifestSource> {
  let root: string;
  try {
    root = await realpath(path);
    if (!(await stat(root)).isDirectory()) throw new Error('not a folder');
  } catch (thrown) {
    throw folderNotFound(path, thrown);
  }
  const listed = await listByGit(root, environment);
  return new FolderTree(root, listed && folderIndex(listed));
}

/** Ids are paths from the root: `tree:models` and `blob:models/fraud.yaml`. */
class FolderTree implements ManifestSource {
  readonly #root: string;
  /** Folder → names in it, where Git told them. */
  readonly #index: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(root: string, index: ReadonlyMap<string, ReadonlySet<string>> | undefined) {
    this.#root = root;
    this.#index = index;
  }

  async commit(): Promise<Commit> {
    const nobody = { name: '', email: '', time: 0 };
    return { id: workTree, tree: 'tree:', parents: [], author: nobody, committer: nobody, message: '' };
  }

  async tree(id: string): Promise<readonly TreeEntry[]> {
    const folder = id.slice('tree:'.length);
    // What begins with a dot does not exist for manifests: saves the look.
    const names = [...(await this.#namesIn(folder))].filter((name) => !name.startsWith('.'));
    const entries = await Promise.all(
      names.map(async (name) => {
        const path = folder === '' ? name : `${folder}/${name}`;
        const type = await this.#typeOf(path);
        return type && { name, type, id: `${type === 'tree' ? 'tree' : 'blob'}:${path}` };
      }),
    );
    return entries.filter((entry) => entry !== undefined);
  }

  async *blobs(ids: readonly string[], maxBytes: number): AsyncIterable<Blob> {
    for (let start = 0; start < ids.length; start += together) {
      yield* await Promise.all(ids.slice(start, start + together).map((id) => this.#blob(id, maxBytes)));
    }
  }

  async #blob(id: string, maxBytes: number): Promise<Blob> {
    const size = await this.blobSize(id);
    if (size > maxBytes) return { id, size, bytes: undefined };
    const bytes = await readFile(this.#pathOf(id));
    return { id, size: bytes.length, bytes: bytes.length > maxBytes ? undefined : bytes };
  }

  async blobSize(id: string): Promise<number> {
    return (await lstat(this.#pathOf(id))).size;
  }

  openBlob(id: string): AsyncIterable<Uint8Array> {
    return createReadStream(this.#pathOf(id));
  }

  /** What Git would call the content. */
  async identify(id: string): Promise<string> {
    const hash = createHash('sha1').update(`blob ${await this.blobSize(id)}\0`);
    for await (const chunk of this.openBlob(id)) hash.update(chunk);
    return hash.digest('hex');
  }

  #pathOf(id: string): string {
    return join(this.#root, id.slice('blob:'.length));
  }

  async #namesIn(folder: string): Promise<Iterable<string>> {
    if (this.#index) return [...(this.#index.get(folder) ?? [])].sort();
    const names = await readdir(join(this.#root, folder));
    return names.filter((name) => name !== 'node_modules').sort();
  }

  async #typeOf(path: string): Promise<TreeEntry['type'] | undefined> {
    let stats: Stats;
    try {
      stats = await lstat(join(this.#root, path));
    } catch {
      return undefined; // known to Git and deleted, or gone since it was listed
    }
    if (stats.isSymbolicLink()) return 'symlink';
    if (stats.isFile()) return 'blob';
    if (!stats.isDirectory()) return undefined;
    if (this.#index) return this.#index.has(path) ? 'tree' : 'submodule';
    const isRepository = await lstat(join(this.#root, path, '.git')).then(
      () => true,
      () => false,
    );
    return isRepository ? 'submodule' : 'tree';
  }
}

/** How many files are read at once. */
const together = 32;

/** The files that Git tracks or would add, by folder; undefined where this is no work tree or there is no git. */
async function listByGit(
  root: string,
  environment: NodeJS.ProcessEnv,
): Promise<readonly string[] | undefined> {
  try {
    const { status, stdout } = await runGit(
      ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
      { cwd: root, environment: gitEnvironment(environment) },
    );
    return status === 0 ? stdout.toString('utf8').split('\0').filter(Boolean) : undefined;
  } catch {
    return undefined;
  }
}

function folderIndex(paths: readonly string[]): Map<string, Set<string>> {
  const index = new Map<string, Set<string>>([['', new Set()]]);
  for (const path of paths) {
    const steps = path.split('/').filter(Boolean); // an untracked repository inside is listed with a slash at its end
    for (const [depth, name] of steps.entries()) {
      const folder = steps.slice(0, depth).join('/');
      const names = index.get(folder);
      if (names) names.add(name);
      else index.set(folder, new Set([name]));
    }
  }
  return index;
}
