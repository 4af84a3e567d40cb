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
  /** Whether it came over a connection that had answered before. */
  readonly reused: boolean;
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

/** No answer came, or it broke off. Says what was asked. */
export class NoAnswer extends Error {
  /** Whether the connection had answered before, and ended with no byte of this answer: a server may close one at any time. */
  readonly closedBehindAnswer: boolean;

  constructor(asked: string, cause: NodeJS.ErrnoException, closedBehindAnswer = false) {
    // Where a name has several addresses, and none answers, the message is empty.
    super(`${asked} has no whole answer: ${cause.message || cause.code}`, { cause });
    this.closedBehindAnswer = closedBehindAnswer;
  }
}

export class RestClient {
  readonly #options: RestClientOptions;
  readonly #base: URL;

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.#base = new URL(options.server);
  }

  /**
   * Sends one request to a path such as `/v2/health/live`. Rejects where no answer came in time, or it broke off.
   *
   * Each has a connection of its own. A server may close one at any time, and some do so behind errors without a word: a request that
   * crosses with that says nothing of the server. And what one request did to its connection must not count against the next.
   */
  async ask(path: string, call: RestCall = {}): Promise<RestAnswer> {
    const kept = this.keep();
    try {
      return await kept.ask(path, call);
    } finally {
      kept.close();
    }
  }

  /** Requests that go over one connection, for as long as the server keeps it; over another from then on. */
  keep(): { readonly ask: RestClient['ask']; close(): void } {
    const agent =
      this.#base.protocol === 'https:'
        ? new SecureAgent({ keepAlive: true, maxSockets: 1 })
        : new Agent({ keepAlive: true, maxSockets: 1 });
    return { ask: (path, call = {}) => this.#ask(path, call, agent), close: () => agent.destroy() };
  }

  #ask(path: string, { method, headers, body }: RestCall, agent: Agent): Promise<RestAnswer> {
    const { timeoutMs, signal } = this.#options;
    const verb = method ?? (body === undefined ? 'GET' : 'POST');
    return new Promise((resolve, reject) => {
      const outgoing = this.#begin(
        {
          path: this.#pathOf(path),
          method: verb,
          headers: {
            ...this.#options.headers,
            ...(body === undefined || headers?.['transfer-encoding'] !== undefined
              ? {}
              : { 'content-length': String(Buffer.byteLength(body)) }),
            ...headers,
          },
          agent,
          signal,
        },
        (response) => {
          answerOf(response, outgoing).then(resolve, fail);
        },
      );
      let readBefore = 0;
      outgoing.on('socket', ({ bytesRead }) => {
        readBefore = bytesRead;
      });
      const fail = (error: NodeJS.ErrnoException): void => {
        const isClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        const isSilent = outgoing.reusedSocket && outgoing.socket?.bytesRead === readBefore;
        reject(new NoAnswer(`${verb} ${path}`, error, isClosed && isSilent));
      };
      limit(outgoing, timeoutMs);
      outgoing.on('error', fail);
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
      limit(outgoing, timeoutMs);
      const fail = (error: Error): void => reject(new NoAnswer(`POST ${path}`, error));
      const end = (answer: RestAnswer | 'continue' | 'closed'): void => {
        resolve(answer);
        outgoing.destroy();
      };
      outgoing.on('continue', () => end('continue'));
      outgoing.on('response', (response) => answerOf(response, outgoing).then(end, fail));
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') resolve('closed');
        else fail(error);
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
function limit(outgoing: ClientRequest, timeoutMs: number): void {
  const late = setTimeout(() => outgoing.destroy(new Error(`${timeoutMs} ms are over`)), timeoutMs);
  outgoing.on('close', () => clearTimeout(late));
}

function answerOf(response: IncomingMessage, outgoing: ClientRequest): Promise<RestAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostBytes) outgoing.destroy(new Error(`it is larger than ${mostBytes} bytes`));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('end', () => {
      const { statusCode = 0, headers } = response;
      const { reusedSocket: reused } = outgoing;
      resolve({ reused, status: statusCode, headers, bytes: Buffer.concat(chunks) });
    });
  });
}
