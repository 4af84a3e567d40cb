/** What is no request of HTTP, or none that may be answered: it is counted, and has its line of the access log. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { call } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

type Line = Readonly<Record<string, unknown>>;

const folder = temporaryFolder();
const file = join(folder.path, 'access.log');
let serving: Serving;

beforeAll(async () => {
  serving = await startServing({ accessRules: { share: 0 }, accessFile: file, requestTimeoutMs: 300 });
  await serving.follow(table(deployment('m', [pin(folder.path, '1.0.0', linearModel(2, 0))])));
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

function lines(): readonly Line[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

function counted(): Readonly<Record<string, number>> {
  return serving.process.report().metrics.refusedRequests!;
}

/** Sends the text, and gives all that came back until the connection closed. */
async function answerTo(text: string, isEnded = false): Promise<string> {
  const socket = connect({ port: serving.port, host: '127.0.0.1', allowHalfOpen: true });
  let answer = '';
  socket.on('data', (bytes) => {
    answer += String(bytes);
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => {});
  if (isEnded) socket.end(text, 'latin1');
  else socket.write(text, 'latin1');
  await once(socket, 'close');
  return answer;
}

const path = '/v2/models/m/infer';
const post = (headers: string, body = ''): string =>
  `POST ${path}?token=hunter2 HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`;
const chunked = post('Transfer-Encoding: chunked\r\n');
const known = { method: 'POST', path };
const timed = { ...known, milliseconds: expect.any(Number) };

it.each<[what: string, text: string, status: number, code: string, facts: object, isEnded?: boolean]>([
  ['no request', '\x16\x03\x01\x02\x00\r\n\r\n', 400, 'MalformedRequest', {}],
  ['two lengths', post('Content-Length: 1\r\nContent-Length: 2\r\n', 'xy'), 400, 'MalformedRequest', {}],
  ['a flood of headers', post(`X-A: ${'a'.repeat(20_000)}\r\n`), 431, 'HeadersTooLarge', {}],
  ['half a head, and no more', 'GET / HTTP/1.1\r\nHos', 408, 'RequestTimeout', {}],
  ['two hosts', post('Host: y\r\nContent-Length: 0\r\n'), 400, 'MalformedRequest', timed],
  [
    'another expectation',
    post('Expect: a-miracle\r\nContent-Length: 0\r\n'),
    417,
    'ExpectationUnknown',
    timed,
  ],
  ['a chunk of a bad size', `${chunked}x\r\nabc\r\n`, 400, 'MalformedRequest', timed],
  ['chunks with long extensions', `${chunked}1;${'a'.repeat(20_000)}\r\nx\r\n`, 413, 'BodyTooLarge', timed],
  ['half of its chunks, and no more', `${chunked}3\r\nabc\r\n`, 408, 'RequestTimeout', timed],
  ['half of its body, and no more', post('Content-Length: 9\r\n', 'abc'), 408, 'RequestTimeout', timed],
  ['half of its body, and ends', post('Content-Length: 9\r\n', 'abc'), 400, 'MalformedRequest', timed, true],
])('%s is counted once, and has a line with what is known', async (_, text, status, code, facts, isEnded) => {
  const before = counted()[status] ?? 0;
  const written = lines().length;
  const answer = await answerTo(text, isEnded);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*"code":"${code}"`));
  expect(counted()[status]).toBe(before + 1);
  await until(() => lines().length > written);
  const bytes = Buffer.byteLength(answer.slice(answer.indexOf('\r\n\r\n') + 4));
  const { level, time, process, msg, ...said } = lines().at(-1)!;
  expect(said).toEqual({ protocol: 'http', status, code, bytes, ...facts });
  expect([level, typeof time, process, msg]).toEqual(['info', 'string', '0', 'access']);
  expect(lines()).toHaveLength(written + 1);
  expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
});

it('one that was answered before its end could not be read is counted once, as what it was answered', async () => {
  const refused = counted();
  const written = lines().length;
  const text = `${chunked.replace(path, '/nothing').replace('Host: x', 'Host: x\r\nConnection: close')}x\r\nabc\r\n`;
  await answerTo(text);
  await until(() => lines().length > written);
  expect(lines().slice(written)).toMatchObject([{ path: '/nothing', status: 404 }]);
  expect(counted()).toEqual(refused);
});

it('what a handler was asked, or what nobody was told, is not among them', async () => {
  const before = counted();
  const written = lines().length;
  await answerTo('', true);
  await call(serving.port, '/nothing/here');
  await until(() => lines().length > written);
  expect(lines().slice(written)).toMatchObject([{ path: '/nothing/here', status: 404 }]);
  expect(counted()).toEqual(before);
});
