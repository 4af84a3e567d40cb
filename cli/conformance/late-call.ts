/**
 * A call of gRPC whose deadline is over at once, on bare HTTP/2: a client of gRPC would give it up by itself, and never hear what the server says.
 */
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { status } from '@grpc/grpc-js';

export interface LateAnswer {
  /** `OK`, `DEADLINE_EXCEEDED`, …; `none` where the server ended the call without one, `open` where it does not end it. */
  readonly status: string;
  readonly details: string;
}

const nanosecond = '1n';

/** Sends a whole message, and waits so long for how the call ends. Rejects where the server cannot be reached. */
export function callLate(
  address: string,
  path: string,
  message: Buffer,
  timeoutMs: number,
): Promise<LateAnswer> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://${address}`);
    const end = (answer: LateAnswer): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end({ status: 'open', details: '' }), timeoutMs);
    session.on('error', (error) => {
      clearTimeout(timer);
      session.destroy();
      reject(error);
    });
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': nanosecond,
    });
    let said: IncomingHttpHeaders = {};
    const take = (headers: IncomingHttpHeaders): void => {
      said = { ...said, ...headers };
    };
    stream.on('response', take);
    stream.on('trailers', take);
    stream.on('error', () => {});
    stream.on('close', () => end(answerIn(said)));
    stream.resume();
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([prefix, message]));
  });
}

function answerIn({ 'grpc-status': code, 'grpc-message': details }: IncomingHttpHeaders): LateAnswer {
  if (code === undefined) return { status: 'none', details: '' };
  return { status: status[Number(code)] ?? String(code), details: String(details ?? '') };
}
