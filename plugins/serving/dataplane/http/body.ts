import type { IncomingMessage } from 'node:http';
import { bodyTooLarge, type InferenceError, serverBusy } from '../errors.ts';
import type { BodyBudget } from './body-budget.ts';

/** The client went away before its request was whole: nobody is left to answer. */
export class ClientGone extends Error {}

export interface BodyLimits {
  /** Bytes that one body may have. */
  readonly bodyLimit: number;
  /** What all bodies share. */
  readonly bodyBudget: BodyBudget;
}

export interface HeldBody {
  readonly bytes: Buffer;
  /** Gives the bytes back to the budget. Call it once, when the request has ended. */
  release(): void;
}

/** What a piece of a body costs besides its bytes: a client may send each byte as a piece of its own. */
const bytesPerPiece = 128;

/**
 * Reads a body within the limits. Throws `BodyTooLarge` or `ServerBusy`, at once where the announced length says so,
 * else as soon as too much has come; what more is sent is thrown away unread. Throws `ClientGone` where the connection
 * breaks. Bytes count as they come, not as they are announced: who sends nothing keeps nobody out.
 */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<HeldBody> {
  const { bodyLimit, bodyBudget } = limits;
  return new Promise((resolve, reject) => {
    const refused = refusalOf(request, limits);
    if (refused !== undefined) {
      reject(refused);
      return;
    }
    // Of a body whose length is announced, the last byte is the end; no byte more would belong to it.
    const announced = announcedLength(request);
    let first: Buffer | undefined;
    let chunks: Buffer[] | undefined;
    let size = 0;
    let taken = 0;
    let isDone = false;
    const fail = (error: Error): void => {
      isDone = true;
      request.off('data', onData);
      bodyBudget.give(taken);
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      const cost = chunk.length + bytesPerPiece;
      size += chunk.length;
      if (size > bodyLimit || !bodyBudget.take(cost)) {
        fail(size > bodyLimit ? bodyTooLarge(bodyLimit) : serverBusy());
        request.resume();
        return;
      }
      taken += cost;
      if (first === undefined) first = chunk;
      else if (chunks === undefined) chunks = [first, chunk];
      else chunks.push(chunk);
      if (size === announced) finish();
    };
    const finish = (): void => {
      if (isDone) return;
      isDone = true;
      const bytes = chunks === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(chunks, size);
      resolve({ bytes, release: () => bodyBudget.give(taken) });
    };
    request.on('data', onData);
    if (!(announced > 0)) request.on('end', finish);
    request.on('close', () => {
      if (!isDone) fail(new ClientGone());
    });
  });
}

function announcedLength(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0);
}

/** Why a body of the length that `Content-Length` says is not read; undefined where it is. */
export function refusalOf(
  request: IncomingMessage,
  { bodyLimit, bodyBudget }: BodyLimits,
): InferenceError | undefined {
  const announced = announcedLength(request);
  if (announced > bodyLimit) return bodyTooLarge(bodyLimit);
  return bodyBudget.hasRoomFor(announced) ? undefined : serverBusy();
}
