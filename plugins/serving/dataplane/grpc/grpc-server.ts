/**
 * The gRPC port of an inference process: how it listens, what it answers, how it takes its leave. It stands on Node's HTTP/2, so that
 * every byte of a message counts against the budget of bodies as it comes.
 */
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { infer } from '../ask/infer.ts';
import { invalidRequest } from '../errors/request-errors.ts';
import { ClientGone, type HeldBody } from '../http/body.ts';
import { type Listening, listenAt } from '../http/listening.ts';
import type { HandlerContext } from '../rest/request-handler.ts';
import { Call, known } from './call.ts';
import { environmentHeader, GrpcInference } from './grpc-inference.ts';
import { MessageStream } from './message-stream.ts';
import { loadMethods, type Method } from './methods.ts';
import { malformedTimeout, unknownMethod } from './status.ts';
import { timeoutOf } from './timeout.ts';

export interface GrpcServerOptions {
  readonly context: HandlerContext;
  /** Milliseconds that a call under way gets while the server takes its leave. */
  readonly graceMs: number;
  /** A client must have sent its whole message, have taken something of its answer, or have said that it is still there, by then. */
  readonly requestTimeoutMs: number;
}

/** Bytes of a message that is no prediction. */
const longestQuestion = 64 * 1024;
/** Calls that one connection may have under way. */
const mostCalls = 1_000;
/**
 * Calls that clients may give up on one connection before it is cut, with all that are under way on it, and how many more a second. A client in
 * a hurry gives up most of its calls where a model is overloaded, and that is when cutting hurts; each costs no more than one that is
 * answered. Node 20 does not hear of it: there they are 1,000 and 33.
 */
const givenUp = { streamResetBurst: 10_000, streamResetRate: 5_000 };
const mostBetweenChecksMs = 1_000;
/** Milliseconds until connections are cut whose clients do not take what they are told. */
const farewellMs = 100;

export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #server: Http2Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #unanswered = new WeakSet<ServerHttp2Session>();
  readonly #calls = new Set<Call | MessageStream>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#methods = loadMethods(options.context);
    this.#server = createServer({
      // What clients do not take is bounded by the calls that they may have.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
      settings: { maxConcurrentStreams: mostCalls },
      ...givenUp,
    });
    this.#server.setTimeout(0);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => {});
    });
    this.#server.on('sessionError', () => {});
    this.#server.on('stream', (stream, headers) => this.#take(stream, headers));
  }

  /** Connections open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Begins to accept connections; gives the port. */
  async listen(where: Listening): Promise<number> {
    const port = await listenAt(this.#server, where);
    this.#checkTimes();
    return port;
  }

  /**
   * Stops accepting, tells clients to go elsewhere, and resolves when every call under way has its answer. Gives false where that would have
   * taken longer than the grace, and calls were refused.
   */
  async drain(): Promise<boolean> {
    if (!this.#server.listening) return true;
    let isClosed = false;
    const closed = new Promise<void>((resolve) =>
      this.#server.close(() => {
        isClosed = true;
        resolve();
      }),
    );
    for (const session of this.#sessions) session.close();
    const end = performance.now() + this.#options.graceMs;
    let cutAt = Number.POSITIVE_INFINITY;
    let isClean = true;
    while (!isClosed) {
      await Promise.race([closed, delay(20)]);
      const now = performance.now();
      if (this.#sessions.size === 0 || now >= cutAt) this.#cut();
      else if (now >= end && cutAt === Number.POSITIVE_INFINITY) {
        isClean = !this.#refuseAll();
        cutAt = now + farewellMs;
      }
    }
    this.#stopTimers();
    return isClean;
  }

  /** Cuts every connection. */
  destroy(): void {
    this.#server.close();
    this.#cut();
    this.#stopTimers();
  }

  /**
   * Ends all that is open, with a status: to some clients a call without one is an error of the server (`INTERNAL`), which nobody tries
   * again. Gives whether any call had no answer yet.
   */
  #refuseAll(): boolean {
    let isAnyLeft = false;
    for (const call of this.#calls) {
      if (call instanceof MessageStream) call.end();
      else {
        call.cutOff();
        isAnyLeft = true;
      }
    }
    return isAnyLeft;
  }

  /** The connections alone: where a session is ended first, it resets its streams. */
  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const type = headers['content-type'];
    if (headers[':method'] !== 'POST' || type?.startsWith('application/grpc') !== true) {
      stream.on('error', () => {});
      stream.respond({ ':status': headers[':method'] === 'POST' ? 415 : 405 }, { endStream: true });
      return;
    }
    const path = headers[':path'] ?? '';
    const method = this.#methods.get(path);
    const isTimed = timeoutOf(headers['grpc-timeout']) !== 'malformed';
    if (isTimed && method?.kind === 'stream') {
      const messages = new MessageStream(stream, headers, method.written);
      this.#keep(stream, messages);
      method.open(messages);
      return;
    }
    const { context } = this.#options;
    const call = new Call(stream, headers, context.access);
    if (!isTimed || method === undefined || method.kind === 'stream') {
      call.refuse(isTimed ? unknownMethod(path) : malformedTimeout());
      context.metrics.countOther(isTimed ? 404 : 400);
      return;
    }
    this.#keep(stream, call);
    if (method.kind === 'infer') void infer(context, new GrpcInference(call));
    else void this.#answer(call, method);
  }

  #keep(stream: ServerHttp2Stream, call: Call | MessageStream): void {
    this.#calls.add(call);
    stream.on('close', () => this.#calls.delete(call));
  }

  async #answer(call: Call, { written, answer }: Extract<Method, { kind: 'unary' }>): Promise<void> {
    const { bodyBudget, metrics } = this.#options.context;
    let held: HeldBody | undefined;
    try {
      held = await call.readMessage({ bodyLimit: longestQuestion, bodyBudget });
      const environment = call.headers[environmentHeader];
      const request = read(written, held.bytes);
      const said = await answer(request as never, typeof environment === 'string' ? environment : undefined);
      call.answer(written.responseSerialize(said), []);
    } catch (error) {
      if (error instanceof ClientGone) return;
      call.refuse(known(error));
      metrics.countOther(known(error).status);
    } finally {
      held?.release();
    }
  }

  /** Looks after clients that keep their calls waiting, and after those that are not there any more. */
  #checkTimes(): void {
    const { requestTimeoutMs } = this.#options;
    const check = (): void => {
      const now = performance.now();
      for (const call of this.#calls) call.checkTime(now, requestTimeoutMs);
    };
    const ping = (): void => {
      for (const session of this.#sessions) {
        if (this.#unanswered.has(session)) session.destroy();
        else if (!session.closed && session.ping(() => this.#unanswered.delete(session)))
          this.#unanswered.add(session);
      }
    };
    this.#timers.push(setInterval(check, Math.min(mostBetweenChecksMs, requestTimeoutMs)).unref());
    this.#timers.push(setInterval(ping, requestTimeoutMs).unref());
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

function read({ requestDeserialize }: Method['written'], bytes: Buffer): object {
  try {
    return requestDeserialize(bytes);
  } catch {
    throw invalidRequest('the message cannot be read');
  }
}
