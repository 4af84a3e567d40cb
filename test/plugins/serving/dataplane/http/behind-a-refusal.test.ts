import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { sendJson } from '../../../../../plugins/serving/dataplane/http/json-answer.ts';
import { until } from '../../../../fixtures/until.ts';
import { type Peer, startInferencePort } from './plain/peers.ts';

let peer: Peer | undefined;

afterEach(() => peer?.close());

const post = (path: string, bytes: number, header: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`;

it('nothing is taken up behind a request that is refused before its body, however it is pipelined', async () => {
  const taken: string[] = [];
  peer = await startInferencePort((exchange) => {
    taken.push(exchange.url);
    if (exchange.url === '/refused') sendJson(exchange, 404, {});
    else setImmediate(() => sendJson(exchange, 200, {}));
  });
  const text =
    post('/refused', 63_000, 'Expect: 100-continue') +
    post('/next', 2_500, 'TE: trailers') +
    post('/last', 190_000, 'TE: trailers');
  const socket = connect(peer.port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  let answer = '';
  let isClosed = false;
  socket.on('data', (bytes) => {
    answer += String(bytes);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  // The last one is on its way when the answer to the first closes the connection: `node:http` then answered it in the place of the second.
  for (const [from, to] of [
    [0, 140],
    [140, 70_000],
    [70_000, 112_000],
  ] as const) {
    socket.write(text.slice(from, to));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => isClosed);
  expect(answer.match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 404']);
  expect(taken).toEqual(['/refused']);
});
