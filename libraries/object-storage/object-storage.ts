import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ObjectStorageError, unreachable } from './error.ts';
import { type Asked, type BucketPlace, type Credentials, signedRequest } from './signed-request.ts';

export interface ObjectStorageOptions {
  readonly place: BucketPlace;
  /** Asked before each request, so that they may change. None where anybody may do what is asked. */
  readonly credentials: () => Credentials | undefined | Promise<Credentials | undefined>;
  /** How long a storage may be silent, in milliseconds. */
  readonly idleMs: number;
}

export interface StoredObject {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface FoundObject {
  readonly key: string;
  readonly bytes: number;
}

/** An object that is about to be read. */
export interface OpenedObject {
  /** Bytes of the whole, as far as the storage says. */
  readonly bytes: number | undefined;
  /** Bytes that `body` leaves out at the beginning. */
  readonly from: number;
  /** What the storage calls exactly this content. */
  readonly tag: string | undefined;
  readonly body: Readable;
}

export class ObjectStorage {
  readonly #options: ObjectStorageOptions;

  constructor(options: ObjectStorageOptions) {
    this.#options = options;
  }

  /** Puts a file under a key. The storage refuses what does not arrive as it was sent. Once this resolves, it is kept. */
  async put(key: string, path: string, { bytes, sha256 }: StoredObject, signal?: AbortSignal): Promise<void> {
    const stream = () => createReadStream(path, { start: 0, end: Math.max(0, bytes - 1) });
    await this.#done({ method: 'PUT', key, body: { stream, bytes, sha256 } }, signal);
  }

  /** The same with a short text. */
  async putText(key: string, text: string, signal?: AbortSignal): Promise<void> {
    const content = Buffer.from(text);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const stream = () => Readable.from([content]);
    await this.#done({ method: 'PUT', key, body: { stream, bytes: content.length, sha256 } }, signal);
  }

  /** Fetches an object into a new file; what is there already is replaced. Gives what was written. */
  async get(key: string, path: string, signal?: AbortSignal): Promise<StoredObject> {
    const answer = await this.#ask({ method: 'GET', key }, signal);
    const hash = createHash('sha256');
    let bytes = 0;
    const looking = new Transform({
      transform(piece: Buffer, _encoding, next) {
        hash.update(piece);
        bytes += piece.length;
        next(null, piece);
      },
    });
    // What the disk refuses is no matter of the storage.
    await pipeline(answer, looking, createWriteStream(path, { mode: 0o600 })).catch((error) => {
      throw answer.errored === null ? error : this.#cut(error);
    });
    const promised = Number(answer.headers['content-length'] ?? bytes);
    if (promised !== bytes) throw this.#cut(new Error(`${bytes} of ${promised} bytes came`));
    return { bytes, sha256: hash.digest('hex') };
  }

  /**
   * Opens an object: all of it, or the rest from a byte on of what still has that tag (`PreconditionFailed` where it has
   * another). It may be silent for as long as whoever reads it allows.
   */
  async open(
    key: string,
    rest?: { readonly from: number; readonly tag: string },
    signal?: AbortSignal,
  ): Promise<OpenedObject> {
    const headers: Record<string, string> = {};
    if (rest !== undefined) Object.assign(headers, { range: `bytes=${rest.from}-`, 'if-match': rest.tag });
    const answer = await this.#ask({ method: 'GET', key, headers }, signal);
    answer.socket.setTimeout(0);
    const length = Number(answer.headers['content-length'] ?? Number.NaN);
    const from = answer.statusCode === 206 ? (rest?.from ?? 0) : 0;
    return {
      bytes: Number.isSafeInteger(length) ? from + length : undefined,
      from,
      tag: answer.headers.etag,
      body: answer,
    };
  }

  /** A part of an object: from one byte to before another. */
  async part(key: string, from: number, to: number, signal?: AbortSignal): Promise<Buffer> {
    const range = `bytes=${from}-${to - 1}`;
    const answer = await this.#ask({ method: 'GET', key, headers: { range } }, signal);
    return this.#whole(answer);
  }

  /** Whether there is such an object. */
  async has(key: string, signal?: AbortSignal): Promise<boolean> {
    try {
      await this.#done({ method: 'HEAD', key }, signal);
      return true;
    } catch (error) {
      if (error instanceof ObjectStorageError && error.isMissing) return false;
      throw error;
    }
  }

  /** Removes an object. What is gone already is no error. */
  async remove(key: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.#done({ method: 'DELETE', key }, signal);
    } catch (error) {
      if (!(error instanceof ObjectStorageError && error.isMissing)) throw error;
    }
  }

  /** All objects whose keys begin so. */
  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<FoundObject> {
    let token: string | undefined;
    do {
      const query = {
        'list-type': '2',
        prefix,
        ...(token === undefined ? {} : { 'continuation-token': token }),
      };
      const page = (await this.#whole(await this.#ask({ method: 'GET', key: '', query }, signal))).toString();
      for (const [, entry = ''] of page.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)) {
        yield { key: textIn(entry, 'Key') ?? '', bytes: Number(textIn(entry, 'Size')) };
      }
      token = textIn(page, 'IsTruncated') === 'true' ? textIn(page, 'NextContinuationToken') : undefined;
    } while (token !== undefined);
  }

  /** Whether the bucket keeps what was replaced or removed, or did so once: then removing proves nothing. */
  async keepsVersions(signal?: AbortSignal): Promise<boolean> {
    const answer = await this.#ask({ method: 'GET', key: '', query: { versioning: '' } }, signal);
    return /<Status>(Enabled|Suspended)<\/Status>/.test((await this.#whole(answer)).toString());
  }

  async #ask(asked: Asked, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const { place, credentials, idleMs } = this.#options;
    return signedRequest(place, await credentials(), asked, { idleMs, signal });
  }

  async #done(asked: Asked, signal: AbortSignal | undefined): Promise<void> {
    await this.#whole(await this.#ask(asked, signal));
  }

  async #whole(answer: IncomingMessage): Promise<Buffer> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of answer) pieces.push(piece as Buffer);
    } catch (error) {
      throw this.#cut(error);
    }
    return Buffer.concat(pieces);
  }

  #cut(error: unknown): ObjectStorageError {
    return unreachable(error, new URL(this.#options.place.endpoint).host);
  }
}

function textIn(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return text
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll(/&#(x[0-9a-f]+|\d+);/gi, (_all, code: string) =>
      String.fromCodePoint(code.startsWith('x') ? Number.parseInt(code.slice(1), 16) : Number(code)),
    )
    .replaceAll('&amp;', '&');
}
