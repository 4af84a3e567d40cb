import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoliteOptions, politeFetch } from '../../../libraries/polite-fetch/index.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let answers: Answer[];
let asked: { method: string; path: string; tag: string | undefined }[];
let url: string;
let close: () => void;
/** Of a clock that only goes forward. */
let passed: number;
let slept: number[];

beforeEach(async () => {
  answers = [];
  asked = [];
  passed = 0;
  slept = [];
  const server = createServer((request, response) => {
    asked.push({ method: request.method!, path: request.url!, tag: request.headers['if-none-match'] });
    const answer = answers.shift() ?? say(200, 'fine');
    request.resume().on('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.close();
    server.closeAllConnections();
  };
});
afterEach(() => close());

function say(status: number, body = '', headers: Record<string, string> = {}): Answer {
  return (_request, response) => void response.writeHead(status, headers).end(body);
}
const drop: Answer = (_request, response) => void response.destroy();
const hang: Answer = () => {};

function ask(options: PoliteOptions = {}) {
  return politeFetch({
    steady: () => passed,
    sleep: async (ms) => {
      slept.push(ms);
      passed += ms;
    },
    ...options,
  });
}

describe('a read', () => {
  it.each([
    ['an answer that never came', drop],
    ['a 500', say(500)],
    ['a 502', say(502)],
  ])('is repeated after %s', async (_title, failure) => {
    answers = [failure, failure];
    const answer = await ask()(`${url}/x`);
    expect(await answer.text()).toBe('fine');
    expect(asked).toHaveLength(3);
    expect(slept).toHaveLength(2);
  });

  it('is given up after a few times', async () => {
    answers = [say(503), say(503), say(503), say(200)];
    await expect(ask()(`${url}/x?secret=1`)).rejects.toMatchObject({
      where: `GET ${url}/x`,
      reason: 'it answered 503',
      isLasting: false,
    });
    expect(asked).toHaveLength(3);
  });

  it('ends in time', async () => {
    answers = [hang];
    await expect(ask({ timeoutMs: 50, retries: 0 })(`${url}/x`)).rejects.toMatchObject({
      reason: 'no answer within 50 ms',
    });
  });

  it('ends when its caller gives up, with the reason of the caller', async () => {
    answers = [hang];
    const reason = new Error('enough');
    const controller = new AbortController();
    const asking = ask()(`${url}/x`, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(asking).rejects.toBe(reason);
  });

  it('takes what is no failure as it is', async () => {
    answers = [say(404, 'no'), say(422, 'bad'), say(403, 'not yours')];
    const polite = ask();
    for (const status of [404, 422, 403]) expect((await polite(`${url}/x`)).status).toBe(status);
    expect(asked).toHaveLength(3);
  });

  it('follows no redirect', async () => {
    answers = [say(301, '', { location: 'http://127.0.0.1:1/' })];
    await expect(ask()(`${url}/x`)).rejects.toMatchObject({ isLasting: true });
    expect(asked).toHaveLength(1);
  });

  it('stops reading an answer that is too large', async () => {
    answers = [say(200, 'x'.repeat(5000))];
    await expect(ask({ largestAnswer: 4000 })(`${url}/x`)).rejects.toMatchObject({ isLasting: true });
  });

  it('says where the answer is from', async () => {
    expect((await ask()(`${url}/x?page=2`)).url).toBe(`${url}/x?page=2`);
  });

  it('of what has not changed is answered from here', async () => {
    answers = [say(200, 'first', { etag: '"1"' }), say(304), say(200, 'second', { etag: '"2"' })];
    const polite = ask();
    const texts = [];
    for (let count = 0; count < 3; count++) texts.push(await (await polite(`${url}/x`)).text());
    expect(texts).toEqual(['first', 'first', 'second']);
    expect(asked.map(({ tag }) => tag)).toEqual([undefined, '"1"', '"1"']);
  });
});

describe('a write', () => {
  it.each([
    ['an answer that never came', drop],
    ['a 500', say(500)],
    ['a 502', say(502)],
  ])('is never repeated after %s', async (_title, failure) => {
    answers = [failure];
    await expect(ask()(`${url}/x`, { method: 'POST', body: '{}' })).rejects.toMatchObject({
      isLasting: false,
    });
    expect(asked).toHaveLength(1);
  });
});

describe('a rate limit', () => {
  const date = 'Wed, 25 Nov 2026 12:00:00 GMT';
  const theirNow = Date.parse(date) / 1000;
  it.each<[string, Answer, number]>([
    ['429 with seconds', say(429, '', { 'retry-after': '7' }), 7_000],
    ['429 with a date', say(429, '', { date, 'retry-after': 'Wed, 25 Nov 2026 12:00:30 GMT' }), 30_000],
    ['429 with a reset', say(429, '', { date, 'ratelimit-reset': String(theirNow + 20) }), 21_000],
    [
      '403 with nothing left',
      say(403, '', { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(theirNow + 90) }),
      91_000,
    ],
    ['403 of a secondary limit', say(403, '{"message":"You have exceeded a secondary rate limit."}'), 60_000],
    ['429 without a word', say(429), 60_000],
  ])('as %s tells how long to wait, and nothing is sent until then', async (_title, answer, wait) => {
    answers = [answer];
    const polite = ask();
    await expect(polite(`${url}/x`)).rejects.toMatchObject({ retryAfterMs: wait, isLasting: false });
    await expect(polite(`${url}/y`, { method: 'POST' })).rejects.toMatchObject({ retryAfterMs: wait });
    expect(asked).toHaveLength(1);
    passed += wait;
    expect((await polite(`${url}/x`)).status).toBe(200);
  });

  it('is over in time where the clock of this machine is set back meanwhile', async () => {
    answers = [say(429, '', { 'retry-after': '7' })];
    let wall = Date.now();
    const polite = ask({ now: () => wall });
    await expect(polite(`${url}/x`)).rejects.toMatchObject({ retryAfterMs: 7_000 });
    wall -= 3_600_000;
    await expect(polite(`${url}/x`)).rejects.toMatchObject({ retryAfterMs: 7_000 });
    passed += 7_000;
    expect((await polite(`${url}/x`)).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it('lasts as long as was asked where that clock is set forward', async () => {
    answers = [say(429, '', { 'retry-after': '7' })];
    let wall = Date.now();
    const polite = ask({ now: () => wall });
    await expect(polite(`${url}/x`)).rejects.toMatchObject({ retryAfterMs: 7_000 });
    wall += 3_600_000;
    await expect(polite(`${url}/x`)).rejects.toMatchObject({ retryAfterMs: 7_000 });
    expect(asked).toHaveLength(1);
  });

  it('that is short is sat out by a read', async () => {
    answers = [say(429, '', { 'retry-after': '1' })];
    expect((await ask()(`${url}/x`)).status).toBe(200);
    expect(slept).toEqual([1000]);
  });

  it('is sat out by no write', async () => {
    answers = [say(429, '', { 'retry-after': '1' })];
    await expect(ask()(`${url}/x`, { method: 'POST' })).rejects.toMatchObject({ retryAfterMs: 1000 });
    expect(asked).toHaveLength(1);
  });
});

describe('what it says went wrong', () => {
  it('holds no secret', async () => {
    const failing = async () => {
      throw new TypeError('fetch failed', { cause: new Error('bad header: Bearer hunter2') });
    };
    const headers = { authorization: 'Bearer hunter2' };
    const polite = ask({ fetch: failing as typeof fetch });
    await expect(polite(`${url}/x`, { headers })).rejects.toMatchObject({ reason: 'bad header: Bearer ***' });
    answers = [say(422, 'you are hunter2')];
    expect(await (await ask()(`${url}/x`, { headers })).text()).toBe('you are ***');
  });
});
