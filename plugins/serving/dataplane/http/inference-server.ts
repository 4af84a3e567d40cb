/** The HTTP server of an inference process: how it listens, how it protects itself, how it takes its leave. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Socket, Server as SocketServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { hostProblem, malformedHttp } from '../../../../libraries/unread-http/index.ts';
import type { InferenceError } from '../errors/inference-error.ts';
import { expectationUnknown, unreadRequest } from '../errors/transport-errors.ts';
import type { ExchangeHandler } from './exchange.ts';
import { type Listening, listenAt } from './listening.ts';
import { isClosing, NodeExchange } from './node-exchange.ts';
import { PlainConnection, type PlainConnectionOptions } from './plain/plain-connection.ts';
import { ReadingTurns } from './reading-turns.ts';
import { type Refused, refusal } from './refusal.ts';
import { UnreadRequests } from './unread-requests.ts';

export interface InferenceServerOptions {
  readonly handler: ExchangeHandler;
  /** Those of the process, where it has any beside this server. */
  readonly readingTurns?: ReadingTurns;
  /** A client must have sent its headers by then. */
  readonly headersTimeoutMs: number;
  /** A client must have sent its whole request, or have taken something of its answer, by then. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Told of what no handler could answer. */
  readonly onRefused?: (refused: Refused) => void;
  /** While draining, how long a connection that sends nothing may still send its next request. */
  readonly lingerMs: number;
}

const mostBetweenChecksMs = 1_000;

export class InferenceServer {
  readonly #server: Server;
  readonly #options: InferenceServerOptions;
  /** Those that `node:http` does not serve. */
  readonly #plain = new Set<PlainConnection>();
  readonly #plainOptions: PlainConnectionOptions;
  #check: NodeJS.Timeout | undefined;
  #open = 0;
  #isDraining = false;

  constructor(options: InferenceServerOptions) {
    this.#options = options;
    const { handler, headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs } = options;
    const { readingTurns = new ReadingTurns(), onRefused = () => {} } = options;
    const isLast = (): boolean => this.#isDraining;
    const unread = new UnreadRequests({ takeTimeoutMs: requestTimeoutMs, onRefused });
    const take = (
      request: IncomingMessage,
      response: ServerResponse,
      isHeldBack: boolean,
      why?: InferenceError,
    ): void => {
      if (isClosing(request.socket)) return;
      const problem = hostProblem(request);
      const refused = problem === undefined ? why : unreadRequest(malformedHttp(problem));
      const exchange = new NodeExchange(request, response, {
        isLast: refused === undefined ? isLast : () => true,
        readingTurns,
        takeTimeoutMs: requestTimeoutMs,
        isHeldBack,
      });
      unread.follow(request.socket, exchange);
      if (refused === undefined) {
        handler(exchange);
        return;
      }
      exchange.answer(refusal(refused));
      onRefused({ error: refused, request: { exchange, since: performance.now() } });
    };
    const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
      take(request, response, false);
    this.#server = createServer(
      {
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        keepAliveTimeout: keepAliveTimeoutMs,
        connectionsCheckingInterval: 2_000,
        // It is looked at here, with more care.
        requireHostHeader: false,
      },
      onRequest,
    );
    // A head has 16 KiB at most, whatever their number: none of them is passed over.
    this.#server.maxHeadersCount = 0;
    // Who has said all still wants to hear the answer; the connection is closed behind it.
    Object.assign(this.#server, { httpAllowHalfOpen: true, pauseOnConnect: true });
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
      take(request, response, true),
    );
    this.#server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
      take(request, response, true, expectationUnknown(request.headers.expect ?? '')),
    );
    this.#server.on('clientError', (error, socket) => unread.refuse(error, socket as Socket));
    // What `node:http` does with a connection is done with those that are given to it.
    const serve = this.#server.listeners('connection') as ((socket: Socket) => void)[];
    this.#server.removeAllListeners('connection');
    this.#plainOptions = {
      handler,
      readingTurns,
      headersTimeoutMs,
      requestTimeoutMs,
      keepAliveTimeoutMs,
      isLast,
      onRefused,
      giveAway: (socket) => {
        for (const listener of serve) listener.call(this.#server, socket);
      },
      onClose: (connection) => this.#plain.delete(connection),
    };
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Connections open now. */
  get connections(): number {
    return this.#open;
  }

  /** Begins to accept connections; gives the port. */
  async listen(where: Listening): Promise<number> {
    const port = await listenAt(this.#server, where);
    this.#checkTimes();
    return port;
  }

  /**
   * Stops accepting, and resolves when every connection has had its last answer. A client with a connection kept alive
   * may just be sending a request, so such a connection is closed by its next answer, or after a while without one.
   */
  async drain(): Promise<void> {
    this.#isDraining = true;
    if (!this.#server.listening) return;
    // The HTTP server's own `close` would cut idle connections at once; the socket server's only stops accepting.
    const closed = new Promise<void>((resolve) =>
      SocketServer.prototype.close.call(this.#server, () => resolve()),
    );
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    const end = performance.now() + this.#options.lingerMs;
    while (!isClosed && performance.now() < end)
      await Promise.race([closed, delay(20, undefined, { ref: false })]);
    while (!isClosed) {
      for (const connection of [...this.#plain]) connection.closeIfIdle();
      this.#server.closeIdleConnections();
      await Promise.race([closed, delay(20)]);
    }
  }

  /** Cuts every connection. */
  destroy(): void {
    this.#server.close();
    for (const connection of [...this.#plain]) connection.destroy();
    this.#server.closeAllConnections();
  }

  #accept(socket: Socket): void {
    const connection = new PlainConnection(socket, this.#plainOptions);
    this.#open++;
    connection.socket.on('close', () => {
      this.#open--;
    });
    this.#plain.add(connection);
  }

  /** Looks after clients that keep their connections waiting, as long as there may be any. */
  #checkTimes(): void {
    const { headersTimeoutMs, requestTimeoutMs } = this.#options;
    const every = Math.min(mostBetweenChecksMs, headersTimeoutMs, requestTimeoutMs);
    this.#check = setInterval(() => {
      const now = performance.now();
      for (const connection of [...this.#plain]) connection.checkTime(now);
    }, every).unref();
    this.#server.on('close', () => clearInterval(this.#check));
  }
}
