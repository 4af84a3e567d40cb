/** What is no request of HTTP, or none yet: what its client is told, and in which turn. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import type { Exchange } from '../../../../../plugins/serving/dataplane/http/exchange.ts';
import type { InferenceServerOptions } from '../../../../../plugins/serving/dataplane/http/inference-server.ts';
import { sendJson } from '../../../../../plugins/serving/dataplane/http/json-answer.ts';
import { until } from '../../../../fixtures/until.ts';
import { type Peer, startInferencePort } from './plain/peers.ts';

let peer: Peer | undefined;
const sockets: Socket[] = [];
let waiting: Exchange[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  waiting = [];
  await peer?.close();
});

/** Sends the text; the handler leaves its requests waiting. */
async function send(text: string, options: Partial<InferenceServerOptions> = {}) {
  peer = await startInferencePort((exchange) => void waiting.push(exchange), options);
  const socket = connect({ port: peer.port, host: '127.0.0.1', noDelay: true });
  sockets.push(socket);
  const seen = { socket, answer: '', isClosed: false };
  socket.on('data', (bytes) => {
    seen.answer += String(bytes);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    seen.isClosed = true;
  });
  await once(socket, 'connect');
  socket.write(text, 'latin1');
  return seen;
}

/** The only answer, with what it says of itself. */
function refusalIn(answer: string) {
  const end = answer.indexOf('\r\n\r\n');
  const head = answer.slice(0, end);
  const body = answer.slice(end + 4);
  expect(head).toMatch(/^content-type: application\/json\r?$/m);
  expect(head).toMatch(new RegExp(`^content-length: ${Buffer.byteLength(body)}\r?$`, 'm'));
  expect(head).toMatch(/^Date: \w{3}, /m);
  expect(head).toMatch(/^connection: close\r?$/im);
  return { status: Number(head.slice(9, 12)), body: JSON.parse(body) as Record<string, string> };
}

const post = (headers: string, body = ''): string => `POST /a HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`;
const chunked = post('Transfer-Encoding: chunked\r\n');
const impatient = { headersTimeoutMs: 150, requestTimeoutMs: 300 };

const cases: readonly (readonly [
  what: string,
  text: string,
  status: number,
  code: string,
  words: RegExp,
  options?: Partial<InferenceServerOptions>,
])[] = [
  [
    'two lengths',
    post('Content-Length: 1\r\nContent-Length: 2\r\n', 'xy'),
    400,
    'MalformedRequest',
    /HTTP: .*Content-Length/,
  ],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'MalformedRequest', /Invalid method/],
  ['a chunk of a bad size', `${chunked}x\r\nabc\r\n`, 400, 'MalformedRequest', /chunk size/],
  [
    'headers without an end',
    `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'HeadersTooLarge',
    /16384 bytes/,
  ],
  [
    'chunks with long extensions',
    `${chunked}1;${'a'.repeat(20_000)}\r\nx\r\n`,
    413,
    'BodyTooLarge',
    /extensions/,
  ],
  [
    'another expectation',
    post('Expect: a-miracle\r\nContent-Length: 1\r\n'),
    417,
    'ExpectationUnknown',
    /a-miracle/,
  ],
  ['nothing', '', 408, 'RequestTimeout', /in time/, impatient],
  ['half a head', 'GET / HTTP/1.1\r\nHos', 408, 'RequestTimeout', /in time/, impatient],
  ['half a body', post('Content-Length: 9\r\n', 'abc'), 408, 'RequestTimeout', /in time/, impatient],
  ['half of its chunks', `${chunked}3\r\nabc\r\n`, 408, 'RequestTimeout', /in time/, impatient],
];

describe('who sends', () => {
  it.each(cases.map(([what, ...rest]) => ({ what, rest })))('$what is told so', async ({ rest }) => {
    const [text, status, code, words, options] = rest;
    const seen = await send(text, options);
    await until(() => seen.isClosed);
    expect(refusalIn(seen.answer)).toEqual({
      status,
      body: { code, error: expect.stringMatching(words), hint: expect.any(String) },
    });
  });

  it.each([
    ['a plain body', post('Content-Length: 9\r\n', 'abc')],
    ['chunks', `${chunked}3\r\nabc\r\n`],
    ['headers', 'GET / HTTP/1.1\r\nHos'],
  ])('half of its %s and ends is told so', async (_, text) => {
    const seen = await send(text);
    seen.socket.end();
    await until(() => seen.isClosed);
    expect(refusalIn(seen.answer)).toMatchObject({
      status: 400,
      body: { code: 'MalformedRequest', error: expect.stringContaining('ended within it') },
    });
  });

  it('any of these finds its code on the page', () => {
    const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
    const rows = [...page.matchAll(/^\| (`.*?`) +\| (\d{3}) +\|/gm)];
    for (const [, , status, code] of cases)
      expect(
        rows.some(([, codes = '', http]) => codes.includes(`\`${code}\``) && http === `${status}`),
        code,
      ).toBe(true);
  });
});

/** By way of `node:http`, which reads on while an answer is waited for. */
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n`;
const statuses = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status);

describe('what cannot be read behind other requests', () => {
  it('is refused behind their answers, and not in their place', async () => {
    const seen = await send(`${get('/a')}${get('/b')}oops\r\n\r\n`);
    await until(() => waiting.length === 2);
    for (const exchange of waiting) sendJson(exchange, 200, { url: exchange.url });
    await until(() => seen.isClosed);
    expect(statuses(seen.answer)).toEqual(['200', '200', '400']);
    expect(seen.answer).toMatch(/"url":"\/a"[\s\S]*"url":"\/b"[\s\S]*"code":"MalformedRequest"/);
  });

  it('is refused in its place, though its body was read by then', async () => {
    const seen = await send(`${get('/a')}${chunked}3\r\nabc\r\nx\r\n`);
    await until(() => waiting.length === 2);
    sendJson(waiting[0]!, 200, {});
    await until(() => seen.isClosed);
    expect(statuses(seen.answer)).toEqual(['200', '400']);
    // Nobody is left to take it.
    sendJson(waiting[1]!, 200, {});
  });

  it('is not told of to who was answered before', async () => {
    const seen = await send(`${chunked}3\r\nabc\r\n`);
    await until(() => waiting.length === 1);
    sendJson(waiting[0]!, 404, {});
    await until(() => seen.answer.endsWith('{}'));
    seen.socket.write('x\r\n');
    await until(() => seen.isClosed);
    expect(statuses(seen.answer)).toEqual(['404']);
  });

  it('is not answered where the answer before it closes the connection', async () => {
    const text = 'a'.repeat(4 * 2 ** 20);
    const last = get('/a').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    const seen = await send(`${last}oops\r\n\r\n`);
    await until(() => waiting.length === 1);
    sendJson(waiting[0]!, 200, { text });
    await until(() => seen.isClosed);
    expect(statuses(seen.answer)).toEqual(['200']);
    expect(seen.answer.endsWith(`${text}"}`)).toBe(true);
  });

  it('leaves no connection behind whose client goes away', async () => {
    const seen = await send(`${get('/a')}oops\r\n\r\n`);
    await until(() => waiting.length === 1);
    seen.socket.resetAndDestroy();
    await until(() => (peer as Awaited<ReturnType<typeof startInferencePort>>).server.connections === 0);
  });
});
