import type { IncomingMessage } from 'node:http';
import { bodyTooLarge } from '../errors.ts';

/** The client went away before its request was whole: nobody is left to answer. */
export class ClientGone extends Error {}

/**
 * Reads a body of at most `limit` bytes. Throws `BodyTooLarge`, at once where the client announces it, else as soon as
 * it has sent too much; what more it sends is thrown away unread. Throws `ClientGone` where the connection breaks.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (isAnnouncedTooLarge(request, limit)) {
      reject(bodyTooLarge(limit));
      return;
    }
    let first: Buffer | undefined;
    let chunks: Buffer[] | undefined;
    let size = 0;
    const stop = (): void => {
      request.off('data', onData);
      request.off('end', onEnd);
      request.off('close', onClose);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) {
        stop();
        request.resume();
        reject(bodyTooLarge(limit));
      } else if (first === undefined) first = chunk;
      else if (chunks === undefined) chunks = [first, chunk];
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      stop();
      resolve(chunks === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(chunks, size));
    };
    const onClose = (): void => {
      stop();
      reject(new ClientGone());
    };
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onClose);
  });
}

/** Whether `Content-Length` says that the body is larger than `limit`. */
export function isAnnouncedTooLarge(request: IncomingMessage, limit: number): boolean {
  const announced = request.headers['content-length'];
  return announced !== undefined && Number(announced) > limit;
}
