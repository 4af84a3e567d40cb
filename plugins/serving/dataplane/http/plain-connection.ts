/**
 * A connection as its client uses it: one request after the other, each with all of its head in one piece. It answers plain
 * requests itself, at half of what `node:http` takes; with the first request that is not plain, or not clearly so, it gives
 * the connection away, with every byte of that request unread.
 */
import type { Socket } from 'node:net';
import type { Exchange, ExchangeHandler } from './exchange.ts';
import { PlainExchange } from './plain-exchange.ts';
import { type HeaderLine, longestHead, type PlainHead, readPlainHead } from './plain-head.ts';

export interface PlainConnectionOptions {
  readonly handler: ExchangeHandler;
  /** A client must have sent its first request by then. */
  readonly headersTimeoutMs: number;
  /** A client must have sent its whole request, or have taken something of its answer, by then. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Whether connections are closed behind an answer that is given now. */
  readonly isLast: () => boolean;
  /** Serves the connection from now on; the bytes are to be read again. */
  readonly giveAway: (socket: Socket) => void;
  readonly onClose: (connection: PlainConnection) => void;
}

/** Whoever sends more has more to wait for than what a connection costs. */
const longestBody = 1024 * 1024;
const headEnd = Buffer.from('\r\n\r\n');

export class PlainConnection {
  readonly #socket: Socket;
  readonly #options: PlainConnectionOptions;
  #exchange: PlainExchange | undefined;
  /** Bytes of the request's body that have not come yet. */
  #bodyLeft = 0;
  /** Whether an answer waits for the client to take it. */
  #isBlocked = false;
  /** Whether there is more to read than the request under way. */
  #isHolding = false;
  #hasClientEnded = false;
  /** Whether its last answer was given. */
  #isOver = false;
  #hasAnswered = false;
  /** When the request under way began; else when the connection began to be idle. */
  #since = performance.now();
  /** The last head: most clients send the same again and again. */
  #headText = '';
  #head: PlainHead | undefined;
  readonly #lines: HeaderLine[] = [];

  constructor(socket: Socket, options: PlainConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('timeout', this.#onTimeout);
    socket.on('error', ignore);
    socket.on('close', this.#onClose);
  }

  get #isIdle(): boolean {
    return this.#exchange === undefined && this.#bodyLeft === 0 && !this.#isBlocked;
  }

  /** Closes it where no request is under way. */
  closeIfIdle(): void {
    if (this.#isIdle && !this.#isHolding) this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Closes it where its client has kept it waiting for too long. */
  checkTime(now: number): void {
    const passed = now - this.#since;
    const { headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs } = this.#options;
    if (this.#bodyLeft > 0) {
      if (passed > requestTimeoutMs) this.#refuse('408 Request Timeout');
    } else if (!this.#isIdle) return;
    else if (!this.#hasAnswered) {
      if (passed > headersTimeoutMs) this.#refuse('408 Request Timeout');
    } else if (passed > keepAliveTimeoutMs) this.#socket.destroy();
  }

  /** Takes the answer to the request under way, head and all, in one piece or several. */
  send(pieces: readonly (string | Buffer)[], isLast: boolean): void {
    const socket = this.#socket;
    let hasRoom = true;
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces)
      hasRoom = typeof piece === 'string' ? socket.write(piece, 'latin1') : socket.write(piece);
    if (pieces.length > 1) socket.uncork();
    this.#exchange = undefined;
    this.#hasAnswered = true;
    if (this.#bodyLeft === 0) this.#since = performance.now();
    if (isLast || (this.#hasClientEnded && this.#bodyLeft === 0)) {
      this.#isOver = true;
      socket.destroySoon();
      return;
    }
    if (hasRoom) this.#goOn();
    else {
      this.#isBlocked = true;
      socket.setTimeout(this.#options.requestTimeoutMs);
    }
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#isOver) return;
    let rest = bytes;
    if (this.#bodyLeft > 0) {
      const ofBody = Math.min(this.#bodyLeft, rest.length);
      this.#bodyLeft -= ofBody;
      this.#exchange?.takeBody(ofBody === rest.length ? rest : rest.subarray(0, ofBody), this.#bodyLeft);
      if (this.#bodyLeft > 0) return;
      if (this.#exchange === undefined) this.#since = performance.now();
      rest = rest.subarray(ofBody);
      if (rest.length === 0) return;
    }
    if (this.#isIdle) this.#begin(rest);
    else this.#hold(rest);
  };

  #begin(bytes: Buffer): void {
    const end = bytes.indexOf(headEnd);
    const head = end < 0 || end > longestHead ? undefined : this.#readHead(bytes.toString('latin1', 0, end));
    if (head === undefined || head.bodyLength > longestBody) {
      this.#giveAway(bytes);
      return;
    }
    const bodyStart = end + headEnd.length;
    const requestEnd = bodyStart + head.bodyLength;
    const body = bytes.subarray(bodyStart, Math.min(requestEnd, bytes.length));
    this.#bodyLeft = head.bodyLength - body.length;
    this.#since = performance.now();
    if (bytes.length > requestEnd) this.#hold(bytes.subarray(requestEnd));
    const exchange = new PlainExchange(this, head, body, this.#bodyLeft, this.#options);
    this.#exchange = exchange;
    this.#options.handler(exchange satisfies Exchange);
  }

  #readHead(text: string): PlainHead | undefined {
    if (text !== this.#headText) {
      this.#headText = text;
      this.#head = readPlainHead(text, this.#lines);
    }
    return this.#head;
  }

  /** Puts back what belongs to later requests: one is answered after the other. */
  #hold(bytes: Buffer): void {
    this.#isHolding = true;
    this.#socket.pause();
    this.#socket.unshift(bytes);
  }

  #goOn(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#socket.resume();
  }

  #giveAway(bytes: Buffer): void {
    const socket = this.#socket;
    this.#leave();
    socket.pause();
    socket.unshift(bytes);
    this.#options.giveAway(socket);
    socket.resume();
  }

  /** Answers what is no request, or none yet, and closes the connection. */
  #refuse(status: string): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#bodyLeft = 0;
    if (exchange !== undefined || !this.#hasAnswered)
      this.#socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, 'latin1');
    this.#socket.destroy();
    exchange?.gone();
  }

  readonly #onEnd = (): void => {
    this.#hasClientEnded = true;
    if (this.#bodyLeft > 0) this.#refuse('400 Bad Request');
    // Who has said all still wants to hear the answer; the connection is closed behind it.
    else if (this.#exchange === undefined) this.#socket.destroySoon();
  };

  readonly #onDrain = (): void => {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.#socket.setTimeout(0);
    this.#since = performance.now();
    this.#goOn();
  };

  readonly #onTimeout = (): void => {
    this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#leave();
    this.#exchange?.gone();
    this.#exchange = undefined;
  };

  #leave(): void {
    const socket = this.#socket;
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.off('timeout', this.#onTimeout);
    socket.off('error', ignore);
    socket.off('close', this.#onClose);
    this.#options.onClose(this);
  }
}

/** The connection closes after it. */
function ignore(): void {}
