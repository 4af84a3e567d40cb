/** The connection to the control plane: kept up for ever, in the background of the work. */
import { connect, type Socket } from 'node:net';
import type { AskName, AskOf, Asks } from '../interface/asks.ts';
import { readLines } from '../interface/lines.ts';
import type { Hello, Report, Told } from '../interface/messages.ts';
import type { Log } from '../log.ts';

export interface ControlLinkOptions {
  /** Path of the control plane's Unix-domain socket or named pipe. */
  readonly path: string;
  readonly hello: Hello;
  /** What is so now. */
  readonly report: () => Report;
  /** A table came, as it was written. */
  readonly onTable: (table: unknown) => void;
  readonly log: Log;
  readonly reportEveryMs?: number;
  readonly firstRetryMs?: number;
  /** A local socket is cheap to try, and control waits for whoever may still answer by an old table. */
  readonly slowestRetryMs?: number;
  /** Milliseconds since this process began. */
  readonly ageMs?: () => number;
}

/** Control may begin after the inference processes: that it is not there yet is nothing to be alarmed about. */
const youngMs = 5_000;

/** While control reads nothing, reports are left out beyond so many bytes. */
const mostUnread = 1024 * 1024;

export class ControlLink {
  readonly #options: Required<ControlLinkOptions>;
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;
  #failures = 0;
  /** Somebody may be alarmed, so they are told when it is over. */
  #isToldMissing = false;
  #isClosed = false;
  #isReportDue = false;
  #asked = 0;
  /** This process takes its leave: where all of a platform ends, control is the first to have gone. */
  #isLeaving = false;
  readonly #waiting = new Map<number, (answer: unknown) => void>();

  constructor(options: ControlLinkOptions) {
    this.#options = {
      reportEveryMs: 1_000,
      firstRetryMs: 100,
      slowestRetryMs: 500,
      ageMs: () => process.uptime() * 1_000,
      ...options,
    };
  }

  start(): void {
    this.#interval = setInterval(() => this.#sendReport(), this.#options.reportEveryMs).unref();
    this.#connect();
  }

  /** The process takes its leave. It goes on to report, and is alarmed no more where nobody is there to hear. */
  leave(): void {
    this.#isLeaving = true;
    this.changed();
  }

  /** Something changed: reports soon, once for all that changes in this turn of the event loop. */
  changed(): void {
    if (this.#isReportDue || this.#isClosed) return;
    this.#isReportDue = true;
    setImmediate(() => {
      this.#isReportDue = false;
      this.#sendReport();
    });
  }

  /** Whether control is there, and has read what it was told before: else it is asked nothing. */
  get isHeard(): boolean {
    const socket = this.#socket;
    return socket !== undefined && !socket.connecting && socket.writableLength <= mostUnread;
  }

  /** Says what control must hear of, however much waits to be read: it should be short where not all `isHeard`. Lost where control is away. */
  tell<Name extends AskName>(what: Name, about: Asks[Name]['about']): void {
    if (this.#socket?.connecting === false) this.#sendAsk(++this.#asked, what, about);
  }

  /** What control knows; undefined where it is away, or does not answer in time. */
  ask<Name extends AskName>(
    what: Name,
    about: Asks[Name]['about'],
    timeoutMs: number,
  ): Promise<Asks[Name]['answer'] | undefined> {
    if (!this.isHeard) return Promise.resolve(undefined);
    const number = ++this.#asked;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#told(number, undefined), timeoutMs);
      this.#waiting.set(number, (answer) => {
        clearTimeout(timer);
        resolve(answer as Asks[Name]['answer'] | undefined);
      });
      this.#sendAsk(number, what, about);
    });
  }

  /** Sends a last report and ends the connection. */
  async close(): Promise<void> {
    this.#sendReport();
    this.#isClosed = true;
    clearInterval(this.#interval);
    clearTimeout(this.#retry);
    const socket = this.#socket;
    if (socket === undefined) return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(() => socket.destroy(), 1_000);
      socket.once('close', () => {
        clearTimeout(patience);
        resolve();
      });
      if (socket.connecting) socket.destroy();
      else socket.end();
    });
  }

  #connect(): void {
    const socket = connect(this.#options.path);
    this.#socket = socket;
    socket.unref();
    socket.on('connect', () => {
      if (this.#isToldMissing) this.#options.log('control reached again', { attempts: this.#failures + 1 });
      this.#failures = 0;
      this.#isToldMissing = false;
      this.#send(this.#options.hello);
      this.#sendReport();
    });
    readLines(socket, (line) => this.#receive(line));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#tellMissing(error.code ?? error.message);
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      this.#socket = undefined;
      for (const number of [...this.#waiting.keys()]) this.#told(number, undefined);
      this.#retryLater();
    });
  }

  #tellMissing(code: string): void {
    if (this.#isToldMissing) return;
    const isNothing = this.#isLeaving || this.#options.ageMs() < youngMs;
    this.#isToldMissing = !isNothing;
    this.#options.log('control cannot be reached', { code }, isNothing ? 'debug' : 'warn');
  }

  #retryLater(): void {
    if (this.#isClosed) return;
    const delay = Math.min(this.#options.firstRetryMs * 2 ** this.#failures, this.#options.slowestRetryMs);
    this.#failures++;
    this.#retry = setTimeout(() => this.#connect(), delay * (0.5 + Math.random() / 2)).unref();
  }

  #receive(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#options.log('control sent a line that is not JSON', { length: line.length });
      return;
    }
    if (typeof message !== 'object' || message === null || !('type' in message)) return;
    if (message.type === 'table' && 'table' in message) this.#options.onTable(message.table);
    if (message.type === 'told') {
      const { number, answer } = message as Told;
      this.#told(number, answer);
    }
  }

  #told(number: number, answer: unknown): void {
    const resolve = this.#waiting.get(number);
    this.#waiting.delete(number);
    resolve?.(answer);
  }

  #sendReport(): void {
    if (this.isHeard) this.#send(this.#options.report());
  }

  #sendAsk<Name extends AskName>(number: number, what: Name, about: Asks[Name]['about']): void {
    const { id, pid } = this.#options.hello;
    this.#send({ type: 'ask', id, pid, number, what, about });
  }

  #send(message: Hello | Report | AskOf<AskName>): void {
    this.#socket?.write(`${JSON.stringify(message)}\n`);
  }
}
