/**
 * One call: a stream of HTTP/2 with a message in it, the message behind five bytes that say how long it is.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Access, LoggedCall } from '../access/access.ts';
import { InferenceError } from '../errors/inference-error.ts';
import { invalidRequest } from '../errors/request-errors.ts';
import {
  bodyTooLarge,
  callTimedOut,
  internalError,
  serverBusy,
  serverLeaving,
} from '../errors/transport-errors.ts';
import { type BodyLimits, ClientGone, type HeldBody, IncomingBody } from '../http/body.ts';
import { inflated, isInflatable } from '../http/inflate.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import { longestTimerMs } from '../lane/alarm.ts';
import { type CallStatus, okTrailers, statusOf, unknownEncoding } from './status.ts';
import { timeoutOf } from './timeout.ts';

export const prefixLength = 5;

const opening = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,deflate,gzip',
};
/** An answer so small is copied behind its prefix: that is cheaper than two frames. */
const mostCopied = 64 * 1024;
const longestPiece = 256 * 1024;
const withTrailers = { waitForTrailers: true };

export class Call {
  readonly headers: RequestFacts['headers'];
  /** Undefined where the client waits for as long as it takes. */
  readonly timeoutMs: number | undefined;
  /** By `performance.now()`. */
  readonly began = performance.now();
  /** Told how it was answered; undefined where nobody wants to know. */
  readonly logged: LoggedCall | undefined;
  /** Called once nobody is left to answer. */
  onGone: (() => void) | undefined;
  readonly #stream: ServerHttp2Stream;
  #body: IncomingBody | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #isRead = false;
  /** When the client's turn began: to send its message, or to take what there is of the answer. */
  #since = this.began;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, access?: Access) {
    this.#stream = stream;
    this.headers = headers;
    this.logged = access?.call(headers[':path'] ?? '', headers);
    const timeout = timeoutOf(headers['grpc-timeout']);
    this.timeoutMs = typeof timeout === 'number' ? timeout : undefined;
    stream.on('close', () => this.#close());
    // The stream closes after it.
    stream.on('error', () => {});
  }

  /** Whether it was answered, or nobody is left to take an answer. */
  get isOver(): boolean {
    return this.#isOver || this.#stream.destroyed || this.#stream.closed;
  }

  /**
   * The only message of it, within the limits. Bytes count as they come. Rejects with `BodyTooLarge`, `ServerBusy`, `InvalidRequest`,
   * `DeadlineExceeded` or `ClientGone`.
   */
  async readMessage(limits: BodyLimits): Promise<HeldBody> {
    const held = await this.#wholeBody(limits);
    try {
      const flag = held.bytes[0]!;
      const message = new Message(held);
      if (flag === 0) return message;
      const encoding = this.headers['grpc-encoding'];
      if (typeof encoding !== 'string' || !isInflatable(encoding)) throw unknownEncoding(encoding);
      return await inflated(message, encoding, limits);
    } catch (error) {
      held.release();
      throw error;
    }
  }

  /** `facts` are names and values in turn, and `common` are those that are the same list for many answers. */
  answer(message: Uint8Array, facts: readonly string[], common: readonly string[] = none): void {
    if (!this.#end()) return;
    const stream = this.#stream;
    const headers = { ...openingWith(common) };
    for (let index = 0; index + 1 < facts.length; index += 2) headers[facts[index]!] = facts[index + 1]!;
    stream.respond(headers, withTrailers);
    stream.on('wantTrailers', () => stream.sendTrailers(okTrailers));
    if (message.length <= mostCopied) stream.end(framed(message));
    else {
      stream.write(prefixOf(message.length));
      this.#send(message);
    }
    this.#since = performance.now();
    this.logged?.answered(200, message.length, common.length === 0 ? facts : [...facts, ...common]);
  }

  refuse(error: InferenceError, facts: readonly string[] = []): void {
    const wasOver = this.isOver;
    this.close(statusOf(error, facts));
    if (!wasOver) this.logged?.answered(error.status, 0, facts, error.code);
  }

  /** Ends it because the process ends; nothing more is done for it. */
  cutOff(): void {
    if (this.isOver) return;
    this.refuse(serverLeaving());
    this.onGone?.();
  }

  /** Ends it without a message. */
  close(status: CallStatus): void {
    if (!this.#end()) return;
    const stream = this.#stream;
    stream.respond({ ...opening, ...status }, { endStream: true });
    // What more the client sends of its message is not wanted.
    if (!stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
  }

  /** Gives it up where its message does not come, or nothing of its answer is taken. */
  checkTime(now: number, timeoutMs: number): void {
    if (now - this.#since <= timeoutMs) return;
    if (this.#isOver) this.#stream.close(constants.NGHTTP2_CANCEL);
    else if (!this.#isRead) this.#giveUp();
  }

  #giveUpAt(deadline: number): void {
    const left = deadline - performance.now();
    if (left <= 0) this.#giveUp();
    else this.#timer = setTimeout(() => this.#giveUpAt(deadline), Math.min(left, longestTimerMs));
  }

  #giveUp(): void {
    this.#body?.fail(callTimedOut(performance.now() - this.began));
  }

  /** In pieces: of one write nobody tells how much of it was taken. */
  #send(rest: Uint8Array): void {
    const stream = this.#stream;
    if (rest.length <= longestPiece) stream.end(rest);
    else
      stream.write(rest.subarray(0, longestPiece), (error) => {
        if (error) return;
        this.#since = performance.now();
        this.#send(rest.subarray(longestPiece));
      });
  }

  async #wholeBody({ bodyLimit, bodyBudget }: BodyLimits): Promise<HeldBody> {
    if (this.isOver) throw new ClientGone();
    const body = new IncomingBody({ bodyLimit: bodyLimit + prefixLength, bodyBudget });
    this.#body = body;
    if (this.timeoutMs !== undefined) this.#giveUpAt(this.began + this.timeoutMs);
    let announced: number | undefined;
    let come = 0;
    const stream = this.#stream;
    const prefix = Buffer.alloc(prefixLength);
    stream.on('data', (piece: Buffer) => {
      if (come < prefixLength) piece.copy(prefix, come, 0, prefixLength - come);
      come += piece.length;
      if (announced === undefined && come >= prefixLength) {
        announced = prefixLength + prefix.readUInt32BE(1);
        if (announced > bodyLimit + prefixLength) body.fail(bodyTooLarge(bodyLimit));
        else if (!bodyBudget.hasRoomFor(announced)) body.fail(serverBusy());
      }
      if (announced !== undefined && come > announced)
        body.fail(invalidRequest('the call has a second message'));
      body.take(announced === come ? piece : ofItsOwn(piece));
    });
    stream.on('end', () => {
      clearTimeout(this.#timer);
      this.#isRead = true;
      if (announced === come) body.end();
      else body.fail(invalidRequest('the call ended before its message was whole'));
    });
    return body.whole;
  }

  /** False where it ended before. */
  #end(): boolean {
    clearTimeout(this.#timer);
    if (this.isOver) return false;
    this.#isOver = true;
    return true;
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#body?.gone();
    if (this.#isOver) return;
    this.#isOver = true;
    this.onGone?.();
  }
}

const none: readonly string[] = [];
const openings = new WeakMap<readonly string[], Headers>();
type Headers = Record<string, string | number>;

/** Written once: names that are added one by one make an object of a slow kind, which costs more than all else that is done to write an answer. */
function openingWith(common: readonly string[]): Headers {
  let headers = openings.get(common);
  if (headers === undefined) {
    headers = { ...opening };
    for (let index = 0; index + 1 < common.length; index += 2) headers[common[index]!] = common[index + 1]!;
    openings.set(common, headers);
  }
  return headers;
}

/** A body without its prefix. */
class Message implements HeldBody {
  readonly bytes: Buffer;
  readonly putOff = 0;
  readonly #held: HeldBody;

  constructor(held: HeldBody) {
    this.bytes = held.bytes.subarray(prefixLength);
    this.#held = held;
  }

  /** It is nobody else's. */
  keep(): void {}

  release(): void {
    this.#held.release();
  }
}

/** The error that an answer is made from; one that is not ours is not told. */
export function known(thrown: unknown): InferenceError {
  return thrown instanceof InferenceError ? thrown : internalError();
}

/**
 * A piece lies in the memory of all that came with it, of other streams, too. What is kept until the rest has come is not to hold
 * on to that.
 */
function ofItsOwn(piece: Buffer): Buffer {
  if (piece.length * 2 > piece.buffer.byteLength) return piece;
  const copy = Buffer.allocUnsafeSlow(piece.length);
  piece.copy(copy);
  return copy;
}

function prefixOf(length: number): Buffer {
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

/** The message behind its prefix. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixLength + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixLength);
  return frame;
}
