import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ClientGone, type HeldBody } from '../../../../../../plugins/serving/dataplane/http/body.ts';
import type { Exchange } from '../../../../../../plugins/serving/dataplane/http/exchange.ts';
import { sendJson } from '../../../../../../plugins/serving/dataplane/http/json-answer.ts';
import { NodeExchange } from '../../../../../../plugins/serving/dataplane/http/node-exchange.ts';
import { until } from '../../../../../fixtures/until.ts';
import { converse, limits, type Peer, startInferencePort, understand } from './peers.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(
  ...[handler, options]: Parameters<typeof startInferencePort>
): Promise<Awaited<ReturnType<typeof startInferencePort>>> {
  const peer = await startInferencePort(handler, options);
  closing.push(() => peer.close());
  return peer;
}

interface Client {
  readonly socket: Socket;
  answer(): string;
  isClosed(): boolean;
}

async function client(peer: Peer, text: string): Promise<Client> {
  const socket = connect(peer.port, '127.0.0.1');
  closing.push(() => socket.destroy());
  let answer = '';
  let isClosed = false;
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return { socket, answer: () => answer, isClosed: () => isClosed };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const post = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`;

it('requests that wait on one connection are taken up one by one, each when the one before has its answer', async () => {
  const waiting: Exchange[] = [];
  const peer = await start((exchange) => waiting.push(exchange));
  const { answer } = await client(peer, get('/a') + get('/b') + get('/c'));
  for (const url of ['/a', '/b', '/c']) {
    await until(() => waiting.length === 1);
    const [exchange] = waiting.splice(0);
    expect(exchange?.url).toBe(url);
    sendJson(exchange!, 200, { url });
  }
  await until(() => answer().includes('/c'));
  expect(understand(answer()).read).toEqual([{ url: '/a' }, { url: '/b' }, { url: '/c' }]);
});

it('a connection goes to node:http with its first request that is not plain, and stays there', async () => {
  const served: [string, boolean][] = [];
  const peer = await start((exchange) => {
    served.push([exchange.url, exchange instanceof NodeExchange]);
    sendJson(exchange, 200, { url: exchange.url });
  });
  const answer = await converse(peer.port, [Buffer.from(post('/a', 'x') + chunked('/b') + get('/c'))]);
  expect(served).toEqual([
    ['/a', false],
    ['/b', true],
    ['/c', true],
  ]);
  expect(understand(answer).read).toEqual([{ url: '/a' }, { url: '/b' }, { url: '/c' }]);
});

it('what is left of a body that nobody wants is thrown away before the next request', async () => {
  const peer = await start((exchange) => sendJson(exchange, 200, { url: exchange.url }));
  const { socket, answer } = await client(peer, post('/a', 'x'.repeat(1_000)).slice(0, -900));
  await until(() => answer().includes('/a'));
  socket.write('x'.repeat(500));
  socket.write(`${get('/y').padStart(400 + get('/y').length, 'x')}`);
  await until(() => answer().includes('/y'));
  expect(understand(answer()).read).toEqual([{ url: '/a' }, { url: '/y' }]);
});

it("a body that is lent is its reader's until the next one comes, and for good where it is kept", async () => {
  const bodies: HeldBody[] = [];
  const within = limits();
  const peer = await start((exchange) => {
    const body = exchange.lentBody(within)!;
    if (exchange.url === '/kept') body.keep();
    bodies.push(body);
    sendJson(exchange, 200, {});
  });
  for (const [path, body] of Object.entries({ '/kept': 'one', '/lent': 'two', '/last': 'three' })) {
    const { answer } = await client(peer, post(path, body));
    await until(() => answer() !== '');
    expect(String(bodies.at(-1)?.bytes)).toBe(body);
  }
  expect(String(bodies[0]?.bytes)).toBe('one');
  expect(String(bodies[1]?.bytes)).not.toBe('two');
  for (const body of bodies) body.release();
  expect(within.bodyBudget.held).toBe(0);
});

it('a body that has not come yet, or is large, is not lent', async () => {
  const within = limits();
  const lent: [string, boolean][] = [];
  const peer = await start(async (exchange) => {
    lent.push([exchange.url, exchange.lentBody(within) !== undefined]);
    if (!lent.at(-1)?.[1])
      sendJson(exchange, 200, { length: (await exchange.readBody(within)).bytes.length });
  });
  const half = await client(peer, post('/half', 'whole').slice(0, -2));
  await until(() => lent.length === 1);
  half.socket.write('le');
  const large = await client(peer, post('/large', 'x'.repeat(20_000)));
  await until(() => half.answer() !== '' && large.answer() !== '');
  expect(understand(half.answer()).read).toEqual([{ length: 5 }]);
  expect(understand(large.answer()).read).toEqual([{ length: 20_000 }]);
  expect(lent).toEqual([
    ['/half', false],
    ['/large', false],
  ]);
});

it('a client that goes away in the middle of its body or before its answer leaves nobody to answer', async () => {
  const problems: unknown[] = [];
  const exchanges: Exchange[] = [];
  const peer = await start((exchange) => {
    exchanges.push(exchange);
    void exchange.readBody(limits()).catch((error: unknown) => problems.push(error));
  });
  const half = await client(peer, post('/half', 'whole').slice(0, -2));
  const whole = await client(peer, post('/whole', 'whole'));
  await until(() => exchanges.length === 2);
  half.socket.destroy();
  whole.socket.resetAndDestroy();
  await until(() => exchanges.every(({ isAnswered }) => isAnswered));
  expect(problems).toEqual([expect.any(ClientGone)]);
  for (const exchange of exchanges) sendJson(exchange, 200, {});
  await until(() => peer.server.connections === 0);
});

const impatient = { headersTimeoutMs: 200, requestTimeoutMs: 200 };

it.each([
  ['one thing', get('/a'), 1],
  ['one thing after the other', get('/a').repeat(100), 1],
  ['what is not plain', chunked('/a').repeat(3), 3],
  ['the last thing', get('/a').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'), 1],
])('a client that asks for %s and takes nothing of it is cut off', async (_, text, most) => {
  let asked = 0;
  const peer = await start((exchange) => {
    asked++;
    sendJson(exchange, 200, { text: 'a'.repeat(16 * 2 ** 20) });
  }, impatient);
  const { socket } = await client(peer, '');
  socket.pause();
  socket.write(text);
  await until(() => asked > 0 && peer.server.connections === 0);
  expect(asked).toBe(most);
});

it('a client that has ended its side and takes nothing of its answer is cut off', async () => {
  const waiting: Exchange[] = [];
  const peer = await start((exchange) => waiting.push(exchange), impatient);
  const { socket } = await client(peer, '');
  socket.pause();
  socket.end(get('/a'));
  await until(() => waiting.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  sendJson(waiting[0]!, 200, { text: 'a'.repeat(16 * 2 ** 20) });
  await until(() => peer.server.connections === 0);
});

it.each([
  ['plain', get],
  ['not plain', chunked],
])('an answer may come later than a client has to take the one before: %s', async (_, request) => {
  const waiting: Exchange[] = [];
  const peer = await start((exchange) => waiting.push(exchange), impatient);
  const { answer } = await client(peer, request('/a') + request('/b'));
  for (const url of ['/a', '/b']) {
    await until(() => waiting.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 600));
    sendJson(waiting.shift()!, 200, { url });
    await until(() => answer().includes(url));
  }
});

it('a client that takes its answer slowly gets all of it, and the next', async () => {
  const text = 'a'.repeat(16 * 2 ** 20);
  const peer = await start((exchange) => sendJson(exchange, 200, { url: exchange.url, text }));
  const { socket, answer } = await client(peer, get('/a') + get('/b'));
  socket.pause();
  await until(() => peer.server.connections === 1);
  socket.resume();
  await until(() => answer().includes('/b') && answer().length > 2 * text.length);
  expect(understand(answer()).read).toEqual([
    { url: '/a', text },
    { url: '/b', text },
  ]);
});

it('a connection that says nothing is told so, or after an answer just closed', async () => {
  const peer = await start((exchange) => sendJson(exchange, 200, {}), {
    headersTimeoutMs: 50,
    keepAliveTimeoutMs: 50,
  });
  const silent = await client(peer, '');
  const used = await client(peer, get('/a'));
  await until(() => silent.isClosed() && used.isClosed());
  expect(silent.answer()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(silent.answer()).toContain('"code":"RequestTimeout"');
  expect(used.answer()).toMatch(/^HTTP\/1.1 200 /);
  expect(used.answer()).toMatch(/\{\}$/);
});

it('a server that takes its leave closes each connection behind its answer, and those that say nothing', async () => {
  const waiting: Exchange[] = [];
  const peer = await start((exchange) => waiting.push(exchange));
  const silent = await client(peer, '');
  const under = await client(peer, get('/a') + get('/b'));
  await until(() => waiting.length === 1 && peer.server.connections === 2);
  const drained = peer.server.drain();
  await until(() => silent.isClosed());
  sendJson(waiting[0]!, 200, { url: '/a' });
  await drained;
  await until(() => under.isClosed());
  expect(waiting).toHaveLength(1);
  expect(silent.answer()).toBe('');
  expect(under.answer()).toContain('Connection: close\r\n');
  expect(understand(under.answer()).read).toEqual([{ url: '/a' }]);
});

it('a server that takes its leave reads what a client still sends before it closes the connection, so that its answer is not lost', async () => {
  const waiting: Exchange[] = [];
  const peer = await start((exchange) => waiting.push(exchange));
  const body = 'x'.repeat(100_000);
  const text = post('/a', body);
  const { socket, answer, isClosed } = await client(peer, text.slice(0, 1_000));
  await until(() => waiting.length === 1);
  const drained = peer.server.drain();
  sendJson(waiting[0]!, 503, { url: '/a' });
  await until(() => answer().includes('{"url":"/a"}'));
  // Whatever the server had to do with the connection at once is done.
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([isClosed(), peer.server.connections]).toEqual([false, 1]);
  socket.write(text.slice(1_000) + get('/b'));
  await until(isClosed);
  await drained;
  expect(answer().match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 503']);
  expect(waiting).toHaveLength(1);
});

it('a server that takes its leave waits for no body that is too large, nor for ever for one that does not come', async () => {
  const waiting: Exchange[] = [];
  const peer = await start((exchange) => waiting.push(exchange), impatient);
  const text = post('/a', 'x'.repeat(100_000)).slice(0, 1_000);
  const [tooLarge, slow] = [await client(peer, text), await client(peer, text)];
  await until(() => waiting.length === 2);
  const drained = peer.server.drain();
  for (const [index, exchange] of waiting.entries()) sendJson(exchange, index === 0 ? 413 : 503, {});
  await until(() => tooLarge.isClosed() && slow.isClosed());
  await drained;
  expect([tooLarge, slow].map((one) => one.answer().slice(9, 12))).toEqual(['413', '503']);
});
