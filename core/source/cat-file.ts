import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { gitMissing, notARepository, objectUnreadable, repositoryClosed } from './errors.ts';
import { startGit } from './git-command.ts';

export interface ObjectHeader {
  readonly id: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

export interface ObjectContent extends ObjectHeader {
  readonly bytes: Buffer;
}

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

  /** Type and size of what a name (an id, `main^{commit}`) names, or undefined where it names nothing. */
  async info(name: string): Promise<ObjectHeader | undefined> {
    return this.#ask({ name, contents: false });
  }

  async contents(name: string): Promise<ObjectContent | undefined> {
    const answer = await this.#ask({ name, contents: true });
    return answer?.bytes === undefined ? undefined : { ...answer, bytes: answer.bytes };
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

  #ask(question: Question): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      this.#send({ ...question, resolve, reject, deaths: 0 });
    });
  }

  #send(request: Request): void {
    if (this.#closed) {
      request.reject(repositoryClosed());
      return;
    }
    if (this.#session !== undefined && this.#session.waiting.length === 0 && this.#session.isOld)
      this.#retire();
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

  /** The first unanswered request may be what killed the process; those behind it are innocent. */
  #askAgain(unanswered: readonly Request[], complaint: string): void {
    const [first, ...rest] = unanswered;
    if (first === undefined) return;
    if (first.deaths >= 2) first.reject(objectUnreadable(first.name, complaint));
    else this.#send({ ...first, deaths: first.deaths + 1 });
    for (const request of rest) this.#send(request);
  }
}

interface Question {
  readonly name: string;
  readonly contents: boolean;
}

interface Request extends Question {
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (error: Error) => void;
  /** How often the process died while this was the one being answered. */
  readonly deaths: number;
}

type Answer = ObjectHeader & { readonly bytes?: Buffer };

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

/** One process and the questions that it has not answered yet, in order. */
class Session {
  readonly folder: string;
  readonly ended: Promise<void>;
  readonly waiting: Request[] = [];
  readonly #child: ChildProcess;
  readonly #startedAt = performance.now();
  #lines: string[] = [];
  #answered = 0;
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
        const reason = complaint.trim() || `git cat-file ended (${signal ?? status})`;
        onEnd(this.waiting.splice(0).slice(this.#answered), reason);
        resolve();
      });
    });
  }

  get isOld(): boolean {
    return performance.now() - this.#startedAt > oldAfter;
  }

  send(request: Request): void {
    this.waiting.push(request);
    this.#lines.push(`${request.contents ? 'contents' : 'info'} ${request.name}\n`);
    if (this.#lines.length === 1) queueMicrotask(() => this.#flush());
  }

  end(): void {
    this.#flush();
    this.#child.stdin?.end();
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    this.#child.stdin?.write(`${this.#lines.join('')}flush\n`);
    this.#lines = [];
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body !== undefined) {
        at += this.#fill(this.#body, chunk, at);
        continue;
      }
      const end = chunk.indexOf(0x0a, at);
      const part = chunk.subarray(at, end < 0 ? chunk.length : end);
      if (end < 0) {
        this.#rest = Buffer.concat([this.#rest, part]);
        return;
      }
      const line =
        this.#rest.length === 0 ? part.toString('utf8') : Buffer.concat([this.#rest, part]).toString('utf8');
      this.#rest = Buffer.alloc(0);
      at = end + 1;
      this.#readHeader(line);
    }
  }

  #readHeader(line: string): void {
    const parts = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line);
    if (parts === null) {
      this.#answer(undefined);
      return;
    }
    const header = { id: parts[1]!, type: parts[2]!, size: Number(parts[3]) };
    if (this.waiting[this.#answered]?.contents) {
      const bytes = header.size > maxContents ? undefined : Buffer.allocUnsafe(header.size);
      this.#body = { header, bytes, taken: 0 };
    } else {
      this.#answer(header);
    }
  }

  /** Takes what is there of a body and its closing newline; answers how many bytes it took. */
  #fill(body: Body, chunk: Buffer, at: number): number {
    const size = Math.min(body.header.size - body.taken, chunk.length - at);
    if (body.bytes !== undefined) chunk.copy(body.bytes, body.taken, at, at + size);
    body.taken += size;
    if (at + size === chunk.length) return size;
    this.#body = undefined;
    if (body.bytes !== undefined) this.#answer({ ...body.header, bytes: body.bytes });
    else
      this.#answer(
        objectUnreadable(body.header.id, `${body.header.size} bytes are too many to read at once`),
      );
    return size + 1;
  }

  #answer(answer: Answer | Error | undefined): void {
    const request = this.waiting[this.#answered];
    this.#answered += 1;
    // Shifting one by one would be quadratic for ten thousand requests.
    if (this.#answered === this.waiting.length || this.#answered > 1024) {
      this.waiting.splice(0, this.#answered);
      this.#answered = 0;
    }
    if (answer instanceof Error) request?.reject(answer);
    else request?.resolve(answer);
  }
}

function identityOf(folder: string): string {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found === undefined ? 'gone' : `${found.dev}:${found.ino}:${found.birthtimeMs}`;
}
