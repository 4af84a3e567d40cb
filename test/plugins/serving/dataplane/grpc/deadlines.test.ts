/** Deadlines of calls, on bare HTTP/2: no client that is made from the protocol file sends a message in pieces. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Serving, startServing } from '../fixtures/in-process.ts';

let serving: Serving;
let session: ClientHttp2Session;

beforeAll(async () => {
  serving = await startServing();
  const port = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
  session = connect(`http://127.0.0.1:${port}`);
  await once(session, 'connect');
});

afterAll(async () => {
  session.destroy();
  await serving.stop();
});

function open(timeout: string): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ServerLive',
    'content-type': 'application/grpc',
    'grpc-timeout': timeout,
    te: 'trailers',
  });
  stream.on('error', () => {});
  stream.resume();
  return stream;
}

/** Whatever the call holds, trailers alone or behind a message, has its status. */
async function statusOf(stream: ClientHttp2Stream): Promise<unknown> {
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  if (headers['grpc-status'] !== undefined) return headers['grpc-status'];
  const [trailers] = (await once(stream, 'trailers')) as [Record<string, unknown>];
  return trailers['grpc-status'];
}

it.each(['27000H', '99999999H', '700H'])(
  'a deadline of %s, further away than a timer goes, is not over at once',
  async (timeout) => {
    const stream = open(timeout);
    const answered = statusOf(stream);
    stream.write(Buffer.alloc(2));
    // What would be given up within a millisecond was, by when these have come back.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => session.ping(resolve));
    stream.end(Buffer.alloc(3));
    expect(await answered).toBe('0');
  },
);

it('a call whose message does not come is over with its deadline', async () => {
  const stream = open('30m');
  stream.write(Buffer.alloc(2));
  expect(await statusOf(stream)).toBe('4');
});
