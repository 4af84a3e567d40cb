import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { RestClient } from '../../../cli/conformance/rest-client.ts';

it('gives up a server that goes on sending and never ends', async () => {
  const server = createServer((_, response) => {
    const drip = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(drip));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new RestClient({
    server: `http://127.0.0.1:${port}`,
    headers: {},
    timeoutMs: 200,
    signal: new AbortController().signal,
  });
  await expect(client.ask('/v2')).rejects.toThrow('no answer to /v2 within 200 ms');
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
