/** The HTTP server of an inference process: how it listens, how it protects itself, how it takes its leave. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Server as SocketServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { sendError } from './answer.ts';
import { type BodyLimits, refusalOf } from './body.ts';

export interface InferenceServerOptions extends BodyLimits {
  readonly handler: RequestListener;
  /** A client must have sent its headers by then. */
  readonly headersTimeoutMs: number;
  /** A client must have sent its whole request by then. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** While draining, how long a connection that sends nothing may still send its next request. */
  readonly lingerMs: number;
}

/** Where to listen: a port of its own, or the listening handle that the supervisor shares. */
export type Listening = { readonly port: number; readonly host: string } | { readonly handle: SocketServer };

export class InferenceServer {
  readonly #server: Server;
  readonly #options: InferenceServerOptions;
  #open = 0;

  constructor(options: InferenceServerOptions) {
    this.#options = options;
    this.#server = createServer(
      {
        headersTimeout: options.headersTimeoutMs,
        requestTimeout: options.requestTimeoutMs,
        keepAliveTimeout: options.keepAliveTimeoutMs,
        connectionsCheckingInterval: 2_000,
      },
      options.handler,
    );
    // Who has said all still wants to hear the answer; the connection is closed behind it.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      const refused = refusalOf(request, options);
      if (refused !== undefined) {
        sendError(response, refused, []);
        return;
      }
      response.writeContinue();
      options.handler(request, response);
    });
    this.#server.on('connection', (socket) => {
      this.#open++;
      socket.on('close', () => {
        this.#open--;
      });
    });
  }

  /** Connections open now. */
  get connections(): number {
    return this.#open;
  }

  /** Begins to accept connections; gives the port. */
  listen(where: Listening): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      const listening = (): void => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      };
      if ('handle' in where) this.#server.listen(where.handle, listening);
      else this.#server.listen(where.port, where.host, listening);
    });
  }

  /**
   * Stops accepting, and resolves when every connection has had its last answer. A client with a connection kept alive
   * may just be sending a request, so such a connection is closed by its next answer, or after a while without one.
   */
  async drain(): Promise<void> {
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
      this.#server.closeIdleConnections();
      await Promise.race([closed, delay(20)]);
    }
  }

  /** Cuts every connection. */
  destroy(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
