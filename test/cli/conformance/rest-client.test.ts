import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { RestClient } from '../../../cli/conformance/rest-client.ts';

async function asking(
  listener: RequestListener,
  ask: (client: RestClient) => Promise<unknown>,
  timeoutMs = 20_000,
): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { signal } = new AbortController();
  try {
    await ask(new RestClient({ server: `http://127.0.0.1:${port}`, headers: {}, timeoutMs, signal }));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

it('gives up a server that goes on sending and never ends', async () => {
  const dripping: RequestListener = (_, response) => {
    const drip = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(drip));
  };
  await asking(
    dripping,
    async (client) => {
      await expect(client.ask('/v2')).rejects.toThrow('GET /v2 has no whole answer: 200 ms are over');
    },
    200,
  );
});

it('asks each request over a connection of its own, as one that could be kept', async () => {
  const connections = new Set<unknown>();
  await asking(
    ({ socket, headers }, response) => {
      connections.add(socket);
      response.end(headers.connection);
    },
    async (client) => {
      for (let count = 0; count < 3; count++)
        expect(await client.ask('/v2')).toMatchObject({ reused: false, bytes: Buffer.from('keep-alive') });
    },
  );
  expect(connections.size).toBe(3);
});

describe('a connection that is kept', () => {
  /** The second request over a connection meets that. */
  const second = async (
    meets: (socket: Socket) => void,
    judge: (second: Promise<unknown>) => Promise<void>,
  ) => {
    const known = new Set<Socket>();
    await asking(
      ({ socket }, response) => {
        if (known.has(socket)) meets(socket);
        else response.end('first');
        known.add(socket);
      },
      async (client) => {
        const kept = client.keep();
        expect(await kept.ask('/v2')).toMatchObject({ reused: false });
        await judge(kept.ask('/v2'));
        expect(await kept.ask('/v2')).toMatchObject({ reused: expect.any(Boolean) });
        kept.close();
      },
    );
  };

  it('is used again', () =>
    second(
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
      async (answer) => expect(await answer).toMatchObject({ reused: true, status: 200 }),
    ));

  it('may end before an answer begins, and is told from an answer that breaks off', async () => {
    await second(
      (socket) => socket.destroy(),
      (answer) => expect(answer).rejects.toMatchObject({ closedBehindAnswer: true }),
    );
    for (const part of ['HTTP/1.1 200', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'])
      await second(
        (socket) => socket.end(part),
        (answer) => expect(answer).rejects.toMatchObject({ closedBehindAnswer: false }),
      );
  });
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
    await expect(announcing(() => {}, 200)).rejects.toThrow(
      'POST /v2/models/x/infer has no whole answer: 200 ms are over',
    );
  });
});
