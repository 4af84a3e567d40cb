/** Reflection asked faster than its answers are taken, on bare HTTP/2. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { type Serving, startServing } from '../fixtures/in-process.ts';

const closing: (() => void)[] = [];
let serving: Serving;
let port: number;

beforeAll(async () => {
  serving = await startServing({ requestTimeoutMs: 400 });
  port = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
});

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

afterAll(() => serving.stop());

function open(initialWindowSize: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize } });
  session.on('error', () => {});
  closing.push(() => session.destroy());
  return session;
}

function talk(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  return stream;
}

/** `list_services`, behind its length. */
const question = Buffer.from([0, 0, 0, 0, 2, 0x3a, 0]);
const questions = (count: number) => Buffer.concat(new Array<Buffer>(count).fill(question));

/** Messages that are whole. */
function messagesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt32BE(at + 1)) count++;
  return count;
}

it('answers each of a thousand questions that come at once, also where the client ends behind them', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const stream = talk(open(65_535));
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.end(questions(1_000));
  const [trailers] = (await once(stream, 'trailers')) as [Record<string, unknown>];
  process.off('warning', note);
  expect(trailers['grpc-status']).toBe('0');
  expect(messagesIn(Buffer.concat(pieces))).toBe(1_000);
  expect(warnings).toEqual([]);
});

it.each([
  ['takes no answer', 0, questions(1_000)],
  ['never sends the rest of a question', 65_535, question.subarray(0, 6)],
])('cuts a client that %s, and no other that only says nothing', async (_, window, bytes) => {
  const silent = talk(open(65_535));
  silent.resume();
  await once(silent, 'response');
  const stream = talk(open(window));
  stream.resume();
  stream.write(bytes);
  await until(() => stream.closed);
  expect(stream.rstCode).toBe(8);
  expect(silent.closed).toBe(false);
  // It goes on where it was.
  silent.write(question);
  await once(silent, 'data');
});
