import { once } from 'node:events';
import { CatFile, type ObjectContent, type ObjectHeader } from './cat-file.ts';
import { parseCommit } from './commit.ts';
import {
  gitFailed,
  notARepository,
  objectMissing,
  objectUnreadable,
  referenceInvalid,
  referenceLocked,
  referenceMoved,
} from './errors.ts';
import { type GitResult, killGroup, runGit, startGit } from './git-command.ts';
import type { NativePlace } from './native-place.ts';
import { makeCommit, type NewCommit } from './new-commit.ts';
import { isObjectId, type ObjectFormat } from './object-id.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { packObjects } from './pack.ts';
import type { Blob, Commit, TreeEntry, Write } from './repository.ts';
import { parseTree } from './tree.ts';

/** The repository by native git (2.38 or newer). Reads take no new process; a write takes two. */
export class NativeRepository implements OpenedRepository {
  readonly implementation = 'native';
  readonly gitFolder: string;
  readonly commonFolder: string;
  readonly format: ObjectFormat;
  readonly #location: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #catFile: CatFile;

  constructor(place: NativePlace) {
    this.gitFolder = place.gitFolder;
    this.commonFolder = place.commonFolder;
    this.format = place.format;
    this.#location = place.location;
    this.#environment = { ...place.environment, GIT_DIR: place.gitFolder };
    this.#catFile = new CatFile(place.gitFolder, this.#environment);
  }

  async resolve(revision: string): Promise<string | undefined> {
    if (revision === '' || /[\n\0]/.test(revision)) return undefined;
    const name = `${revision}^{commit}`;
    const [found] = await this.#catFile.info([name]);
    if (found !== undefined || !this.#catFile.isStale) return found?.id;
    this.refresh();
    return (await this.#catFile.info([name]))[0]?.id;
  }

  async commit(id: string): Promise<Commit> {
    return parseCommit(id, (await this.#read([id], 'commit'))[0]!.bytes);
  }

  async tree(id: string): Promise<readonly TreeEntry[]> {
    const bytes = await this.rawTree(id);
    try {
      return parseTree(bytes, this.format);
    } catch (error) {
      throw objectUnreadable(id, (error as Error).message, error);
    }
  }

  async rawTree(id: string): Promise<Buffer> {
    return (await this.#read([id], 'tree'))[0]!.bytes;
  }

  async *blobs(ids: readonly string[], maxBytes: number): AsyncIterable<Blob> {
    let next = this.#info(ids.slice(0, window), 'blob');
    for (let start = 0; start < ids.length; start += window) {
      const headers = await next;
      next = this.#info(ids.slice(start + window, start + 2 * window), 'blob');
      // Awaited a turn of this loop later; a failure in between must not count as unhandled.
      next.catch(() => undefined);
      for (const group of groupBySize(headers, maxBytes)) {
        const small = group.filter(({ size }) => size <= maxBytes).map(({ id }) => id);
        const contents = (await this.#read(small, 'blob')).values();
        for (const { id, size } of group) {
          yield { id, size, bytes: size <= maxBytes ? contents.next().value?.bytes : undefined };
        }
      }
    }
  }

  async blobSize(id: string): Promise<number> {
    return (await this.#info([id], 'blob'))[0]!.size;
  }

  async *openBlob(id: string): AsyncIterable<Uint8Array> {
    await this.blobSize(id);
    // A low threshold makes git itself stream what it would otherwise hold in memory.
    const child = startGit(['-c', 'core.bigFileThreshold=4m', 'cat-file', 'blob', id], {
      cwd: this.gitFolder,
      environment: this.#environment,
    });
    const closed = once(child, 'close');
    closed.catch(() => undefined);
    let complaint = '';
    child.stdin?.end();
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-2048);
    });
    try {
      for await (const chunk of child.stdout!) yield chunk as Buffer;
      const [status] = await closed;
      if (status !== 0) throw objectUnreadable(id, complaint.trim());
    } finally {
      killGroup(child);
    }
  }

  async log(
    from: string,
    options: { readonly path?: string; readonly limit: number },
  ): Promise<readonly Commit[]> {
    const start = await this.resolve(from);
    if (start === undefined) throw objectMissing(from, 'commit');
    const paths = options.path === undefined ? [] : ['--', options.path];
    const command = ['rev-list', '--first-parent', `--max-count=${options.limit}`, start, ...paths];
    const result = await this.#git(command);
    if (result.status !== 0) throw gitFailed('rev-list', result.stderr);
    const ids = result.stdout.toString('latin1').split('\n').filter(Boolean);
    const objects = await this.#read(ids, 'commit');
    return objects.map((object) => parseCommit(object.id, object.bytes));
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    await this.#info([ancestor, descendant], 'commit');
    if (ancestor === descendant) return true;
    const result = await this.#git(['merge-base', '--is-ancestor', ancestor, descendant]);
    if (result.status === 0) return true;
    if (result.status === 1) return false;
    throw gitFailed('merge-base', result.stderr);
  }

  async references(prefix?: string): Promise<ReadonlyMap<string, string>> {
    const folders =
      prefix === undefined ? ['refs/heads', 'refs/tags'] : [prefix.slice(0, prefix.lastIndexOf('/'))];
    const format = '%(objecttype) %(objectname) %(refname)';
    const result = await this.#git(['for-each-ref', `--format=${format}`, ...folders.filter(Boolean)]);
    if (result.status !== 0) throw gitFailed('for-each-ref', result.stderr);
    const found = new Map<string, string>();
    for (const line of result.stdout.toString('utf8').split('\n')) {
      const [type, id, name] = line.split(' ') as [string, string, string];
      if (name === undefined || !name.startsWith(prefix ?? '')) continue;
      const commit = type === 'commit' ? id : await this.resolve(id);
      if (commit !== undefined) found.set(name, commit);
    }
    return found;
  }

  async headReference(): Promise<string> {
    const result = await this.#git(['symbolic-ref', '--quiet', 'HEAD']);
    return result.status === 0 ? result.stdout.toString('utf8').trim() : 'HEAD';
  }

  async write(change: Write): Promise<string> {
    const commit = await this.store(change);
    await this.move(change, commit.id);
    return commit.id;
  }

  /** Writes the objects of a change, and moves nothing. Throws `ReferenceMoved` where it can be seen already. */
  async store(change: Write): Promise<NewCommit> {
    const commit = await makeCommit(change, this, Math.floor(Date.now() / 1000));
    await this.#refuseIfMoved(change);
    const input = await packObjects(commit.objects, this.format);
    const result = await this.#git(['unpack-objects', '-q'], input);
    if (result.status !== 0) throw gitFailed('unpack-objects', result.stderr);
    return commit;
  }

  /** Moves the reference of a change from what it expects to a commit, or throws and moves nothing. */
  async move(change: Pick<Write, 'reference' | 'expected' | 'message'>, to: string): Promise<void> {
    const { reference, expected, message } = change;
    const from = expected ?? '0'.repeat(to.length);
    const reason = `switchyard: ${message.split('\n', 1)[0]}`;
    const result = await this.#git(['update-ref', '-m', reason, reference, to, from]);
    if (result.status === 0) return;
    await this.#refuseIfMoved(change);
    if (/\.lock'?: File exists/.test(result.stderr)) throw referenceLocked(reference, result.stderr);
    if (/bad name|invalid ref|cannot create|exists; cannot/.test(result.stderr))
      throw referenceInvalid(reference);
    throw gitFailed('update-ref', result.stderr);
  }

  /** Forgets what was read of a repository whose folder was replaced. */
  refresh(): void {
    this.#catFile.renew(this.#catFile.generation);
  }

  async close(): Promise<void> {
    await this.#catFile.close();
  }

  async #refuseIfMoved({ reference, expected }: Pick<Write, 'reference' | 'expected'>): Promise<void> {
    const actual = await this.resolve(reference);
    if (actual !== (expected ?? undefined)) throw referenceMoved(reference, expected, actual);
  }

  async #read(ids: readonly string[], type: string): Promise<readonly ObjectContent[]> {
    return this.#find(ids, type, (names) => this.#catFile.contents(names));
  }

  async #info(ids: readonly string[], type: string): Promise<readonly ObjectHeader[]> {
    return this.#find(ids, type, (names) => this.#catFile.info(names));
  }

  /** Asks once more, of a fresh process, before it says that an object is missing. */
  async #find<Found extends ObjectHeader>(
    ids: readonly string[],
    type: string,
    ask: (ids: readonly string[]) => Promise<(Found | undefined)[]>,
  ): Promise<Found[]> {
    for (const id of ids) if (!isObjectId(id)) throw objectMissing(id, type);
    const generation = this.#catFile.generation;
    let found = await ask(ids);
    if (found.includes(undefined)) {
      this.#catFile.renew(generation);
      found = await ask(ids);
    }
    return found.map((object, index) => {
      if (object?.type !== type) throw objectMissing(ids[index]!, type);
      return object;
    });
  }

  async #git(command: readonly string[], input?: Uint8Array): Promise<GitResult> {
    try {
      return await runGit(command, { cwd: this.gitFolder, environment: this.#environment, input });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw notARepository(this.#location, 'the folder is gone');
    }
  }
}

/** Blobs whose sizes are asked together. */
const window = 1000;
/** Bytes on their way at once: enough that git never waits, little enough for any number of blobs. */
const budget = 8 * 1024 * 1024;

function* groupBySize(headers: readonly ObjectHeader[], maxBytes: number): Iterable<readonly ObjectHeader[]> {
  let group: ObjectHeader[] = [];
  let bytes = 0;
  for (const header of headers) {
    group.push(header);
    if (header.size <= maxBytes) bytes += header.size;
    if (bytes < budget) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}
