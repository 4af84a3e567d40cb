/** Asks a server over HTTP/1.1 exactly what it is told to, and reads whatever comes back. */
import { Agent, type IncomingMessage, request as requestOverHttp } from 'node:http';
import { request as requestOverTls, Agent as SecureAgent } from 'node:https';

export interface RestCall {
  /** By default GET, and POST where there is a body. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface RestAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: Buffer;
}

export interface RestClientOptions {
  /** The base URL: `/v2/…` is added to its path. */
  readonly server: string;
  /** Sent with each request: a token, a host. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds that an answer may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An answer is read up to so many bytes. */
const mostBytes = 64 * 1024 * 1024;

export class RestClient {
  readonly #options: RestClientOptions;
  readonly #base: URL;
  readonly #agent: Agent;

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.#base = new URL(options.server);
    this.#agent =
      this.#base.protocol === 'https:'
        ? new SecureAgent({ keepAlive: true, maxSockets: 1 })
        : new Agent({ keepAlive: true, maxSockets: 1 });
  }

  /** Sends one request to a path such as `/v2/health/live`. Rejects where no answer came in time, or it broke off. */
  ask(path: string, { method, headers, body }: RestCall = {}): Promise<RestAnswer> {
    const { timeoutMs, signal } = this.#options;
    const begin = this.#base.protocol === 'https:' ? requestOverTls : requestOverHttp;
    return new Promise((resolve, reject) => {
      const outgoing = begin(
        {
          protocol: this.#base.protocol,
          hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
          port: this.#base.port,
          path: `${this.#base.pathname.replace(/\/$/, '')}${path}`,
          method: method ?? (body === undefined ? 'GET' : 'POST'),
          headers: {
            ...this.#options.headers,
            ...(body === undefined || headers?.['transfer-encoding'] !== undefined
              ? {}
              : { 'content-length': String(Buffer.byteLength(body)) }),
            ...headers,
          },
          agent: this.#agent,
          signal,
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > mostBytes) outgoing.destroy(new Error(`the answer is larger than ${mostBytes} bytes`));
            else chunks.push(chunk);
          });
          response.on('error', reject);
          response.on('end', () => {
            const { statusCode = 0, headers: given } = response;
            resolve({ status: statusCode, headers: given, bytes: Buffer.concat(chunks) });
          });
        },
      );
      // The whole of it: a server that sends a byte now and then is never silent for so long.
      const late = setTimeout(
        () => outgoing.destroy(new Error(`no answer to ${path} within ${timeoutMs} ms`)),
        timeoutMs,
      );
      outgoing.on('close', () => clearTimeout(late));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** Posts JSON. */
  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<RestAnswer> {
    return this.ask(path, {
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
