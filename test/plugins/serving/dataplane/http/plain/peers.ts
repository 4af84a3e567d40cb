/** Two servers that tell what they read: the inference port's, and `node:http` alone, but for requests with a wrong `Host`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { BodyBudget } from '../../../../../../plugins/serving/dataplane/http/body-budget.ts';
import type { Exchange, ExchangeHandler } from '../../../../../../plugins/serving/dataplane/http/exchange.ts';
import {
  InferenceServer,
  type InferenceServerOptions,
} from '../../../../../../plugins/serving/dataplane/http/inference-server.ts';
import { sendJson } from '../../../../../../plugins/serving/dataplane/http/json-answer.ts';
import { NodeExchange } from '../../../../../../plugins/serving/dataplane/http/node-exchange.ts';
import { ReadingTurns } from '../../../../../../plugins/serving/dataplane/http/reading-turns.ts';

export interface Peer {
  readonly port: number;
  readonly server?: InferenceServer;
  close(): Promise<void>;
}

const megabyte = 2 ** 20;

export function limits() {
  return { bodyLimit: 4 * megabyte, bodyBudget: new BodyBudget(64 * megabyte) };
}

/** Answers with what was read of the request. */
export function tellingHandler(): ExchangeHandler {
  const held = limits();
  return (exchange) => void tell(exchange, held);
}

async function tell(exchange: Exchange, held: ReturnType<typeof limits>): Promise<void> {
  try {
    const body = exchange.lentBody(held) ?? (await exchange.readBody(held));
    const text = body.bytes.toString('latin1');
    const { method, url, headers } = exchange;
    body.release();
    sendJson(exchange, 200, { method, url, headers, body: text });
  } catch {
    // The client went away.
  }
}

export async function startInferencePort(
  handler: ExchangeHandler = tellingHandler(),
  options: Partial<InferenceServerOptions> = {},
): Promise<Peer & { readonly server: InferenceServer }> {
  const server = new InferenceServer({
    handler,
    headersTimeoutMs: 15_000,
    requestTimeoutMs: 60_000,
    keepAliveTimeoutMs: 75_000,
    lingerMs: 0,
    ...options,
  });
  const port = await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    server,
    port,
    async close() {
      server.destroy();
    },
  };
}

export async function startNodeAlone(handler: ExchangeHandler = tellingHandler()): Promise<Peer> {
  const take = (request: IncomingMessage, response: ServerResponse, isHeldBack: boolean): void => {
    // What it would take, and no server may.
    const { host = [] } = request.headersDistinct;
    if (
      host.some(
        (value) =>
          host.length > 1 || /[^-.\w~!$&'()*+,;=%:[\]]|:.*:\d+$/.test(value.replace(/^\[.*\]/, 'v6')),
      )
    ) {
      response.writeHead(400, { connection: 'close', 'content-length': 0 }).end();
      return;
    }
    if (isHeldBack) response.writeContinue();
    handler(
      new NodeExchange(request, response, {
        isLast: () => false,
        readingTurns: new ReadingTurns(),
        takeTimeoutMs: 60_000,
      }),
    );
  };
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) =>
    take(request, response, false),
  );
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    take(request, response, true),
  );
  server.maxHeadersCount = 0;
  Object.assign(server, { httpAllowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Sends the pieces one by one, then says that this was all, and gives what came back until the connection closed. */
export function converse(port: number, pieces: readonly Buffer[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('end', () => socket.end());
    // Some of what was sent may have come too late.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer.replaceAll(/Date: [^\r]+/g, 'Date: now')));
    let next = 0;
    const send = (): void => {
      const piece = pieces[next++];
      if (piece === undefined) socket.end();
      // Two turns of the event loop: the server, in this process, has read what was sent.
      else socket.write(piece, () => setImmediate(() => setImmediate(send)));
    };
    socket.on('connect', send);
  });
}

export interface Conversation {
  /** What the server read, request by request. */
  readonly read: readonly unknown[];
  /** Statuses of answers that the handler did not give. */
  readonly refusals: readonly number[];
  /** Whether an answer said that it was to be the last. */
  readonly isClosed: boolean;
}

/** Takes apart what `tellingHandler` and the server itself answered. */
export function understand(answer: string): Conversation {
  const read: unknown[] = [];
  const refusals: number[] = [];
  let isClosed = false;
  for (let at = 0; at < answer.length; ) {
    const end = answer.indexOf('\r\n\r\n', at);
    if (end < 0) throw new Error(`this is no answer: ${JSON.stringify(answer.slice(at, at + 200))}`);
    const head = answer.slice(at, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    at = end + 4;
    // Refusals that have no body may say so in chunks.
    if (/^transfer-encoding: chunked$/im.test(head)) at += '0\r\n\r\n'.length;
    if (status === 100) continue;
    if (status === 200 && /^connection: close$/im.test(head)) isClosed = true;
    if (status !== 200) refusals.push(status);
    else if (answer.slice(at, at + 1) !== '{') {
      read.push('HEAD');
      continue;
    } else read.push(JSON.parse(answer.slice(at, at + length)));
    at += length;
  }
  return { read, refusals, isClosed };
}
