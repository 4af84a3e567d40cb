import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import { malformedHttp } from '../../libraries/unread-http/index.ts';
import type { App } from './app.ts';
import { errorAnswer } from './error-answer.ts';
import { cannotListen, internalError } from './errors.ts';
import { answerUnread, withHost } from './unread-requests.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** How long requests under way may take to end when the server closes, in milliseconds. Default 5,000. */
  readonly graceMs?: number;
}

export interface Listening {
  /** `http://127.0.0.1:8081`, reachable from this machine. */
  readonly url: string;
  readonly port: number;
  /** Ends event streams, lets requests under way end, then closes. */
  close(): Promise<void>;
}

/** A request may take so long to come whole: files of many rows are sent here, by slow lines, too. Others are small, and need a token before they are read. */
const longestRequestMs = 3_600_000;

const badTarget = malformedHttp('its target is no place of this server');

/** Puts the status API on a port. Throws `PortInUse` or `CannotListen`. */
export async function listen(app: App, { host, port, graceMs = 5_000 }: ListenOptions): Promise<Listening> {
  const closing = new AbortController();
  const listener = getRequestListener(
    (request, bindings) => app.fetch(request, { ...bindings, closing: closing.signal }),
    { errorHandler: (error) => errorAnswer(error instanceof RequestError ? badTarget : internalError()) },
  );
  const server = createServer(
    // It is looked at here, with more care.
    { requestTimeout: longestRequestMs, requireHostHeader: false },
    withHost(listener),
  );
  answerUnread(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(host, port, error)));
    server.listen(port, host, resolve);
  });

  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = () =>
    new Promise<void>((resolve) => {
      closing.abort();
      server.close(() => {
        clearTimeout(grace);
        resolve();
      });
      server.closeIdleConnections();
      const grace = setTimeout(() => server.closeAllConnections(), graceMs);
    });
  return {
    url: `http://${reachable(address)}:${address.port}`,
    port: address.port,
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function reachable({ address, family }: AddressInfo): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return family === 'IPv6' ? `[${address}]` : address;
}
