/** Clients that take their time, on bare HTTP/2: those that are made from the protocol file take whatever comes. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { identityModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { writtenInfer } from './client.ts';

const folder = temporaryFolder();
const closing: (() => void)[] = [];
let serving: Serving;
let port: number;

beforeAll(async () => {
  serving = await startServing({ requestTimeoutMs: 400 });
  await serving.follow(table(deployment('bytes', [pin(folder.path, '1.0.0', identityModel('BYTES'))])));
  port = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
}, 60_000);

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

const long = Buffer.from(Array.from({ length: 300_000 }, (_, at) => 97 + (at % 26)));
const message = writtenInfer({
  model_name: 'bytes',
  inputs: [
    {
      name: 'x',
      datatype: 'BYTES',
      shape: [1, 2],
      contents: { bytes_contents: [long, Buffer.from('b')] },
    },
  ],
});

function open(initialWindowSize: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize } });
  session.on('error', () => {});
  closing.push(() => session.destroy());
  return session;
}

function ask(session: ClientHttp2Session): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  stream.end(message);
  return stream;
}

it('a call whose answer nobody takes is ended, and nothing else on its connection', async () => {
  const session = open(0);
  const stream = ask(session);
  stream.resume();
  await once(stream, 'response');
  await until(() => stream.closed);
  expect(stream.rstCode).toBe(8);
  await once(ask(session), 'response');
});

it('an answer that is longer than what is taken at once comes whole', async () => {
  const stream = ask(open(65_535));
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  const [trailers] = await once(stream, 'trailers');
  expect(trailers).toMatchObject({ 'grpc-status': '0' });
  const bytes = Buffer.concat(pieces);
  expect(bytes.readUInt32BE(1)).toBe(bytes.length - 5);
  expect(bytes.includes(long)).toBe(true);
});

it('a connection whose client has gone without a word is cut, one that answers is not', async () => {
  const there = connect(`http://127.0.0.1:${port}`);
  closing.push(() => there.destroy());
  await once(there, 'connect');
  const socket = connectSocket(port, '127.0.0.1');
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  // It has begun as clients of HTTP/2 do, and never says anything again.
  socket.write(
    Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
    ]),
  );
  socket.on('error', () => {});
  socket.resume();
  await until(() => socket.closed);
  expect(there.closed).toBe(false);
  expect(serving.process.report().metrics.connections).toBe(1);
});
