import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../server/api/app.ts';
import { type Listening, listen } from '../../../server/api/listen.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';
import type { KernelInMemory } from './kernel-in-memory.ts';
import { condition, resource, second, smallPlatform, view } from './world.ts';

let kernel: KernelInMemory;
let log: RecordingLog;
let server: Listening;
const open: { destroy(): void }[] = [];

beforeEach(async () => {
  kernel = await smallPlatform();
  log = recordingLog();
  server = await listen(createApp({ kernel, log, heartbeatMs: 50 }), { host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  for (const each of open.splice(0)) each.destroy();
  await server.close();
});

describe('the server', () => {
  it('answers on a free port of its own choice', async () => {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const answer = await fetch(`${server.url}/api/v1/head`);
    expect(await answer.json()).toMatchObject({ commit: second });
  });

  it('takes a body from a socket', async () => {
    const answer = await fetch(`${server.url}/api/v1/look`, {
      method: 'POST',
      body: '{"ref":"refs/heads/main"}',
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, kernel.looks]).toEqual([202, 1]);
  });

  it('takes a change that has no body and says nothing of its length, as curl sends it', async () => {
    const { port } = server;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`POST /api/v1/look HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
  });

  it('cuts off a body over 1 MiB and goes on with others', async () => {
    const answer = await fetch(`${server.url}/api/v1/look`, {
      method: 'POST',
      body: 'x'.repeat(3 * 1024 * 1024),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(413);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(kernel.looks).toBe(0);
  });

  it('refuses a foreign host on the wire', async () => {
    const answer = await raw('GET /api/v1/head HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain('ForeignHost');
  });

  it.each([
    ['no host', 'GET /api/v1/head HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'MalformedRequest'],
    ['two hosts', 'GET /api/v1/head HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n', 400, 'MalformedRequest'],
    [
      'a host that is none',
      'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
      400,
      'MalformedRequest',
    ],
    [
      'a target that is none',
      'GET nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      400,
      'MalformedRequest',
    ],
    ['no HTTP', 'hello\r\n\r\n', 400, 'MalformedRequest'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy',
      400,
      'MalformedRequest',
    ],
    [
      'a header that never ends',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      431,
      'HeadersTooLarge',
    ],
  ])('refuses %s, says why, and goes on with others', async (_what, text, status, code) => {
    const [head = '', body = ''] = (await raw(text)).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head.toLowerCase()).toContain('connection: close');
    expect(head).toContain('x-content-type-options: nosniff');
    expect(JSON.parse(body)).toEqual({
      error: { code, message: expect.stringMatching(/^the /), hint: expect.any(String) },
    });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('answers what can be read before it says what cannot', async () => {
    const allowed = gate();
    kernel.metricsNow = async () => {
      await allowed.passed;
      return 'late 1\n';
    };
    const answers = raw('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nhello\r\n\r\nhello\r\n\r\n');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    allowed.open();
    const [, first, second, ...more] = (await answers).split(/HTTP\/1\.1 (?=\d)/);
    expect(first).toMatch(/^200 [\s\S]*late 1/);
    expect(second).toMatch(/^400 [\s\S]*MalformedRequest/);
    expect(more).toEqual([]);
  });

  it('says so of a request that breaks off', async () => {
    const answer = await raw('GET /api/v1/head HTTP/1.1\r\nHost: lo', true);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*ended within it/);
  });

  it('says so of a body that breaks off while it is awaited', async () => {
    const answer = await raw(
      'POST /api/v1/look HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"MalformedRequest"/);
    expect(kernel.looks).toBe(0);
  });

  it('says nothing within an answer that has begun', async () => {
    const socket = await dial();
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece;
      if (answer.includes('text/event-stream')) socket.write('x\r\n');
    });
    socket.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toContain('MalformedRequest');
  });

  it('answers for another host than the socket’s only as the target of the line says', async () => {
    const answer = await raw(
      'GET http://evil.test/api/v1/head HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('says by name that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(listen(createApp({ kernel, log }), { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PortInUse',
      where: `127.0.0.1:${port}`,
      hint: expect.stringContaining('--api-port'),
    });
    other.close();
  });

  it('says by name that an address is not of this machine', async () => {
    await expect(listen(createApp({ kernel, log }), { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
      code: 'CannotListen',
    });
  });

  it('gives the URL of a wildcard address as this machine reaches it', async () => {
    const everywhere = await listen(createApp({ kernel, log, host: '0.0.0.0' }), {
      host: '0.0.0.0',
      port: 0,
    });
    expect(everywhere.url).toBe(`http://127.0.0.1:${everywhere.port}`);
    expect((await fetch(`${everywhere.url}/healthz`)).status).toBe(200);
    await everywhere.close();
  });

  it('lets a request under way end when it closes, and takes no new one', async () => {
    const asked = gate();
    const allowed = gate();
    kernel.metricsNow = async () => {
      asked.open();
      await allowed.passed;
      return 'late 1\n';
    };
    const answer = fetch(`${server.url}/metrics`);
    await asked.passed;
    const closed = server.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    allowed.open();
    expect(await (await answer).text()).toBe('late 1\n');
    await closed;
    await server.close();
  });

  it('cuts off a request that takes longer than its grace', async () => {
    const impatient = await listen(createApp({ kernel, log }), { host: '127.0.0.1', port: 0, graceMs: 50 });
    const asked = gate();
    kernel.metricsNow = () => {
      asked.open();
      return new Promise(() => undefined);
    };
    const answer = fetch(`${impatient.url}/metrics`).then(
      () => 'answered',
      () => 'cut off',
    );
    await asked.passed;
    await impatient.close();
    expect(await answer).toBe('cut off');
  });
});

describe('the stream of events', () => {
  it('tells each of the kernel’s events as it happens', async () => {
    const events = await follow();
    const { status } = view(resource('Model', 'bird-strike'), [condition('Ready', 'True')]);
    kernel.bus.emit('snapshot.applied', { commit: second, resources: 3, issues: 0 });
    kernel.bus.emit('snapshot.held', { commit: second, reason: 'MassRemovalHeld', message: 'much' });
    kernel.bus.emit('plan.made', { from: null, to: second, steps: 2 });
    if (status) kernel.bus.emit('resource.status', { ref: status.ref, status });
    kernel.bus.emit('resource.removed', { ref: 'Model/gone' });
    const entry = await kernel.record({ message: 'a line\nand another' });

    await events.until(6);
    expect(events.seen).toEqual([
      { event: 'snapshot.applied', data: { commit: second, resources: 3, issues: 0 } },
      { event: 'snapshot.held', data: { commit: second, reason: 'MassRemovalHeld', message: 'much' } },
      { event: 'plan.made', data: { from: null, to: second, steps: 2 } },
      { event: 'resource.status', data: { ref: 'Model/bird-strike', status } },
      { event: 'resource.removed', data: { ref: 'Model/gone' } },
      { event: 'journal.appended', id: String(entry.sequence), data: { entry } },
    ]);
    expect(events.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(events.headers['cache-control']).toBe('no-store');
  });

  it('begins with the journal entries that a returning reader missed, each once and in order', async () => {
    const events = await follow({ 'last-event-id': '2' });
    await kernel.record({ message: 'new' });
    await events.until(4);
    expect(events.seen.map(({ id }) => id)).toEqual(['3', '4', '5', '6']);
  });

  it('begins with what happens from now on for a new reader', async () => {
    const events = await follow();
    await kernel.record({});
    await events.until(1);
    expect(events.seen.map(({ id }) => id)).toEqual(['6']);
  });

  it('loses and repeats no entry that is appended while it reads what was missed', async () => {
    const read = gate();
    const allowed = gate();
    const { journal } = kernel.store;
    kernel.store.journal = async (query) => {
      const entries = await journal.call(kernel.store, query);
      read.open();
      await allowed.passed;
      return entries;
    };
    const events = await follow({ 'last-event-id': '4' });
    await read.passed;
    await kernel.record({});
    await kernel.record({});
    expect(events.seen).toEqual([]);
    allowed.open();
    await kernel.record({});
    await events.until(4);
    expect(events.seen.map(({ id }) => id)).toEqual(['5', '6', '7', '8']);
  });

  it('gives back thousands of missed entries to a reader in no hurry', async () => {
    const filling = 'x'.repeat(2_000);
    for (let index = 0; index < 6_000; index += 1) await kernel.record({ data: { filling } });
    const events = await follow({ 'last-event-id': '0' });
    await events.until(6_005);
    expect(events.seen.map(({ id }) => Number(id))).toEqual(
      Array.from({ length: 6_005 }, (_, index) => index + 1),
    );
  });

  it('says where there is a gap when more was missed than is repeated', async () => {
    for (let index = 0; index < 10_100; index += 1) await kernel.record({});
    const events = await follow({ 'last-event-id': '3' });
    await events.until(10_001);
    expect(events.seen[0]).toEqual({ event: 'gap', data: { after: 3, before: 106 } });
    expect(events.seen[1]?.id).toBe('106');
    expect(events.seen.at(-1)?.id).toBe('10105');
  });

  it('refuses an id that is not one of its own', async () => {
    const answer = await fetch(`${server.url}/api/v1/events`, { headers: { 'last-event-id': 'abc' } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'InvalidParameter' } });
  });

  it('sends comments on a quiet connection', async () => {
    const events = await follow();
    await vi.waitFor(() => expect(events.text().match(/^:$/gm)?.length ?? 0).toBeGreaterThan(2));
    expect(events.seen).toEqual([]);
  });

  it('ends when the server closes, and leaves no listener behind', async () => {
    const events = await follow();
    expect(kernel.listeners).toBe(6);
    await server.close();
    await events.ended;
    expect(kernel.listeners).toBe(0);
  });

  it('leaves no listener behind when the reader goes', async () => {
    const events = await follow();
    expect(kernel.listeners).toBe(6);
    events.destroy();
    await vi.waitFor(() => expect(kernel.listeners).toBe(0));
  });

  it('cuts off a reader that does not read, and no other', async () => {
    const socket = await dial();
    socket.pause();
    socket.write('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const other = await follow();
    await vi.waitFor(() => expect(kernel.listeners).toBe(12));
    const filling = 'x'.repeat(100_000);
    let sent = 0;
    // Round by round, so that the other reader keeps up however busy the machine is.
    for (let round = 0; round < 200 && kernel.listeners === 12; round += 1) {
      for (let index = 0; index < 10; index += 1) {
        kernel.bus.emit('snapshot.held', { commit: second, reason: 'Test', message: filling });
        sent += 1;
      }
      await other.until(sent);
    }
    expect(kernel.listeners).toBe(6);
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'a reader of events does not keep up and is cut off',
      }),
    );
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.resume();
    await closed;
  });

  it('ends the connection where the journal cannot be read', async () => {
    kernel.store.journal = async () => {
      throw new Error('no such table');
    };
    const answer = await raw('GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 1\r\n\r\n');
    expect(answer).not.toContain('no such table');
    expect(kernel.listeners).toBe(0);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error' }));
  });
});

/** A place that is passed once somebody opens it. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

interface Seen {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

interface Following {
  readonly headers: IncomingMessage['headers'];
  readonly seen: readonly Seen[];
  readonly ended: Promise<unknown>;
  text(): string;
  until(count: number): Promise<void>;
  destroy(): void;
}

/** Reads the stream over a socket of its own. Resolves once the server has begun to answer. */
async function follow(headers: Record<string, string> = {}): Promise<Following> {
  const asked = httpRequest(`${server.url}/api/v1/events`, { headers, agent: false });
  asked.on('error', () => undefined);
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  open.push(asked);
  let text = '';
  let rest = '';
  const seen: Seen[] = [];
  answer.setEncoding('utf8');
  answer.on('error', () => undefined);
  answer.on('data', (chunk: string) => {
    text += chunk;
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (!part.startsWith(':')) seen.push(parsed(part));
  });
  const ended = new Promise((resolve) => answer.once('close', resolve));
  await vi.waitFor(() => expect(text).toContain(': connected'));
  return {
    headers: answer.headers,
    seen,
    ended,
    text: () => text,
    until: (count) => vi.waitFor(() => expect(seen.length).toBe(count), { timeout: 20_000 }),
    destroy: () => asked.destroy(),
  };
}

function parsed(part: string): Seen {
  const fields = Object.fromEntries(
    part.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
  const { id, event = '', data = 'null' } = fields;
  return { ...(id === undefined ? {} : { id }), event, data: JSON.parse(data) };
}

async function dial(): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  open.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function raw(text: string, isAll = false): Promise<string> {
  const socket = await dial();
  let answer = '';
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.write(text);
  if (isAll) socket.end();
  await once(socket, 'close');
  return answer;
}
