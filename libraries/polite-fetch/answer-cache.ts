/** Bytes and answers that are kept. */
const largest = { bytes: 16 * 1024 * 1024, answers: 500, one: 2 * 1024 * 1024 };

interface Kept {
  readonly tag: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Answers by what was asked, with the tag that the server gave them. What was not used for longest goes first. */
export class AnswerCache {
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  get(url: string, asked: Headers): { readonly tag: string; answer(): Response } | undefined {
    const key = keyOf(url, asked);
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    const { tag, body, headers } = found;
    return {
      tag,
      answer: () => new Response(body.byteLength === 0 ? null : body, { status: 200, headers }),
    };
  }

  put(url: string, asked: Headers, headers: Headers, body: Uint8Array<ArrayBuffer>): void {
    const tag = headers.get('etag');
    if (tag === null || body.byteLength > largest.one) return;
    const key = keyOf(url, asked);
    this.#drop(key);
    this.#kept.set(key, { tag, headers, body });
    this.#bytes += body.byteLength;
    while (this.#bytes > largest.bytes || this.#kept.size > largest.answers) {
      this.#drop(this.#kept.keys().next().value!);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#kept.get(key)?.body.byteLength ?? 0;
    this.#kept.delete(key);
  }
}

function keyOf(url: string, asked: Headers): string {
  return `${asked.get('accept') ?? ''} ${url}`;
}
