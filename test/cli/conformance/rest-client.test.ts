import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
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

describe('a body that is announced and never sent', () => {
  const announcing = async (
    answer: (response: ServerResponse) => void,
    timeoutMs = 20_000,
  ): Promise<unknown> => {
    const server = createServer();
    server.on('checkContinue', (_, response: ServerResponse) => answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { signal } = new AbortController();
    const client = new RestClient({ server: `http://127.0.0.1:${port}`, headers: {}, timeoutMs, signal });
    try {
      return await client.announce('/v2/models/x/infer', Number.MAX_SAFE_INTEGER);
    } finally {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };

  it('is refused', async () => {
    const answer = await announcing((response) => response.writeHead(413).end('too large'));
    expect(answer).toMatchObject({ status: 413, bytes: Buffer.from('too large') });
  });

  it('is asked for', async () => {
    expect(await announcing((response) => response.writeContinue())).toBe('continue');
  });

  it('ends a connection', async () => {
    expect(await announcing((response) => response.destroy())).toBe('closed');
  });

  it('is not waited for when the server says nothing', async () => {
    await expect(announcing(() => {}, 200)).rejects.toThrow('no answer to /v2/models/x/infer within 200 ms');
  });
});
