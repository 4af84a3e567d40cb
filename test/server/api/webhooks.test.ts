import { randomBytes } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebhookDelivery } from '../../../core/plugin.ts';
import { createApp } from '../../../server/api/app.ts';
import { type Listening, listen } from '../../../server/api/listen.ts';
import { rateLimit } from '../../../server/api/rate-limit.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';
import { contractOf } from './contract.ts';
import type { KernelInMemory } from './kernel-in-memory.ts';
import { smallPlatform } from './world.ts';

let kernel: KernelInMemory;
let log: RecordingLog;
let deliveries: WebhookDelivery[];

beforeEach(async () => {
  kernel = await smallPlatform();
  log = recordingLog();
  deliveries = [];
  kernel.pluginsNow = ['rollout', 'forge-github', '@acme/forge'].map((name) => ({
    name,
    description: '',
    kinds: [],
    provides: [],
    needs: [],
  }));
  for (const name of ['forge-github', '@acme/forge']) {
    kernel.hooks.set(name, async (delivery) => {
      deliveries.push(delivery);
      return new Response(null, { status: 202 });
    });
  }
});

const app = () => createApp({ kernel, log, token: 'a-token', requireTokenForReads: true });

async function send(path: string, body: Uint8Array | string = '{}', headers: Record<string, string> = {}) {
  const answer = await app().request(`http://switchyard.example.com${path}`, {
    method: 'POST',
    body: body as never,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
  const said = (await answer.json().catch(() => undefined)) as { error: { code: string } } | undefined;
  return { status: answer.status, code: said?.error.code, headers: answer.headers };
}

describe('a delivery', () => {
  it('reaches its plugin byte for byte, without a token and under any host name', async () => {
    const bytes = randomBytes(5_000);
    expect(await send('/webhooks/forge-github', bytes, { 'x-signature': 'abc' })).toMatchObject({
      status: 202,
    });
    expect(deliveries).toHaveLength(1);
    expect(Buffer.from(deliveries[0]!.body).equals(bytes)).toBe(true);
    expect(deliveries[0]!.headers.get('x-signature')).toBe('abc');
    expect(deliveries[0]!.path).toBe('');
  });

  it.each([
    ['/webhooks/forge-github/deep/er', 'deep/er'],
    ['/webhooks/@acme/forge/x', 'x'],
    ['/webhooks/%40acme/forge', ''],
  ])('to %s is given the path %j', async (path, inside) => {
    expect((await send(path)).status).toBe(202);
    expect(deliveries.map((delivery) => delivery.path)).toEqual([inside]);
  });

  it('is as the OpenAPI document says', async () => {
    const { ask } = await contractOf(createApp({ kernel, log }));
    expect((await ask('/webhooks/forge-github', { method: 'POST', body: '{}' })).status).toBe(202);
    expect((await ask('/webhooks/nobody', { method: 'POST', body: '{}' })).status).toBe(404);
  });

  it.each([
    '/webhooks/',
    '/webhooks/nobody',
    '/webhooks/rollout',
    '/webhooks/%zz',
    '/webhooks/forge-githubx',
  ])('to %s finds nobody', async (path) => {
    expect(await send(path)).toMatchObject({ status: 404, code: 'NoSuchRoute' });
    expect(deliveries).toEqual([]);
  });

  it('opens no other door: whatever is not a POST there meets the guard', async () => {
    const get = await app().request('http://switchyard.example.com/webhooks/forge-github');
    expect(get.status).toBe(403);
    const other = await app().request('http://switchyard.example.com/api/v1/look', { method: 'POST' });
    expect(other.status).toBe(403);
    expect((await send('/webhooks/../api/v1/look')).status).toBe(403);
    expect(kernel.looks).toBe(0);
  });

  it.each([1024 * 1024 + 1, 2 * 1024 * 1024])('of %i bytes is refused', async (size) => {
    expect(await send('/webhooks/forge-github', Buffer.alloc(size))).toMatchObject({
      status: 413,
      code: 'BodyTooLarge',
    });
    expect(deliveries).toEqual([]);
  });

  it('of exactly 1 MiB is taken', async () => {
    expect((await send('/webhooks/forge-github', Buffer.alloc(1024 * 1024))).status).toBe(202);
    expect(deliveries[0]?.body.byteLength).toBe(1024 * 1024);
  });

  it('that fails inside its plugin says nothing of it outside', async () => {
    kernel.hooks.set('forge-github', async () => {
      throw new Error('the secret is hunter2');
    });
    const answer = await app().request('http://x.example/webhooks/forge-github', { method: 'POST' });
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('hunter2');
  });
});

describe('deliveries over a connection', () => {
  let server: Listening;
  beforeEach(async () => {
    server = await listen(app(), { host: '127.0.0.1', port: 0 });
  });
  afterEach(() => server.close());

  it('are cut off while they are read, when they do not say how large they are', async () => {
    let sent = 0;
    const status = await new Promise<number | string>((settle) => {
      const request = requestHttp(`${server.url}/webhooks/forge-github`, { method: 'POST' }, (answer) => {
        settle(answer.statusCode ?? 0);
        request.destroy();
      });
      request.on('error', (error) => settle(error.message));
      const piece = Buffer.alloc(64 * 1024);
      const more = () => {
        if (request.destroyed || sent > 64 * 1024 * 1024) return;
        sent += piece.byteLength;
        request.write(piece, () => setImmediate(more));
      };
      more();
    });
    expect([413, 'write EPIPE', 'read ECONNRESET', 'write ECONNRESET']).toContain(status);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    expect(deliveries).toEqual([]);
  });

  it('are refused beyond so many a minute, and told when to come again', async () => {
    const post = () => fetch(`${server.url}/webhooks/forge-github`, { method: 'POST', body: '{}' });
    const statuses: number[] = [];
    let refused: Response | undefined;
    for (let count = 0; count < 70; count++) {
      const answer = await post();
      statuses.push(answer.status);
      if (answer.status === 429) refused ??= answer;
    }
    expect(statuses.slice(0, 60).every((status) => status === 202)).toBe(true);
    expect(statuses).toContain(429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await refused?.json()).toMatchObject({ error: { code: 'TooManyDeliveries' } });
    expect(deliveries.length).toBe(statuses.filter((status) => status === 202).length);
  });
});

describe('a rate limit', () => {
  it('lets a burst in, then so many a minute, for each key by itself', () => {
    let now = 0;
    const limit = rateLimit({ burst: 2, perMinute: 60, now: () => now });
    expect([limit('a'), limit('a'), limit('a'), limit('b')]).toEqual([0, 0, 1000, 0]);
    now = 999;
    expect(limit('a')).toBe(1);
    now = 1000;
    expect([limit('a'), limit('a')]).toEqual([0, 1000]);
    now = 100_000;
    expect([limit('a'), limit('a'), limit('a')]).toEqual([0, 0, 1000]);
  });

  it('forgets old keys instead of growing', () => {
    const limit = rateLimit({ burst: 1, perMinute: 1, now: () => 0 });
    expect(limit('first')).toBe(0);
    for (let count = 0; count < 10_000; count++) limit(`other ${count}`);
    expect(limit('first')).toBe(0);
    expect(limit('other 9999')).toBeGreaterThan(0);
  });
});
