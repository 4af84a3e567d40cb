import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatPerson } from './commit.ts';
import { gitFailed, referenceInvalid, referenceLocked, referenceMoved, updateRefused } from './errors.ts';
import { isObjectId } from './object-id.ts';
import type { Person, ReferenceUpdate } from './repository.ts';
import { breakStale, ownMark } from './stale-lock.ts';

/** For the log that Git keeps of a reference. */
export interface MoveReason {
  readonly author: Person;
  readonly message: string;
}

/**
 * References as files, for where there is no git: the loose file before `packed-refs`, and `<reference>.lock` held around
 * each change, as native git holds it, so that the two can write side by side and neither loses a commit.
 */
export class FileReferences {
  readonly #folder: string;
  readonly #patience: number;
  #packed: { readonly version: string; readonly references: ReadonlyMap<string, string> } | undefined;

  /** `patience`: milliseconds to wait for another writer's lock. */
  constructor(folder: string, patience = 2000) {
    this.#folder = folder;
    this.#patience = patience;
  }

  /** The object that a reference names, through symbolic ones. Always read anew. */
  async read(reference: string): Promise<string | undefined> {
    let name = reference;
    for (let depth = 0; depth < 5; depth++) {
      const content = (await this.#content(name)).trim();
      if (isObjectId(content)) return content;
      const next = target(content);
      if (next === undefined) break;
      name = next;
    }
    return (await this.#packedReferences()).get(name);
  }

  /** The name at the end of a chain of symbolic references; it need not exist yet. */
  async follow(reference: string): Promise<string> {
    let name = reference;
    for (let depth = 0; depth < 5; depth++) {
      const next = target(await this.#content(name));
      if (next === undefined) break;
      name = next;
    }
    return name;
  }

  /** All references below a folder (`refs/heads`) and their objects, by name. */
  async list(folder: string): Promise<Map<string, string>> {
    // The loose ones first: packing writes the packed file before it takes the loose ones away.
    const loose = await this.#looseBelow(folder);
    const found = new Map<string, string>();
    for (const [name, id] of await this.#packedReferences())
      if (name.startsWith(`${folder}/`)) found.set(name, id);
    for (const name of loose) found.set(name, '');
    const names = [...found.keys()].sort();
    const values = await readSome(names, async (name) => found.get(name) || (await this.read(name)));
    return new Map(names.flatMap((name, index) => (values[index] ? [[name, values[index]]] : [])));
  }

  async #looseBelow(folder: string): Promise<string[]> {
    const files = await readdir(join(this.#folder, folder), { recursive: true, withFileTypes: true }).catch(
      ignoreAbsent,
    );
    const names: string[] = [];
    for (const file of files ?? []) {
      if (!file.isFile() || file.name.endsWith('.lock')) continue;
      names.push(
        join(file.parentPath, file.name)
          .slice(this.#folder.length + 1)
          .replaceAll('\\', '/'),
      );
    }
    return names;
  }

  /**
   * Moves references, all or none, each compared and swapped under its lock. The locks are taken in one order everywhere, so
   * that no two writers wait for each other. Throws `ReferenceMoved`, `ReferenceLocked`, `ReferenceInvalid` or
   * `UpdateRefused`, and then moved nothing.
   */
  async move(updates: readonly ReferenceUpdate[], reason: MoveReason): Promise<void> {
    const targets: Target[] = [];
    for (const update of updates) targets.push({ ...update, name: await this.follow(update.reference) });
    targets.sort((one, other) => (one.name < other.name ? -1 : 1));
    const releases: (() => Promise<void>)[] = [];
    try {
      for (const [index, target] of targets.entries()) {
        if (target.name === targets[index - 1]?.name)
          throw updateRefused(target.reference, `another of these moves ${target.name} too`);
        if (target.from === null) await this.#refuseNested(target.name);
        const refuseIfMoved = () => this.#refuseIfMoved(target);
        releases.push(await this.#lock(target.name, join(this.#folder, target.name), refuseIfMoved));
        await refuseIfMoved();
      }
      await this.#moveAll(targets.filter(({ from, to }) => from !== to));
      for (const { name, from, to } of targets) {
        const line = `${from ?? zero(to)} ${to ?? zero(from)} ${formatPerson(reason.author)}\t${reason.message}\n`;
        if (from !== to) await this.#log(name, line);
      }
    } finally {
      for (const release of releases.reverse()) await release();
    }
  }

  async #refuseIfMoved({ name, reference, from }: Target): Promise<void> {
    const actual = (await this.#loose(name)) ?? (await this.#packedReferences()).get(name);
    if (actual !== (from ?? undefined)) throw referenceMoved(reference, from, actual);
  }

  /** Under the locks of all of them: takes back what it did where one fails. */
  async #moveAll(targets: readonly Target[]): Promise<void> {
    const moved: Target[] = [];
    try {
      for (const target of targets) {
        moved.push(target);
        await this.#put(target.name, target.to);
      }
    } catch (error) {
      moved.pop();
      for (const { name, from } of moved.reverse()) {
        await this.#put(name, from).catch((second: Error) => {
          throw gitFailed(
            'update-ref',
            `${name} was moved and cannot be moved back: ${second.message}`,
            error,
          );
        });
      }
      throw error;
    }
  }

  async #put(name: string, id: string | null): Promise<void> {
    const file = join(this.#folder, name);
    if (id === null) await this.#remove(name, file);
    else await this.#replace(file, id, name);
  }

  async #content(name: string): Promise<string> {
    if (name.split('/').includes('..')) return '';
    // Git removes folders that packing left empty; a folder in the place of a reference is no reference.
    const content = await readFile(join(this.#folder, name), 'utf8').catch(ignoreAbsent);
    return content ?? '';
  }

  async #loose(name: string): Promise<string | undefined> {
    const content = (await this.#content(name)).trim();
    return isObjectId(content) ? content : undefined;
  }

  async #packedReferences(): Promise<ReadonlyMap<string, string>> {
    const file = join(this.#folder, 'packed-refs');
    const found = await stat(file, { bigint: true }).catch(ignoreAbsent);
    if (found === undefined) return new Map();
    const version = `${found.ino}:${found.size}:${found.mtimeNs}`;
    if (this.#packed?.version === version) return this.#packed.references;
    const references = new Map<string, string>();
    for (const line of ((await readFile(file, 'utf8').catch(ignoreAbsent)) ?? '').split('\n')) {
      const [id, name] = line.split(' ');
      if (id !== undefined && name !== undefined && isObjectId(id)) references.set(name, id);
    }
    this.#packed = { version, references };
    return references;
  }

  /** `refs/heads/a` and `refs/heads/a/b` cannot both be: the first is a file where the second needs a folder. */
  async #refuseNested(name: string): Promise<void> {
    for (const packed of (await this.#packedReferences()).keys()) {
      if (packed.startsWith(`${name}/`) || name.startsWith(`${packed}/`)) {
        const isThere = (await this.read(packed)) !== undefined;
        if (isThere) throw referenceInvalid(name);
      }
    }
  }

  async #replace(file: string, to: string, name: string): Promise<void> {
    // Outside refs/, where git would take the file for a reference.
    const draft = join(this.#folder, `switchyard-${randomUUID()}.lock`);
    try {
      await writeDurably(draft, `${to}\n`);
      await rename(draft, file).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EISDIR' && error.code !== 'ENOTEMPTY') throw error;
        await removeEmptyFolders(file);
        await rename(draft, file);
      });
    } catch (error) {
      await rm(draft, { force: true });
      if (/^(EISDIR|ENOTEMPTY)$/.test((error as NodeJS.ErrnoException).code ?? ''))
        throw referenceInvalid(name);
      throw gitFailed('update-ref', (error as Error).message, error);
    }
  }

  async #remove(name: string, file: string): Promise<void> {
    if ((await this.#packedReferences()).has(name)) await this.#removePacked(name);
    await unlink(file).catch(ignoreAbsent);
  }

  async #removePacked(name: string): Promise<void> {
    const file = join(this.#folder, 'packed-refs');
    const release = await this.#lock('packed-refs', file);
    try {
      const lines = (await readFile(file, 'utf8')).split('\n');
      const start = lines.findIndex((line) => line.endsWith(` ${name}`));
      if (start < 0) return;
      const peeled = lines[start + 1]?.startsWith('^') ? 2 : 1;
      lines.splice(start, peeled);
      await this.#replace(file, lines.join('\n').trimEnd(), 'packed-refs');
    } finally {
      await release();
    }
  }

  async #log(name: string, line: string): Promise<void> {
    const file = join(this.#folder, 'logs', name);
    const isKept = (await stat(file).catch(ignoreAbsent))?.isFile() ?? false;
    // The reference has moved: a log that cannot be written must not make that look like a failure.
    if (isKept) await writeFile(file, line, { flag: 'a' }).catch(() => undefined);
  }

  /** Waits while others come and go, and gives up where one stays. `onWait` may throw: nobody waits for what is lost. */
  async #lock(name: string, file: string, onWait?: () => Promise<void>): Promise<() => Promise<void>> {
    const lock = `${file}.lock`;
    let holder = '';
    let deadline = 0;
    for (;;) {
      try {
        await mkdir(dirname(lock), { recursive: true });
        await writeFile(lock, ownMark, { flag: 'wx' });
        return () => rm(lock, { force: true });
      } catch (error) {
        await this.#refuseHopeless(name, error as NodeJS.ErrnoException);
      }
      await onWait?.();
      const found = await stat(lock).catch(ignoreAbsent);
      const current = `${found?.ino} ${found?.mtimeMs}`;
      if (current !== holder) {
        holder = current;
        deadline = performance.now() + this.#patience;
      } else if (performance.now() > deadline) {
        const seconds = Math.round((Date.now() - (found?.mtimeMs ?? Date.now())) / 1000);
        throw referenceLocked(name, `${lock} has been there for ${seconds} s.`);
      }
      if (!(await breakStale(lock))) await pause(5 + Math.random() * 20);
    }
  }

  async #refuseHopeless(name: string, error: NodeJS.ErrnoException): Promise<void> {
    switch (error.code) {
      case 'EEXIST': {
        // From mkdir, where a reference stands in the place of a folder; from the lock, where somebody holds it.
        const above = await stat(dirname(join(this.#folder, name))).catch(ignoreAbsent);
        if (above !== undefined && !above.isDirectory()) throw referenceInvalid(name);
        return;
      }
      case 'ENOENT':
        // Git removed the folder, which was empty, in between.
        return;
      case 'ENOTDIR':
        throw referenceInvalid(name);
      default:
        throw gitFailed('update-ref', error.message, error);
    }
  }
}

interface Target extends ReferenceUpdate {
  /** The reference at the end of symbolic ones. */
  readonly name: string;
}

/** What a symbolic reference names. */
function target(content: string): string | undefined {
  return /^ref: *(\S+)/.exec(content)?.[1];
}

/** Asks for many, some of them at once. */
async function readSome<Result>(
  names: readonly string[],
  read: (name: string) => Promise<Result>,
): Promise<Result[]> {
  const found: Result[] = [];
  for (let start = 0; start < names.length; start += 64)
    found.push(...(await Promise.all(names.slice(start, start + 64).map(read))));
  return found;
}

async function writeDurably(file: string, content: string): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o666);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeEmptyFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name));
  }
  await rmdir(folder);
}

function zero(like: string | null): string {
  return '0'.repeat(like?.length ?? 40);
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined;
  throw error;
}
