/** An exchange that `node:http` serves. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type BodyLimits, type HeldBody, IncomingBody, refusalOf } from './body.ts';
import { type Answer, type Exchange, lengthOf, smallBody } from './exchange.ts';

export class NodeExchange implements Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #isLast: () => boolean;

  /** `isLast` says whether the connection is closed behind an answer that is given now. */
  constructor(request: IncomingMessage, response: ServerResponse, isLast: () => boolean) {
    this.method = request.method ?? '';
    this.url = request.url ?? '';
    this.headers = request.headers;
    this.#request = request;
    this.#response = response;
    this.#isLast = isLast;
  }

  get isAnswered(): boolean {
    return this.#response.headersSent;
  }

  readBody(limits: BodyLimits): Promise<HeldBody> {
    const request = this.#request;
    const announced = announcedLength(request);
    const refused = refusalOf(announced, limits);
    if (refused !== undefined) return Promise.reject(refused);
    const body = new IncomingBody(limits);
    let size = 0;
    const onData = (piece: Buffer): void => {
      if (!body.take(piece)) {
        request.off('data', onData);
        request.resume();
        return;
      }
      size += piece.length;
      // Of a body whose length is announced, the last byte is the end; no byte more would belong to it.
      if (size === announced) body.end();
    };
    request.on('data', onData);
    if (!(announced > 0)) request.on('end', () => body.end());
    request.on('close', () => body.gone());
    return body.whole;
  }

  answer(answer: Answer): void {
    const response = this.#response;
    const length = lengthOf(answer);
    const headers = [...answer.headers, 'content-length', String(length)];
    if (this.#isLast()) headers.push('connection', 'close');
    response.writeHead(answer.status, headers);
    const { socket } = response;
    const small = socket === null ? undefined : smallBody(answer, length);
    if (small !== undefined) {
      sendAtOnce(response, socket!, small);
      return;
    }
    response.cork();
    response.write(answer.text);
    for (const bytes of answer.binary ?? []) response.write(bytes);
    response.end();
  }
}

export function announcedLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

/**
 * Gives the socket headers and body as one text, at once. Ended with its body, the answer would be gathered from pieces
 * (even where all but one are empty), which takes longer than all else that is done to write a small one. A socket that is
 * not corked would be until the end of the turn.
 */
function sendAtOnce(response: ServerResponse, socket: Socket, text: string): void {
  socket.cork();
  response.write(text, 'latin1');
  socket.uncork();
  response.end();
}
