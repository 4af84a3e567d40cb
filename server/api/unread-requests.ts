/** Requests that reach no handler, since nobody can read them: they are told why, in the form of all other errors. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  closingAnswer,
  hostProblem,
  malformedHttp,
  type UnreadHttpError,
  unreadHttp,
} from '../../libraries/unread-http/index.ts';
import { errorAnswer } from './error-answer.ts';
import { withSecurityHeaders } from './security-headers.ts';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Hands on what names its host as HTTP asks for it, and answers the rest. */
export function withHost(listener: Listener): Listener {
  return async (request, response) => {
    const problem = hostProblem(request);
    if (problem === undefined) return listener(request, response);
    const { status, headers, text } = await unread(malformedHttp(problem));
    response.shouldKeepAlive = false;
    headers.set('content-length', String(Buffer.byteLength(text)));
    return response.writeHead(status, Object.fromEntries(headers)).end(text);
  };
}

/**
 * Answers what `node:http` cannot read behind all that came before it on the connection, which is then closed. By itself, `node:http` says no
 * more than a status, in the place of the first of them.
 */
export function answerUnread(server: Server): void {
  /** The last exchange of a connection ends after all others. */
  const last = new WeakMap<Duplex, Exchange>();
  const refused = new WeakSet<Duplex>();
  server.prependListener('request', (request, response) => {
    last.set(request.socket, { request, response });
  });
  server.on('clientError', (error, socket) => {
    // It is said again of all that comes behind.
    if (refused.has(socket)) return;
    refused.add(socket);
    const before = last.get(socket);
    if (before?.request.complete === true && !before.response.closed)
      before.response.once('close', () => void tell(error, socket));
    // Whoever has a part of an answer is told nothing within it.
    else if (before?.request.complete === false && before.response.headersSent) socket.destroy();
    else void tell(error, socket);
  });
}

async function tell(error: Error, socket: Duplex): Promise<void> {
  const { status, headers, text } = await unread(unreadHttp(error));
  if (socket.writable) socket.end(closingAnswer(status, headers, text));
  else socket.destroy();
}

async function unread(error: UnreadHttpError): Promise<{ status: number; headers: Headers; text: string }> {
  const answer = withSecurityHeaders(errorAnswer(error));
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
