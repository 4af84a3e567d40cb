import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, messageOf } from '../../../core/plugin.ts';
import { answers } from '../../../libraries/socket-lock/index.ts';
import type { Answerers, Ask, AskName, AskOf, Asks } from '../dataplane/interface/asks.ts';
import { readLines } from '../dataplane/interface/lines.ts';
import type { Hello, Report, ToControl } from '../dataplane/interface/messages.ts';
import { controlSocketFailed } from '../errors.ts';

export interface ControlSocketOptions {
  /** Of the Unix-domain socket, or of the named pipe. */
  readonly path: string;
  readonly log: Logger;
  onHello(process: Connection, hello: Hello): void;
  onReport(process: Connection, report: Report): void;
  readonly answerers: Answerers<Connection>;
  onGone(process: Connection): void;
}

/** One inference process that is connected now. */
export interface Connection {
  /** Sends a line. While the process reads nothing, only the newest line waits. */
  send(line: string): void;
  /** Sends a line that takes the place of no other: while the process reads nothing, it is dropped. */
  tell(line: string): void;
  close(): void;
}

/**
 * Waits for inference processes on a socket that only this user can open. Resolves when it is open. Throws
 * `ControlSocketFailed`.
 */
export async function openControlSocket(options: ControlSocketOptions): Promise<{ close(): Promise<void> }> {
  const { path } = options;
  await makeWay(path);
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    attend(socket, options);
  });
  await listen(server, path);
  return {
    async close() {
      const closed = new Promise((settle) => server.close(settle));
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}

function attend(socket: Socket, options: ControlSocketOptions): void {
  const { log, onHello, onReport, onGone } = options;
  const connection = new LineConnection(socket);
  let isIntroduced = false;
  readLines(socket, (line) => {
    const message = parse(line);
    if (message?.type === 'hello' && !isIntroduced) {
      isIntroduced = true;
      onHello(connection, message);
    } else if (message?.type === 'report' && isIntroduced) {
      onReport(connection, message);
    } else if (message?.type === 'ask' && isIntroduced) {
      answer(connection, message, options);
    } else {
      log.warn({ length: line.length }, 'an inference process sent what is no message');
      socket.destroy();
    }
  });
  socket.on('end', () => socket.end());
  socket.on('error', (error) => log.debug({ error: error.message }, 'an inference process broke off'));
  socket.on('close', () => {
    if (isIntroduced) onGone(connection);
  });
}

function answer<Name extends AskName>(
  connection: Connection,
  { number, what, about }: AskOf<Name>,
  { log, answerers }: ControlSocketOptions,
): void {
  let told: Asks[Name]['answer'] | undefined;
  try {
    // A process of another release may ask what this one does not know.
    if (Object.hasOwn(answerers, what)) told = answerers[what](connection, about);
  } catch (error) {
    log.warn({ what, error: messageOf(error) }, 'what an inference process asked could not be answered');
  }
  connection.tell(`${JSON.stringify({ type: 'told', number, answer: told })}\n`);
}

/** A process that does not read (it is stuck) must not fill this one's memory with tables. */
class LineConnection implements Connection {
  readonly #socket: Socket;
  #waiting: string | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => {
      const line = this.#waiting;
      this.#waiting = undefined;
      if (line !== undefined) this.send(line);
    });
  }

  send(line: string): void {
    if (this.#socket.writableNeedDrain) this.#waiting = line;
    else if (this.#socket.writable) this.#socket.write(line);
  }

  tell(line: string): void {
    if (!this.#socket.writableNeedDrain && this.#socket.writable) this.#socket.write(line);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The socket can be opened by this user alone, so what comes is trusted; only its shape is looked at. */
function parse(line: string): ToControl | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { type, id, pid, versions, routes, metrics, revision, number, what, about } = (value ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof id !== 'string' || typeof pid !== 'number') return undefined;
  if (type === 'hello') return value as Hello;
  if (type === 'ask') {
    const isAsk = typeof number === 'number' && typeof what === 'string' && isRecord(about);
    return isAsk ? (value as Ask) : undefined;
  }
  const isReport =
    isRecord(versions) && isRecord(routes) && isRecord(metrics) && typeof revision === 'number';
  return type === 'report' && isReport ? (value as Report) : undefined;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Removes the socket of a control process that was killed. One that is just stopping is given time to do so. */
async function makeWay(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const deadline = performance.now() + patienceMs;
  while (await answers(path)) {
    if (performance.now() > deadline)
      throw controlSocketFailed(path, 'another control process listens there');
    await delay(100);
  }
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw controlSocketFailed(path, messageOf(error), error);
  }
}

const patienceMs = 10_000;

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((settle, reject) => {
    server.once('error', (error) => reject(controlSocketFailed(path, messageOf(error), error)));
    // The socket is made within this call, so that there is no moment at which others could open it.
    const mask = process.umask(0o177);
    try {
      server.listen(path, settle);
    } finally {
      process.umask(mask);
    }
  });
}
