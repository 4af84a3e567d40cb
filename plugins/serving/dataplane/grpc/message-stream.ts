/** A call with messages in a row, in one direction or in both: health is watched by one, reflection is a talk by one. */
import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import { invalidRequest } from '../errors/request-errors.ts';
import { bodyTooLarge } from '../errors/transport-errors.ts';
import { framed, known, prefixLength } from './call.ts';
import type { Written } from './services.ts';
import { okTrailers, statusOf, unknownEncoding } from './status.ts';

/** Bytes of a message. */
const longest = 64 * 1024;

/** Emits `data` with each message that comes, `end` behind the last, and `close`. */
export class MessageStream extends EventEmitter {
  readonly #stream: ServerHttp2Stream;
  readonly #method: Written;
  #rest = Buffer.alloc(0);
  /** Whether answers wait for the client to take them. */
  #isFull = false;
  #hasClientEnded = false;
  /** When the client's turn began, to take answers or to send the rest of a message; undefined while it is not. */
  #since: number | undefined;

  constructor(stream: ServerHttp2Stream, _headers: IncomingHttpHeaders, method: Written) {
    super();
    this.#stream = stream;
    this.#method = method;
    stream.on('data', (bytes: Buffer) => this.#take(bytes));
    stream.on('end', () => {
      this.#hasClientEnded = true;
      if (!this.#isFull) this.emit('end');
    });
    stream.on('close', () => this.emit('close'));
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(okTrailers));
  }

  write(message: object): void {
    if (!this.#stream.writable) return;
    this.#stream.write(framed(this.#method.responseSerialize(message)));
    if (!this.#isFull && this.#stream.writableNeedDrain) this.#waitForClient();
  }

  end(): void {
    if (this.#stream.writable) this.#stream.end();
  }

  /** Cuts it where nothing of its answers is taken, or a message that was begun does not come. */
  checkTime(now: number, timeoutMs: number): void {
    if (this.#since !== undefined && now - this.#since > timeoutMs)
      this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  /** Whoever asks and does not take the answers is answered nothing more until they are taken. */
  #waitForClient(): void {
    const stream = this.#stream;
    this.#isFull = true;
    this.#since = performance.now();
    stream.pause();
    stream.once('drain', () => {
      this.#isFull = false;
      this.#since = undefined;
      this.#answerRest();
      if (this.#isFull) return;
      if (this.#hasClientEnded) this.emit('end');
      else stream.resume();
    });
  }

  #take(bytes: Buffer): void {
    if (!this.#stream.writable) return;
    this.#rest = Buffer.concat([this.#rest, bytes]);
    this.#answerRest();
  }

  #answerRest(): void {
    try {
      while (this.#stream.writable && !this.#isFull && this.#rest.length >= prefixLength) {
        const length = this.#rest.readUInt32BE(1);
        if (length > longest) throw bodyTooLarge(longest);
        if (this.#rest[0] !== 0) throw unknownEncoding(undefined);
        const end = prefixLength + length;
        if (this.#rest.length < end) break;
        const message = this.#rest.subarray(prefixLength, end);
        this.#rest = this.#rest.subarray(end);
        this.emit('data', this.#read(message));
      }
      if (this.#isFull) return;
      if (this.#rest.length === 0) this.#since = undefined;
      else this.#since ??= performance.now();
    } catch (error) {
      const stream = this.#stream;
      stream.removeAllListeners('wantTrailers');
      stream.on('wantTrailers', () => stream.sendTrailers(statusOf(known(error))));
      stream.end();
    }
  }

  #read(message: Buffer): object {
    try {
      return this.#method.requestDeserialize(message);
    } catch {
      throw invalidRequest('the message cannot be read');
    }
  }
}
