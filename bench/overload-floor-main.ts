/** The floor of refusing: a bare server of Node that takes a request in, refuses it at once and does nothing else. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const body = JSON.stringify({ error: 'refused' });
const server = createServer((request, response) => {
  request.resume();
  const status = request.method === 'GET' ? 200 : 429;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
