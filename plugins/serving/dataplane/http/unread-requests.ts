/**
 * What `node:http` cannot read is answered in its turn: behind the answers to what came before it on the connection, which is then closed.
 * By itself, `node:http` would say so in the place of the first of them, and without a body.
 */
import type { Socket } from 'node:net';
import { unreadHttp } from '../../../../libraries/unread-http/index.ts';
import { unreadRequest } from '../errors/transport-errors.ts';
import { closesBehind, type NodeExchange } from './node-exchange.ts';
import { type Refused, refusalBytes } from './refusal.ts';

interface OfConnection {
  readonly underWay: Set<NodeExchange>;
  /** The last that was taken up. */
  last: { readonly exchange: NodeExchange; readonly since: number } | undefined;
  refused: Error | undefined;
}

export interface UnreadRequestsOptions {
  /** Milliseconds within which a client must have taken something of the answer. */
  readonly takeTimeoutMs: number;
  readonly onRefused: (refused: Refused) => void;
}

export class UnreadRequests {
  readonly #connections = new WeakMap<Socket, OfConnection>();
  readonly #options: UnreadRequestsOptions;

  constructor(options: UnreadRequestsOptions) {
    this.#options = options;
  }

  /** Takes note of a request that was read: what cannot be read behind it has to wait. */
  follow(socket: Socket, exchange: NodeExchange): void {
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      connection = { underWay: new Set(), last: undefined, refused: undefined };
      this.#connections.set(socket, connection);
    }
    const { underWay } = connection;
    underWay.add(exchange);
    connection.last = { exchange, since: performance.now() };
    exchange.onClose(() => {
      underWay.delete(exchange);
      this.#tell(socket);
    });
  }

  /** `error` is what `node:http` says of bytes that it cannot read, or of those that do not come; else that the connection is broken. */
  refuse(error: Error, socket: Socket): void {
    const connection = this.#connections.get(socket) ?? {
      underWay: new Set(),
      last: undefined,
      refused: undefined,
    };
    // It is said again of all that comes behind.
    if (connection.refused !== undefined) return;
    connection.refused = error;
    this.#connections.set(socket, connection);
    closesBehind(socket);
    this.#tell(socket);
  }

  #tell(socket: Socket): void {
    const { underWay, last, refused } = this.#connections.get(socket)!;
    if (refused === undefined) return;
    if (!socket.writable) {
      // An answer that closes the connection may still be on its way.
      socket.destroySoon();
      return;
    }
    for (const exchange of underWay) if (exchange.isWhole || exchange.hasBegun) return;
    // Who has an answer before the end of its request is told nothing more of that.
    const request = last?.exchange.isWhole === false ? last : undefined;
    const wasGiven = request?.exchange.isAnswered === true;
    const isAnswered = request?.exchange.hasBegun === true;
    for (const exchange of underWay) exchange.isRefused = true;
    const { takeTimeoutMs, onRefused } = this.#options;
    socket.setTimeout(takeTimeoutMs);
    const error = unreadRequest(unreadHttp(refused));
    if (!isAnswered) socket.write(refusalBytes(error));
    // Whoever gave an answer has counted it, though it waited for the end of the request in vain.
    if (!wasGiven) onRefused({ error, request });
    socket.destroySoon();
  }
}
