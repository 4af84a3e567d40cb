import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { InferenceServer } from '../../../../../plugins/serving/dataplane/http/inference-server.ts';
import { until } from '../../../../fixtures/until.ts';

it.each([
  ['headers', 'GET /v2 HTTP/1.1\r\nhost: x\r\nx-slow'],
  ['body', 'POST /v2 HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{'],
])('a client that never ends its %s is cut off', async (_, part) => {
  const server = new InferenceServer({
    handler: () => {},
    headersTimeoutMs: 100,
    requestTimeoutMs: 200,
    keepAliveTimeoutMs: 1_000,
    lingerMs: 0,
  });
  const port = await server.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  let isClosed = false;
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.on('close', () => {
    isClosed = true;
  });
  socket.write(part);
  await until(() => isClosed);
  expect(answer).toMatch(/^HTTP\/1.1 408 /);
  await server.drain();
  expect(server.connections).toBe(0);
});
