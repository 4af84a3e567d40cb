/** An exchange that `node:http` serves. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Turn } from '../lane/turn.ts';
import { askWhetherGone } from './ask-whether-gone.ts';
import { type BodyLimits, type HeldBody, IncomingBody, refusalOf } from './body.ts';
import { type Answer, type Exchange, lengthOf, smallBody } from './exchange.ts';
import type { BodyReader, ReadingTurns } from './reading-turns.ts';

const closing = new WeakSet<Socket>();
/** Of a body that is too large, the end is not waited for. */
const tooLarge = 413;

/**
 * Whether an answer was given that closes the connection: what comes behind it must not be answered. Where requests are pipelined, `node:http`
 * would give the next one its socket out of turn, and end in an assertion.
 */
export function isClosing(socket: Socket): boolean {
  return closing.has(socket);
}

/** Nothing more is taken up of the connection. */
export function closesBehind(socket: Socket): void {
  closing.add(socket);
}

export interface NodeExchangeOptions {
  /** Whether the connection is closed behind an answer that is given now. */
  readonly isLast: () => boolean;
  readonly readingTurns: ReadingTurns;
  /** Milliseconds within which the client must take something of its answer. */
  readonly takeTimeoutMs: number;
  /** Whether the client sends the body once it is told to. */
  readonly isHeldBack?: boolean;
}

export class NodeExchange implements Exchange {
  turn: Turn | undefined = undefined;
  /** Whether what is left of its request cannot be read, and was answered with that. */
  isRefused = false;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #options: NodeExchangeOptions;
  /** Whether the client waits to be told to send its body. */
  #isHeldBack: boolean;
  #isAnswered = false;

  constructor(request: IncomingMessage, response: ServerResponse, options: NodeExchangeOptions) {
    this.#isHeldBack = options.isHeldBack ?? false;
    this.method = request.method ?? '';
    this.url = request.url ?? '';
    this.headers = request.headers;
    this.#request = request;
    this.#response = response;
    this.#options = options;
    const { socket } = request;
    const onEnd = (): void => {
      if (request.httpVersionMinor === 0) return;
      askWhetherGone(
        () => response.headersSent || response.closed,
        () => response.writeContinue(),
      );
    };
    // Each request of a pipeline listens until it is answered.
    socket.setMaxListeners(0);
    socket.on('end', onEnd);
    response.on('close', () => {
      socket.off('end', onEnd);
      if (!response.writableEnded) this.turn?.leave?.();
    });
  }

  get isAnswered(): boolean {
    return this.#isAnswered || this.hasBegun;
  }

  /** Whether something of its answer is on the way. */
  get hasBegun(): boolean {
    return this.#response.headersSent;
  }

  /** Whether all of its request was read. */
  get isWhole(): boolean {
    return this.#request.complete;
  }

  /** `closed` is called once its answer is handed over, or nobody is left to take it. */
  onClose(closed: () => void): void {
    this.#response.once('close', closed);
  }

  /** Nothing of it has come yet. */
  lentBody(): undefined {
    return undefined;
  }

  readBody(limits: BodyLimits): Promise<HeldBody> {
    const request = this.#request;
    const announced = announcedLength(request);
    const refused = refusalOf(announced, limits);
    if (refused !== undefined) return Promise.reject(refused);
    if (this.#isHeldBack) {
      this.#isHeldBack = false;
      this.#response.writeContinue();
    }
    const body = new IncomingBody(limits, announced > 0 ? announced : undefined);
    let size = 0;
    const onData = (piece: Buffer): void => {
      if (!body.take(piece)) {
        request.off('data', onData);
        request.resume();
        return;
      }
      size += piece.length;
      // Of a body whose length is announced, the last byte is the end; no byte more would belong to it.
      if (size === announced) body.end();
      else if (!this.#options.readingTurns.mayReadOn(reader, piece.length)) request.pause();
    };
    const reader: BodyReader = {
      get left() {
        return announced > 0 ? announced - size : Number.POSITIVE_INFINITY;
      },
      get isWanted() {
        return !body.isOver;
      },
      readOn(waited) {
        body.putOff(waited);
        request.resume();
      },
    };
    request.on('data', onData);
    if (!(announced > 0)) request.on('end', () => body.end());
    request.on('close', () => body.gone());
    return body.whole;
  }

  answer(answer: Answer): void {
    const request = this.#request;
    const isClosed = this.#options.isLast() || !this.#response.shouldKeepAlive;
    if (isClosed && !this.#isHeldBack && !request.complete && answer.status !== tooLarge) {
      // A connection that is closed while its client still sends is reset, and the answer may be lost with it.
      this.#isAnswered = true;
      request.resume();
      request.once('end', () => this.#send(answer));
    } else this.#send(answer);
  }

  #send(answer: Answer): void {
    if (this.isRefused) return;
    const response = this.#response;
    const length = lengthOf(answer);
    const { common } = answer;
    const headers = [...answer.headers, ...(common?.list ?? []), 'content-length', String(length)];
    // Of a body that was not asked for, nobody knows whether it comes all the same.
    if (this.#options.isLast() || this.#isHeldBack) {
      headers.push('connection', 'close');
      closing.add(this.#request.socket);
    }
    response.writeHead(answer.status, headers);
    const { socket } = response;
    if (socket !== null) this.#limitTaking(socket);
    // It has none yet where an answer before it is not taken whole.
    else response.once('socket', (given: Socket) => this.#limitTaking(given));
    const small = socket === null ? undefined : smallBody(answer, length);
    if (small !== undefined) {
      sendAtOnce(response, socket!, small);
      return;
    }
    response.cork();
    response.write(answer.text);
    for (const bytes of answer.binary ?? []) response.write(bytes);
    response.end();
  }

  /** Until the answer is handed over; `node:http` limits how long the connection rests afterwards. */
  #limitTaking(socket: Socket): void {
    socket.setTimeout(this.#options.takeTimeoutMs);
    this.#response.prependOnceListener('finish', () => socket.setTimeout(0));
  }
}

function announcedLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

/**
 * Gives the socket headers and body as one text, at once. Ended with its body, the answer would be gathered from pieces
 * (even where all but one are empty), which takes longer than all else that is done to write a small one. A socket that is
 * not corked would be until the end of the turn.
 */
function sendAtOnce(response: ServerResponse, socket: Socket, text: string): void {
  socket.cork();
  response.write(text, 'latin1');
  socket.uncork();
  response.end();
}
