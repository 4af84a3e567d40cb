/** A call with messages in a row, in one direction or in both: health is watched by one, reflection is a talk by one. */
import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { bodyTooLarge, invalidRequest } from '../errors.ts';
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

  constructor(stream: ServerHttp2Stream, _headers: IncomingHttpHeaders, method: Written) {
    super();
    this.#stream = stream;
    this.#method = method;
    stream.on('data', (bytes: Buffer) => this.#take(bytes));
    stream.on('end', () => this.emit('end'));
    stream.on('close', () => this.emit('close'));
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(okTrailers));
  }

  write(message: object): void {
    if (!this.#stream.writable) return;
    this.#stream.write(framed(this.#method.responseSerialize(message)));
    // Whoever asks and does not take the answers is asked nothing more until they are taken.
    if (this.#stream.writableNeedDrain) {
      this.#stream.pause();
      this.#stream.once('drain', () => this.#stream.resume());
    }
  }

  end(): void {
    if (this.#stream.writable) this.#stream.end();
  }

  #take(bytes: Buffer): void {
    if (!this.#stream.writable) return;
    this.#rest = Buffer.concat([this.#rest, bytes]);
    try {
      while (this.#rest.length >= prefixLength) {
        const length = this.#rest.readUInt32BE(1);
        if (length > longest) throw bodyTooLarge(longest);
        if (this.#rest[0] !== 0) throw unknownEncoding(undefined);
        const end = prefixLength + length;
        if (this.#rest.length < end) return;
        const message = this.#rest.subarray(prefixLength, end);
        this.#rest = this.#rest.subarray(end);
        this.emit('data', this.#read(message));
      }
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
