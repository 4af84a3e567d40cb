import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { gitMissing, notARepository, objectUnreadable, repositoryClosed } from './errors.ts';
import { startGit } from './git-command.ts';
import { isObjectId } from './object-id.ts';

export interface ObjectHeader {
  readonly id: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

export interface ObjectContent extends ObjectHeader {
  readonly bytes: Buffer;
}

/** Undefined where the name names nothing; an error where the object is damaged or too large. */
type Answer = ObjectHeader | ObjectContent | Error | undefined;

/**
 * One long-lived `git cat-file --batch-command`: no process is started on the hot path, and requests made in one turn
 * of the event loop go out together. It re-reads references and notices new packs by itself. Where it dies it is
 * started anew and the unanswered requests are asked again.
 */
export class CatFile {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  #session: Session | undefined;
  #closed = false;

  constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Type and size of what each name (an id, `main^{commit}`) names, or undefined where it names nothing. */
  async info(names: readonly string[]): Promise<(ObjectHeader | undefined)[]> {
    return withoutErrors<ObjectHeader>(await this.#ask(names, 'info'));
  }

  /** The same with the content. All of it is held in memory at once. */
  async contents(names: readonly string[]): Promise<(ObjectContent | undefined)[]> {
    return withoutErrors<ObjectContent>(await this.#ask(names, 'contents'));
  }

  /**
   * Starts a fresh process for the requests to come, unless that has happened since `since` (from `generation`). The old
   * one may hold a list of packs, alternates or a folder that are gone.
   */
  renew(since: object | undefined): void {
    if (this.#session === since) this.#retire();
  }

  /** Names the process that answers now, for `renew`. */
  get generation(): object | undefined {
    return this.#session;
  }

  /** Whether the repository's folder was replaced by another since the process was started. */
  get isStale(): boolean {
    return this.#session !== undefined && this.#session.folder !== identityOf(this.#folder);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const session = this.#session;
    this.#retire();
    await session?.ended;
  }

  #ask(names: readonly string[], command: Request['command']): Promise<readonly Answer[]> {
    if (names.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#send({ names, command, answers: [], resolve, reject, deaths: 0 });
    });
  }

  #send(request: Request): void {
    if (this.#closed) {
      request.reject(repositoryClosed());
      return;
    }
    if (this.#session?.isIdle && this.#session.isOld) this.#retire();
    this.#session ??= this.#start();
    this.#session.send(request);
  }

  #retire(): void {
    this.#session?.end();
    this.#session = undefined;
  }

  #start(): Session {
    const child = startGit(['cat-file', '--batch-command', '--buffer'], {
      cwd: this.#folder,
      environment: this.#environment,
    });
    const session = new Session(child, identityOf(this.#folder), (unanswered, complaint) => {
      if (this.#session === session) this.#session = undefined;
      this.#askAgain(unanswered, complaint);
    });
    child.once('error', () => {
      const gone = identityOf(this.#folder) === 'gone';
      const reason = gone ? notARepository(this.#folder, 'the folder is gone') : gitMissing(undefined);
      for (const request of session.waiting.splice(0)) request.reject(reason);
    });
    return session;
  }

  /** The name that waits longest may be what killed the process; those behind it are innocent. */
  #askAgain([first, ...rest]: readonly Request[], complaint: string): void {
    if (first === undefined) return;
    first.deaths += 1;
    if (first.deaths > 2) {
      first.answers.push(objectUnreadable(first.names[first.answers.length]!, complaint));
      first.deaths = 0;
    }
    if (first.answers.length === first.names.length) first.resolve(first.answers);
    else this.#send(first);
    for (const request of rest) this.#send(request);
  }
}

interface Request {
  readonly names: readonly string[];
  readonly command: 'info' | 'contents';
  /** Those that came so far, in the order of the names. */
  readonly answers: Answer[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: Error) => void;
  /** How often the process died since the last answer. */
  deaths: number;
}

/** After this, a quiet process makes room for a new one, so that packs deleted by a repack give their space back. */
const oldAfter = 10 * 60 * 1000;

/** More than this is read in pieces, by another way. */
const maxContents = 512 * 1024 * 1024;

interface Body {
  readonly header: ObjectHeader;
  /** Undefined where it is too large: it is read past. */
  readonly bytes: Buffer | undefined;
  taken: number;
}

/** One process and the requests that it has not answered yet, in order. */
class Session {
  readonly folder: string;
  readonly ended: Promise<void>;
  readonly waiting: Request[] = [];
  readonly #child: ChildProcess;
  readonly #startedAt = performance.now();
  #unsent: string[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #body: Body | undefined;

  constructor(
    child: ChildProcess,
    folder: string,
    onEnd: (unanswered: readonly Request[], complaint: string) => void,
  ) {
    this.#child = child;
    this.folder = folder;
    let complaint = '';
    child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-2048);
    });
    child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      child.once('close', (status, signal) => {
        onEnd(this.waiting.splice(0), complaint.trim() || `git cat-file ended (${signal ?? status})`);
        resolve();
      });
    });
  }

  get isIdle(): boolean {
    return this.waiting.length === 0;
  }

  get isOld(): boolean {
    return performance.now() - this.#startedAt > oldAfter;
  }

  send(request: Request): void {
    this.waiting.push(request);
    const { names, answers, command } = request;
    if (this.#unsent.length === 0) queueMicrotask(() => this.#flush());
    this.#unsent.push(`${command} ${names.slice(answers.length).join(`\n${command} `)}\n`);
  }

  end(): void {
    this.#flush();
    this.#child.stdin?.end();
  }

  #flush(): void {
    if (this.#unsent.length === 0) return;
    this.#child.stdin?.write(`${this.#unsent.join('')}flush\n`);
    this.#unsent = [];
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body !== undefined) {
        at += this.#fill(this.#body, chunk, at);
        continue;
      }
      const end = chunk.indexOf(0x0a, at);
      if (end < 0) {
        this.#rest = Buffer.concat([this.#rest, chunk.subarray(at)]);
        return;
      }
      const line = this.#rest.toString('latin1') + chunk.toString('latin1', at, end);
      if (this.#rest.length > 0) this.#rest = Buffer.alloc(0);
      at = end + 1;
      this.#readHeader(line);
    }
  }

  /** `<id> <type> <size>`, or `<name> missing` (a name may hold spaces). */
  #readHeader(line: string): void {
    const afterId = line.indexOf(' ');
    const afterType = line.indexOf(' ', afterId + 1);
    const size = afterType < 0 ? Number.NaN : Number(line.slice(afterType + 1));
    const id = line.slice(0, afterId);
    if (Number.isNaN(size) || !isObjectId(id)) {
      this.#answer(undefined);
      return;
    }
    const header = { id, type: line.slice(afterId + 1, afterType), size };
    if (this.waiting[0]?.command === 'info') this.#answer(header);
    else this.#body = { header, bytes: size > maxContents ? undefined : Buffer.allocUnsafe(size), taken: 0 };
  }

  /** Takes what is there of a body and its closing newline; answers how many bytes it took. */
  #fill(body: Body, chunk: Buffer, at: number): number {
    const size = Math.min(body.header.size - body.taken, chunk.length - at);
    if (body.bytes !== undefined) chunk.copy(body.bytes, body.taken, at, at + size);
    body.taken += size;
    if (at + size === chunk.length) return size;
    this.#body = undefined;
    const { id, type, size: whole } = body.header;
    if (body.bytes !== undefined) this.#answer({ id, type, size: whole, bytes: body.bytes });
    else this.#answer(objectUnreadable(id, `${whole} bytes are too many to read at once`));
    return size + 1;
  }

  #answer(answer: Answer): void {
    const request = this.waiting[0];
    if (request === undefined) return;
    request.deaths = 0;
    request.answers.push(answer);
    if (request.answers.length < request.names.length) return;
    this.waiting.shift();
    request.resolve(request.answers);
  }
}

function withoutErrors<Found extends ObjectHeader>(answers: readonly Answer[]): (Found | undefined)[] {
  for (const answer of answers) if (answer instanceof Error) throw answer;
  return answers as (Found | undefined)[];
}

function identityOf(folder: string): string {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found === undefined ? 'gone' : `${found.dev}:${found.ino}:${found.birthtimeMs}`;
}
