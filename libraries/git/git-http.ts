import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';

/**
 * The HTTP client of isomorphic-git, over fetch: unlike the one that comes with it, it can be stopped, and it cuts a
 * conversation in which the remote says nothing for `idleTimeout` milliseconds.
 */
export function gitHttp(signal: AbortSignal, idleTimeout: number): HttpClient {
  return {
    async request({ url, method = 'GET', headers = {}, body }: GitHttpRequest): Promise<GitHttpResponse> {
      const idle = new AbortController();
      const silence = new Error(`it said nothing for ${Math.round(idleTimeout / 1000)} s`);
      let timer = setTimeout(() => idle.abort(silence), idleTimeout);
      const alive = () => {
        clearTimeout(timer);
        timer = setTimeout(() => idle.abort(silence), idleTimeout);
      };
      try {
        const response = await fetch(url, {
          method,
          headers,
          body: body === undefined ? undefined : await collect(body),
          signal: AbortSignal.any([signal, idle.signal]),
        });
        const content: Uint8Array[] = [];
        for await (const chunk of response.body ?? []) {
          alive();
          content.push(chunk);
        }
        return {
          url: response.url,
          method,
          headers: Object.fromEntries(response.headers),
          body: pieces(content),
          statusCode: response.status,
          statusMessage: response.statusText,
        };
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(chunks: readonly Uint8Array[]): AsyncIterableIterator<Uint8Array> {
  yield* chunks;
}
