import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Exchange } from '../../../../../plugins/serving/dataplane/http/exchange.ts';
import { sendJson } from '../../../../../plugins/serving/dataplane/http/json-answer.ts';
import { until } from '../../../../fixtures/until.ts';
import { type Peer, startInferencePort } from './plain/peers.ts';

let peer: Peer | undefined;
const warnings: string[] = [];
const warn = (warning: Error): void => void warnings.push(warning.name);

afterEach(async () => {
  process.off('warning', warn);
  await peer?.close();
});

it('answers many requests of one pipeline in order, and warns of nothing', async () => {
  process.on('warning', warn);
  const taken: Exchange[] = [];
  peer = await startInferencePort((exchange) => void taken.push(exchange));
  const socket = connect(peer.port, '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (bytes) => {
    answer += String(bytes);
  });
  const count = 30;
  // By way of `node:http`, which takes up all that have come.
  const requests = Array.from(
    { length: count },
    (_, number) => `GET /${number} HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n`,
  );
  socket.write(requests.join(''));
  await until(() => taken.length === count);
  for (const exchange of [...taken].reverse()) sendJson(exchange, 200, { url: exchange.url });
  await until(() => answer.split('HTTP/1.1 200').length === count + 1);
  expect([...answer.matchAll(/"url":"\/(\d+)"/g)].map(([, number]) => Number(number))).toEqual(
    Array.from({ length: count }, (_, number) => number),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
  socket.destroy();
});
