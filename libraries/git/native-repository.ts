import { once } from 'node:events';
import { CatFile, type ObjectContent, type ObjectHeader } from './cat-file.ts';
import { compareTrees } from './changed-paths.ts';
import { parseCommit } from './commit.ts';
import {
  blobTooLarge,
  gitFailed,
  notARepository,
  objectMissing,
  objectUnreadable,
  referenceInvalid,
  referenceLocked,
  referenceMoved,
} from './errors.ts';
import { findEntry } from './find-file.ts';
import { type GitResult, killGroup, runGit, startGit } from './git-command.ts';
import type { NativePlace } from './native-place.ts';
import { assembleCommit, assembleCommits, draftOf } from './new-commit.ts';
import { idLength, isObjectId, type NewObject, type ObjectFormat } from './object-id.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { packObjects } from './pack.ts';
import { checkReference, checkUpdates, foldersOf } from './reference-name.ts';
import type {
  Blob,
  ChangedPath,
  Commit,
  CommitDraft,
  LogOptions,
  MergeResult,
  NextCommit,
  ReferenceUpdate,
  TreeEntry,
  Write,
} from './repository.ts';
import { breakStale } from './stale-lock.ts';
import { parseTree, readableName } from './tree.ts';

/** The repository by native git (2.38 or newer). Reads take no new process; a write takes two. */
export class NativeRepository implements OpenedRepository {
  readonly implementation = 'native';
  readonly gitFolder: string;
  readonly commonFolder: string;
  readonly format: ObjectFormat;
  readonly #location: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #catFile: CatFile;
  /** The commit that a reference named when it was resolved last, and its root folder: what is asked for next. */
  #ahead: Promise<readonly (ObjectContent | undefined)[]> = Promise.resolve([]);
  #isAheadLight = true;
  /** Ids of commits that references named. */
  readonly #knownCommits = new Set<string>();
  /** What was listed last: it is asked for often, and seldom another. */
  #listed: Listing | undefined;
  /** References moved since they were packed last. */
  #moved = 0;

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
    const asked = this.#catFile.info([name]);
    if (!isObjectId(revision) && this.#isAheadLight) this.#ahead = this.#readAhead(revision);
    const [found] = await asked;
    if (found !== undefined || !this.#catFile.isStale) return found?.id;
    this.refresh();
    return (await this.#catFile.info([name]))[0]?.id;
  }

  async commit(id: string): Promise<Commit> {
    const [known] = await this.#ahead;
    return parseCommit(id, known?.id === id ? known.bytes : (await this.#read([id], 'commit'))[0]!.bytes);
  }

  async commits(ids: readonly string[]): Promise<readonly Commit[]> {
    const found: Commit[] = [];
    let next = this.#read(ids.slice(0, commitWindow), 'commit');
    for (let start = 0; start < ids.length; start += commitWindow) {
      const objects = await next;
      // Git reads the next ones while these are parsed.
      next = this.#read(ids.slice(start + commitWindow, start + 2 * commitWindow), 'commit');
      next.catch(() => undefined);
      for (const { id, bytes } of objects) found.push(parseCommit(id, bytes));
    }
    return found;
  }

  async rawCommit(id: string): Promise<Uint8Array> {
    return (await this.#read([id], 'commit'))[0]!.bytes;
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
    const [, root] = await this.#ahead;
    return root?.id === id ? root.bytes : (await this.#read([id], 'tree'))[0]!.bytes;
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

  async readFile(commit: string, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const entry = await findEntry(this, commit, path);
    if (entry?.type !== 'blob') return undefined;
    const size = await this.blobSize(entry.id);
    if (size > maxBytes) throw blobTooLarge(path, size, maxBytes);
    return (await this.#read([entry.id], 'blob'))[0]!.bytes;
  }

  async changedPaths(from: string | null, to: string): Promise<readonly ChangedPath[]> {
    const [after, before] = await this.commits(from === null ? [to] : [to, from]);
    return compareTrees(before?.tree, after!.tree, this.format, async (ids) =>
      (await this.#read(ids, 'tree')).map(({ bytes }) => bytes),
    );
  }

  async log(from: string, options: LogOptions): Promise<readonly Commit[]> {
    const start = await this.resolve(from);
    if (start === undefined) throw objectMissing(from, 'commit');
    const { path, limit, firstParent = true, since = 0, until = Number.MAX_SAFE_INTEGER } = options;
    const isTimed = options.since !== undefined || options.until !== undefined;
    const command = ['rev-list', '--timestamp', `--max-count=${isTimed ? -1 : limit}`];
    command.push(...(firstParent ? ['--first-parent'] : ['--date-order', '--full-history']));
    const result = await this.#git([...command, start, ...(path === undefined ? [] : ['--', path])]);
    if (result.status !== 0) throw gitFailed('rev-list', result.stderr);
    const ids: string[] = [];
    // Git's own limits of time stop at the first commit of a clock that went wrong, or lose the order.
    for (const line of result.stdout.toString('latin1').split('\n')) {
      const [time, id] = line.split(' ') as [string, string | undefined];
      if (id === undefined || Number(time) < since || Number(time) > until) continue;
      if (ids.length < limit) ids.push(id);
    }
    return this.commits(ids);
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    await this.#info([ancestor, descendant], 'commit');
    if (ancestor === descendant) return true;
    const result = await this.#git(['merge-base', '--is-ancestor', ancestor, descendant]);
    if (result.status === 0) return true;
    if (result.status === 1) return false;
    throw gitFailed('merge-base', result.stderr);
  }

  async mergeBase(one: string, other: string): Promise<string | undefined> {
    await this.#info([one, other], 'commit');
    const result = await this.#git(['merge-base', one, other]);
    if (result.status === 0) return result.stdout.toString('latin1').trim();
    if (result.status === 1) return undefined;
    throw gitFailed('merge-base', result.stderr);
  }

  async mergeTree(ours: string, theirs: string): Promise<MergeResult> {
    await this.#info([ours, theirs], 'commit');
    const flags = ['--write-tree', '--allow-unrelated-histories', '--name-only', '--no-messages', '-z'];
    const result = await this.#git(['merge-tree', ...flags, ours, theirs]);
    if (result.status !== 0 && result.status !== 1) throw gitFailed('merge-tree', result.stderr);
    const [tree, ...paths] = result.stdout.toString('latin1').split('\0');
    if (result.status === 0) return { tree: tree! };
    return { conflicts: [...new Set(paths.filter(Boolean))].sort().map(readableName) };
  }

  async references(prefix?: string): Promise<ReadonlyMap<string, string>> {
    const folders = foldersOf(prefix);
    if (folders.length === 0) return new Map();
    // The type of what each names would cost git as much again as all of the rest.
    const format = '%(objectname) %(refname)';
    const result = await this.#git(['for-each-ref', `--format=${format}`, '--', ...folders]);
    if (result.status !== 0) throw gitFailed('for-each-ref', result.stderr);
    if (this.#catFile.isStale) this.refresh();
    const last = this.#listed;
    if (last?.prefix === prefix && last?.output.equals(result.stdout)) return last.found;
    const listed = parseListing(result.stdout, prefix ?? '');
    await this.#learnTypes(listed);
    const found = new Map<string, string>();
    for (const [name, id] of listed) {
      const commit = this.#knownCommits.has(id) ? id : await this.resolve(id);
      if (commit !== undefined) found.set(name, commit);
    }
    this.#listed = { prefix, output: result.stdout, found };
    return found;
  }

  /** Finds out which objects that references name are commits, as far as that is not known. Throws where one is not there. */
  async #learnTypes(listed: ReadonlyMap<string, string>): Promise<void> {
    if (this.#knownCommits.size > 4 * listed.size + 10_000) this.#knownCommits.clear();
    const unknown = new Map<string, string>();
    for (const [name, id] of listed) if (!this.#knownCommits.has(id)) unknown.set(id, name);
    const ids = [...unknown.keys()];
    const generation = this.#catFile.generation;
    let headers = await this.#catFile.info(ids);
    if (headers.includes(undefined)) {
      this.#catFile.renew(generation);
      headers = await this.#catFile.info(ids);
    }
    for (const [index, id] of ids.entries()) {
      const type = headers[index]?.type;
      if (type === undefined) throw gitFailed('for-each-ref', `missing object ${id} for ${unknown.get(id)}`);
      if (type === 'commit') this.#knownCommits.add(id);
    }
  }

  async headReference(): Promise<string> {
    const result = await this.#git(['symbolic-ref', '--quiet', 'HEAD']);
    return result.status === 0 ? result.stdout.toString('utf8').trim() : 'HEAD';
  }

  async updateReferences(updates: readonly ReferenceUpdate[]): Promise<void> {
    checkUpdates(updates);
    await this.#info(
      updates.flatMap(({ to }) => to ?? []),
      'commit',
    );
    if (updates.length > 0) await this.move(updates, 'update');
  }

  async makeCommit(draft: CommitDraft): Promise<string> {
    const commit = await assembleCommit(draft, this);
    await this.#store(commit.objects);
    return commit.id;
  }

  async makeCommits(drafts: readonly NextCommit[]): Promise<readonly string[]> {
    const { ids, objects } = await assembleCommits(drafts, this);
    if (objects.length > 0) await this.#store(objects);
    return ids;
  }

  async write(change: Write): Promise<string> {
    const { reference, expected, message } = change;
    checkReference(reference);
    const commit = await assembleCommit(draftOf(change), this);
    const update = { reference, from: expected, to: commit.id };
    await this.#refuseIfMoved([update]);
    await this.#store(commit.objects);
    await this.move([update], message.split('\n', 1)[0]!);
    return commit.id;
  }

  /**
   * Moves references in one transaction of git, each from what is expected, or throws and moves nothing. Should this process
   * die while git reads the transaction, git throws it away.
   */
  protected async move(updates: readonly ReferenceUpdate[], reason: string): Promise<void> {
    const result = await this.#transact(updates, reason);
    if (result.status === 0) return this.#packSometimes(updates);
    await this.#refuseIfMoved(updates);
    const { reference, from } =
      updates.find((update) => result.stderr.includes(update.reference)) ?? updates[0]!;
    // What reads for us may not have seen yet that references were packed.
    const [, actual] = /is at ([0-9a-f]+) but expected/.exec(result.stderr) ?? [];
    if (actual !== undefined) throw referenceMoved(reference, from, actual);
    const lock = lockOf(result);
    if (lock !== undefined) throw referenceLocked(reference, result.stderr);
    if (/bad name|invalid ref|cannot create|exists; cannot|cannot process/.test(result.stderr))
      throw referenceInvalid(reference);
    throw gitFailed('update-ref', result.stderr);
  }

  /** A list of thousands of references costs a file each until they are packed. Where another packs already, it does. */
  async #packSometimes(updates: readonly ReferenceUpdate[]): Promise<void> {
    this.#moved += updates.length;
    if (this.#moved < packAfter) return;
    this.#moved = 0;
    await this.#git(['pack-refs', '--all']);
  }

  /** What references name themselves, without a look behind annotated tags. */
  protected async readReferences(names: readonly string[]): Promise<readonly (string | undefined)[]> {
    if (this.#catFile.isStale) this.refresh();
    return (await this.#catFile.info(names)).map((found) => found?.id);
  }

  async #transact(updates: readonly ReferenceUpdate[], reason: string): Promise<GitResult> {
    const nothing = '0'.repeat(2 * idLength(this.format));
    // Git locks them in the order that it is told, and two writers in different orders would wait for each other.
    const inOrder = updates.toSorted((a, b) => (a.reference < b.reference ? -1 : 1));
    const commands = inOrder.map(({ reference, from, to }) => {
      if (from === to) return `verify ${reference}\0${from}\0`;
      return to === null
        ? `delete ${reference}\0${from}\0`
        : `update ${reference}\0${to}\0${from ?? nothing}\0`;
    });
    const input = Buffer.from(['start\0', ...commands, 'prepare\0', 'commit\0'].join(''), 'utf8');
    const command = ['update-ref', '-m', `switchyard: ${reason}`, '--stdin', '-z'];
    let result = await this.#git(command, input);
    // A git that was killed leaves a lock for every reference of its transaction, and the next one names the first it meets.
    for (let broken = 0; broken <= updates.length; broken++) {
      const lock = lockOf(result);
      if (lock === undefined || !(await breakStale(lock))) break;
      result = await this.#git(command, input);
    }
    return result;
  }

  async #store(objects: readonly NewObject[]): Promise<void> {
    const result = await this.#git(['unpack-objects', '-q'], await packObjects(objects, this.format));
    if (result.status !== 0) throw gitFailed('unpack-objects', result.stderr);
  }

  /** Forgets what was read of a repository whose folder was replaced. */
  refresh(): void {
    this.#knownCommits.clear();
    this.#listed = undefined;
    this.#catFile.renew(this.#catFile.generation);
  }

  async close(): Promise<void> {
    await this.#catFile.close();
  }

  /**
   * Goes out together with the question what a reference names, and so saves two answers' time where that has moved.
   * Nothing depends on it: an object is taken by its id. Large ones are not worth their way once a second.
   */
  async #readAhead(revision: string): Promise<readonly (ObjectContent | undefined)[]> {
    try {
      const found = await this.#catFile.contents([`${revision}^{commit}`, `${revision}^{tree}`]);
      this.#isAheadLight = found.every((object) => object === undefined || object.size < 64 * 1024);
      return found;
    } catch {
      return []; // to be told by whoever asks for them
    }
  }

  async #refuseIfMoved(updates: readonly ReferenceUpdate[]): Promise<void> {
    const found = await this.readReferences(updates.map(({ reference }) => reference));
    for (const [index, { reference, from }] of updates.entries()) {
      const actual = found[index];
      if (actual !== (from ?? undefined)) throw referenceMoved(reference, from, actual);
    }
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

interface Listing {
  readonly prefix: string | undefined;
  readonly output: Buffer;
  readonly found: ReadonlyMap<string, string>;
}

/** Name → id. Both are copied out: a piece of a long text would keep all of it in memory for as long as it is kept. */
function parseListing(output: Buffer, prefix: string): Map<string, string> {
  const listed = new Map<string, string>();
  let start = 0;
  for (let end = output.indexOf(10); end >= 0; end = output.indexOf(10, start)) {
    const space = output.indexOf(32, start);
    const name = output.toString('utf8', space + 1, end);
    if (name.startsWith(prefix)) listed.set(name, output.toString('latin1', start, space));
    start = end + 1;
  }
  return listed;
}

/** The lock file that kept git from moving a reference. */
function lockOf(result: GitResult): string | undefined {
  return /Unable to create '(.+?\.lock)': File exists/.exec(result.stderr)?.[1];
}

/** Moves of references before they are packed. */
const packAfter = 250;
/** Commits that are read together. */
const commitWindow = 2000;
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
