/** Asks a server over HTTP/1.1 exactly what it is told to, and reads whatever comes back. */
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestOverHttp,
} from 'node:http';
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
    return new Promise((resolve, reject) => {
      const outgoing = this.#begin(
        {
          path: this.#pathOf(path),
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
          answerOf(response, outgoing).then(resolve, reject);
        },
      );
      limit(outgoing, path, timeoutMs);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /**
   * Announces a body of JSON and waits to be asked for it, over a connection of its own. Nothing of it is ever sent.
   * Rejects where the server says nothing in time.
   */
  announce(path: string, length: number): Promise<RestAnswer | 'continue' | 'closed'> {
    const { timeoutMs, signal } = this.#options;
    return new Promise((resolve, reject) => {
      const outgoing = this.#begin({
        path: this.#pathOf(path),
        method: 'POST',
        headers: {
          ...this.#options.headers,
          'content-type': 'application/json',
          'content-length': String(length),
          expect: '100-continue',
        },
        agent: false,
        signal,
      });
      limit(outgoing, path, timeoutMs);
      const end = (answer: RestAnswer | 'continue' | 'closed'): void => {
        resolve(answer);
        outgoing.destroy();
      };
      outgoing.on('continue', () => end('continue'));
      outgoing.on('response', (response) => answerOf(response, outgoing).then(end, reject));
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') resolve('closed');
        else reject(error);
      });
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

  #pathOf(path: string): string {
    return `${this.#base.pathname.replace(/\/$/, '')}${path}`;
  }

  #begin(options: RequestOptions, onAnswer?: (response: IncomingMessage) => void): ClientRequest {
    const { protocol, hostname, port } = this.#base;
    const begin = protocol === 'https:' ? requestOverTls : requestOverHttp;
    return begin({ protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, ...options }, onAnswer);
  }
}

/** Gives up what is not over in time, the whole of it: a server that sends a byte now and then is never silent for so long. */
function limit(outgoing: ClientRequest, path: string, timeoutMs: number): void {
  const late = setTimeout(
    () => outgoing.destroy(new Error(`no answer to ${path} within ${timeoutMs} ms`)),
    timeoutMs,
  );
  outgoing.on('close', () => clearTimeout(late));
}

function answerOf(response: IncomingMessage, outgoing: ClientRequest): Promise<RestAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostBytes) outgoing.destroy(new Error(`the answer is larger than ${mostBytes} bytes`));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('end', () => {
      const { statusCode = 0, headers } = response;
      resolve({ status: statusCode, headers, bytes: Buffer.concat(chunks) });
    });
  });
}
