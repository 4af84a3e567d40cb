import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatPerson } from './commit.ts';
import { gitFailed, referenceInvalid, referenceLocked, referenceMoved } from './errors.ts';
import { isObjectId } from './object-id.ts';
import type { Person } from './repository.ts';

export interface ReferenceMove {
  readonly reference: string;
  /** Null where the reference must not be there yet. */
  readonly from: string | null;
  /** Null deletes it. */
  readonly to: string | null;
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
    const name = await this.follow(reference);
    return (await this.#loose(name)) ?? (await this.#packedReferences()).get(name);
  }

  /** The name at the end of a chain of symbolic references; it need not exist yet. */
  async follow(reference: string): Promise<string> {
    let name = reference;
    for (let depth = 0; depth < 5; depth++) {
      const next = /^ref: *(\S+)/.exec(await this.#content(name))?.[1];
      if (next === undefined) break;
      name = next;
    }
    return name;
  }

  /** All references below a folder (`refs/heads`) and their objects. */
  async list(folder: string): Promise<Map<string, string>> {
    const names = new Set<string>();
    for (const name of (await this.#packedReferences()).keys())
      if (name.startsWith(`${folder}/`)) names.add(name);
    const files = await readdir(join(this.#folder, folder), { recursive: true, withFileTypes: true }).catch(
      ignoreAbsent,
    );
    for (const file of files ?? []) {
      if (!file.isFile() || file.name.endsWith('.lock')) continue;
      const path = join(file.parentPath, file.name).slice(this.#folder.length + 1);
      names.add(path.replaceAll('\\', '/'));
    }
    const found = new Map<string, string>();
    for (const name of [...names].sort()) {
      const id = await this.read(name);
      if (id !== undefined) found.set(name, id);
    }
    return found;
  }

  /** Compare-and-swap. Throws `ReferenceMoved`, `ReferenceLocked` or `ReferenceInvalid`, and then moved nothing. */
  async move({ reference, from, to, author, message }: ReferenceMove): Promise<void> {
    const name = await this.follow(reference);
    const file = join(this.#folder, name);
    await this.#refuseNested(name);
    const refuseIfMoved = async () => {
      const actual = (await this.#loose(name)) ?? (await this.#packedReferences()).get(name);
      if (actual !== (from ?? undefined)) throw referenceMoved(reference, from, actual);
    };
    const release = await this.#lock(name, file, refuseIfMoved);
    try {
      await refuseIfMoved();
      if (to === null) await this.#remove(name, file);
      else await this.#replace(file, to, name);
      await this.#log(name, `${from ?? zero(to)} ${to ?? zero(from)} ${formatPerson(author)}\t${message}\n`);
    } finally {
      await release();
    }
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

/** When this process started, in milliseconds of the machine's own clock: the same in all of its threads. */
const startedAt = Math.round(Number(process.hrtime.bigint() / 1_000_000n) - process.uptime() * 1000);

/** Says who holds a lock, so that one left by a crash can be told from one at work. */
const ownMark = `switchyard ${hostname()} ${process.pid} ${startedAt}\n`;

/**
 * Takes away a lock that a process of ours on this machine left when it died. Never another's: git's own locks say
 * nothing of who holds them. Two that break at once are kept apart by a lock on the breaking.
 */
async function breakStale(lock: string): Promise<boolean> {
  if (!(await isStale(lock))) return false;
  const guard = `${lock}.break.lock`;
  try {
    await writeFile(guard, '', { flag: 'wx' });
  } catch {
    return false;
  }
  try {
    if (!(await isStale(lock))) return false;
    await unlink(lock);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function isStale(lock: string): Promise<boolean> {
  const mark = (await readFile(lock, 'utf8').catch(ignoreAbsent)) ?? '';
  const [, host, pid, started] = /^switchyard (\S+) (\d+) (\d+)\n/.exec(mark) ?? [];
  if (host !== hostname()) return false;
  if (Number(pid) !== process.pid) return !isAlive(Number(pid));
  // Our own number under another start was a process before us: in a container they often get the same one.
  return Math.abs(Number(started) - startedAt) > 50;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
