/**
 * A connection as its client uses it: one request after the other, each with all of its head in one piece. It answers plain
 * requests itself, at half of what `node:http` takes; with the first request that is not plain, or not clearly so, it gives
 * the connection away, with every byte of that request unread.
 */
import type { Socket } from 'node:net';
import { malformedHttp, timedOutHttp } from '../../../../../libraries/unread-http/index.ts';
import type { InferenceError } from '../../errors/inference-error.ts';
import { unreadRequest } from '../../errors/transport-errors.ts';
import { askWhetherGone } from '../ask-whether-gone.ts';
import type { Exchange, ExchangeHandler } from '../exchange.ts';
import type { BodyReader, ReadingTurns } from '../reading-turns.ts';
import { type Refused, refusalBytes } from '../refusal.ts';
import { PlainExchange } from './plain-exchange.ts';
import { type HeaderLine, longestHead, type PlainHead, readPlainHead } from './plain-head.ts';
import { readInPlace } from './read-in-place.ts';

export interface PlainConnectionOptions {
  readonly handler: ExchangeHandler;
  readonly readingTurns: ReadingTurns;
  /** A client must have sent its first request by then. */
  readonly headersTimeoutMs: number;
  /** A client must have sent its whole request, or have taken something of its answer, by then. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Whether connections are closed behind an answer that is given now. */
  readonly isLast: () => boolean;
  /** Serves the connection from now on; the bytes are to be read again. */
  readonly giveAway: (socket: Socket) => void;
  readonly onRefused: (refused: Refused) => void;
  readonly onClose: (connection: PlainConnection) => void;
}

const headEnd = Buffer.from('\r\n\r\n');

export class PlainConnection implements BodyReader {
  readonly socket: Socket;
  readonly #options: PlainConnectionOptions;
  #exchange: PlainExchange | undefined;
  /** Bytes of the request's body that have not come yet. */
  #bodyLeft = 0;
  /** Whether an answer waits for the client to take it. */
  #isBlocked = false;
  /** Whether there is more to read than the request under way. */
  #isHolding = false;
  #hasClientEnded = false;
  #isGivenAway = false;
  /** Whether its last answer was given. */
  #isEnding = false;
  /** Whether it was closed behind that. */
  #isOver = false;
  #hasAnswered = false;
  /** When the request under way began; else when the connection began to be idle. */
  #since = performance.now();
  /** The last head: most clients send the same again and again. */
  #head: PlainHead | undefined;
  #headBytes = Buffer.alloc(0);
  #headLength = 0;
  readonly #lines: HeaderLine[] = [];

  constructor(accepted: Socket, options: PlainConnectionOptions) {
    const socket = readInPlace(accepted, this.#onRead);
    this.socket = socket;
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
    if (this.#isIdle && !this.#isHolding) this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Closes it where its client has kept it waiting for too long. */
  checkTime(now: number): void {
    const passed = now - this.#since;
    const { headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs } = this.#options;
    if (this.#bodyLeft > 0) {
      if (passed > requestTimeoutMs) this.#refuse(unreadRequest(timedOutHttp()));
    } else if (!this.#isIdle) return;
    else if (!this.#hasAnswered) {
      if (passed > headersTimeoutMs) this.#refuse(unreadRequest(timedOutHttp()));
    } else if (passed > keepAliveTimeoutMs) this.socket.destroy();
  }

  /**
   * Takes the answer to the request under way, head and all, in one piece or several. Behind the last one the connection is closed: as soon
   * as the client has sent its body, unless that is `unwanted`. If it was closed while its client still sends it would be reset, and the
   * answer might be lost with it.
   */
  send(pieces: readonly (string | Buffer)[], isLast: boolean, isBodyUnwanted = false): void {
    const socket = this.socket;
    let hasRoom = true;
    if (pieces.length > 1) socket.cork();
    for (const piece of pieces)
      hasRoom = typeof piece === 'string' ? socket.write(piece, 'latin1') : socket.write(piece);
    if (pieces.length > 1) socket.uncork();
    this.#exchange = undefined;
    this.#hasAnswered = true;
    if (this.#bodyLeft === 0) this.#since = performance.now();
    if (!hasRoom) socket.setTimeout(this.#options.requestTimeoutMs);
    this.#isEnding = isLast || this.#hasClientEnded;
    if (this.#isEnding && (this.#bodyLeft === 0 || isBodyUnwanted)) this.#end();
    else if (hasRoom) this.#goOn();
    else this.#isBlocked = true;
  }

  #end(): void {
    this.#isOver = true;
    this.socket.destroySoon();
  }

  /** Gives whether to read on. */
  readonly #onRead = (bytes: Buffer, length: number): boolean => {
    if (this.#isGivenAway) return this.socket.push(Buffer.from(bytes.subarray(0, length)));
    this.#take(bytes, length);
    return true;
  };

  readonly #onData = (bytes: Buffer): void => this.#take(bytes, bytes.length);

  /** Reads so many of the bytes, which are others' when it returns. */
  #take(bytes: Buffer, length: number): void {
    if (this.#isOver) return;
    let at = 0;
    if (this.#bodyLeft > 0) {
      at = Math.min(this.#bodyLeft, length);
      this.#bodyLeft -= at;
      this.#exchange?.takeBody(bytes.subarray(0, at), this.#bodyLeft);
      if (this.#bodyLeft > 0) {
        this.#readInTurn(at);
        return;
      }
      if (this.#isEnding) {
        this.#end();
        return;
      }
      if (this.#exchange === undefined) this.#since = performance.now();
      if (at === length) return;
    }
    if (this.#isIdle) this.#begin(bytes, at, length);
    else this.#hold(bytes, at, length);
  }

  #begin(bytes: Buffer, start: number, length: number): void {
    if (!this.#hasSameHead(bytes, start, length)) this.#readHead(bytes, start, length);
    const head = this.#head;
    if (head === undefined) {
      this.#giveAway(bytes, start, length);
      return;
    }
    const bodyStart = start + this.#headLength;
    const requestEnd = bodyStart + head.bodyLength;
    const bodyEnd = Math.min(requestEnd, length);
    this.#bodyLeft = requestEnd - bodyEnd;
    this.#since = performance.now();
    if (length > requestEnd) this.#hold(bytes, requestEnd, length);
    const exchange = new PlainExchange(this, head, bytes, bodyStart, bodyEnd, this.#bodyLeft, this.#options);
    this.#exchange = exchange;
    this.#options.handler(exchange satisfies Exchange);
    exchange.handedOver();
    if (this.#bodyLeft > 0) this.#readInTurn(bodyEnd - bodyStart);
  }

  /** Leaves what more there is of the body to a later turn, where enough was read in this one. */
  #readInTurn(bytes: number): void {
    if (!this.#options.readingTurns.mayReadOn(this, bytes)) this.socket.pause();
  }

  get left(): number {
    return this.#bodyLeft;
  }

  get isWanted(): boolean {
    return this.#exchange !== undefined;
  }

  readOn(waited: number): void {
    this.#since += waited;
    this.#exchange?.putOff(waited);
    this.socket.resume();
  }

  /** Whether the head that begins there is the last one, byte by byte: neither then ends earlier or later. */
  #hasSameHead(bytes: Buffer, start: number, length: number): boolean {
    const end = start + this.#headLength;
    if (this.#head === undefined || end > length) return false;
    return bytes.compare(this.#headBytes, 0, this.#headLength, start, end) === 0;
  }

  /** No head, where what begins there is none that is plain. */
  #readHead(bytes: Buffer, start: number, length: number): void {
    this.#head = undefined;
    const found = bytes.indexOf(headEnd, start);
    const end = found + headEnd.length;
    // Behind the bytes may be what was read before.
    if (found < 0 || end > length || found - start > longestHead) return;
    this.#head = readPlainHead(bytes.toString('latin1', start, found), this.#lines);
    this.#headLength = end - start;
    if (this.#headLength > this.#headBytes.length) this.#headBytes = Buffer.allocUnsafe(this.#headLength);
    bytes.copy(this.#headBytes, 0, start, end);
  }

  /** Puts back what belongs to later requests: one is answered after the other. */
  #hold(bytes: Buffer, start: number, end: number): void {
    this.#isHolding = true;
    this.socket.pause();
    this.socket.unshift(Buffer.from(bytes.subarray(start, end)));
  }

  #goOn(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.socket.resume();
  }

  #giveAway(bytes: Buffer, start: number, end: number): void {
    const socket = this.socket;
    this.#leave();
    this.#isGivenAway = true;
    socket.pause();
    socket.unshift(Buffer.from(bytes.subarray(start, end)));
    this.#options.giveAway(socket);
    socket.resume();
  }

  /** Answers what is no request, or none yet, and closes the connection. */
  #refuse(why: InferenceError): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#bodyLeft = 0;
    if (exchange !== undefined || !this.#hasAnswered) {
      this.socket.write(refusalBytes(why));
      const request = exchange && { exchange, since: this.#since };
      this.#options.onRefused({ error: why, request });
    }
    this.socket.destroy();
    exchange?.gone();
  }

  readonly #onEnd = (): void => {
    this.#hasClientEnded = true;
    if (this.#bodyLeft > 0) this.#refuse(unreadRequest(malformedHttp('the connection ended within it')));
    // Who has said all still wants to hear the answer; the connection is closed behind it.
    else if (this.#exchange === undefined) this.socket.destroySoon();
    else this.#askWhetherGone(this.#exchange);
  };

  #askWhetherGone(exchange: PlainExchange): void {
    askWhetherGone(
      () => exchange.isAnswered,
      () => this.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1'),
    );
  }

  readonly #onDrain = (): void => {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.socket.setTimeout(0);
    this.#since = performance.now();
    this.#goOn();
  };

  readonly #onTimeout = (): void => {
    this.socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#leave();
    this.#exchange?.gone();
    this.#exchange = undefined;
  };

  #leave(): void {
    const socket = this.socket;
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
