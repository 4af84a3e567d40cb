import { beforeEach, describe, expect, it } from 'vitest';
import { type AppOptions, createApp } from '../../../server/api/app.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';
import type { KernelInMemory } from './kernel-in-memory.ts';
import { smallPlatform } from './world.ts';

const token = 'correct-horse-battery-staple';
let kernel: KernelInMemory;
let log: RecordingLog;
beforeEach(async () => {
  kernel = await smallPlatform();
  kernel.routes.set('rollout', async () => new Response('done'));
  log = recordingLog();
});

function app(options: Partial<AppOptions> = {}) {
  const server = createApp({ kernel, log, ...options });
  return async (method: 'GET' | 'POST', path: string, headers: Record<string, string> = {}) => {
    const answer = await server.request(`http://127.0.0.1:8081${path}`, { method, headers });
    const body = (await answer.json().catch(() => undefined)) as
      | { error?: { code: string; hint: string } }
      | undefined;
    return {
      status: answer.status,
      headers: answer.headers,
      code: body?.error?.code,
      hint: body?.error?.hint,
    };
  };
}

const everyRead = ['/api/v1/head', '/api/v1/resources', '/api/v1/journal', '/metrics', '/plugins/rollout/x'];
const everyPublic = ['/', '/healthz', '/readyz', '/docs', '/docs/assets/start.js', '/openapi.json'];

describe('a server on this machine without a token', () => {
  it('lets this machine read and change', async () => {
    const ask = app();
    for (const path of [...everyRead, ...everyPublic])
      expect((await ask('GET', path)).status, path).toBe(200);
    expect((await ask('POST', '/api/v1/look')).status).toBe(202);
    expect((await ask('POST', '/plugins/rollout/x')).status).toBe(200);
  });

  it.each([
    'localhost:8081',
    'localhost',
    '127.0.0.1:8081',
    '127.0.0.1',
    '[::1]:8081',
    'switchyard.localhost',
    '10.0.0.7:8081',
    'LOCALHOST:1',
  ])('answers for the host %s', async (host) => {
    expect((await app()('GET', '/api/v1/head', { host })).status).toBe(200);
  });

  it.each(['evil.test', 'evil.test:8081', 'localhost.evil.test', '127.0.0.1.evil.test', 'xlocalhost', ''])(
    'refuses the host %j, which could have been made to point here',
    async (host) => {
      const ask = app();
      for (const path of [...everyRead, ...everyPublic]) {
        expect(await ask('GET', path, { host }), path).toMatchObject({ status: 403, code: 'ForeignHost' });
      }
      expect(await ask('POST', '/api/v1/look', { host })).toMatchObject({ status: 403, code: 'ForeignHost' });
      expect(kernel.looks).toBe(0);
    },
  );

  it('answers for names that the operator allows', async () => {
    const ask = app({ allowedHosts: ['Switchyard.example.test'] });
    expect((await ask('GET', '/api/v1/head', { host: 'switchyard.example.test:443' })).status).toBe(200);
    expect((await ask('GET', '/api/v1/head', { host: 'other.example.test' })).status).toBe(403);
  });

  it.each([
    ['of another site', { origin: 'https://evil.test' }],
    ['of another port of this machine', { origin: 'http://127.0.0.1:3000' }],
    ['of no origin that can be named', { origin: 'null' }],
    ['of which the browser says cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['of which the browser says same-site', { 'sec-fetch-site': 'same-site' }],
  ])('lets no page %s change anything', async (_which, headers) => {
    const ask = app();
    for (const path of [
      '/api/v1/look',
      '/api/v1/resources/Model/bird-strike/reconcile',
      '/plugins/rollout/x',
    ]) {
      expect(await ask('POST', path, headers), path).toMatchObject({ status: 403, code: 'ForeignOrigin' });
    }
    expect([kernel.looks, kernel.woken]).toEqual([0, []]);
  });

  it('lets its own pages change things', async () => {
    const own = { host: '127.0.0.1:8081', origin: 'http://127.0.0.1:8081', 'sec-fetch-site': 'same-origin' };
    expect((await app()('POST', '/api/v1/look', own)).status).toBe(202);
  });
});

describe('a server on this machine with a token', () => {
  it('lets anybody here read, and who has the token change', async () => {
    const ask = app({ token });
    for (const path of everyRead) expect((await ask('GET', path)).status, path).toBe(200);
    expect((await ask('POST', '/api/v1/look', { authorization: `Bearer ${token}` })).status).toBe(202);
    expect((await ask('POST', '/api/v1/look', { authorization: `bearer ${token}` })).status).toBe(202);
    expect((await ask('POST', '/plugins/rollout/x', { authorization: `Bearer ${token}` })).status).toBe(200);
  });

  it.each([
    ['none', undefined],
    ['a wrong one', 'Bearer wrong'],
    ['a longer one', `Bearer ${token}x`],
    ['the beginning of it', `Bearer ${token.slice(0, -1)}`],
    ['an empty one', 'Bearer '],
    ['it in another way', `Basic ${token}`],
    ['it without a scheme', token],
  ])('lets who has %s change nothing, and says what is asked for', async (_what, authorization) => {
    const ask = app({ token });
    for (const path of ['/api/v1/look', '/plugins/rollout/x']) {
      const answer = await ask('POST', path, authorization === undefined ? {} : { authorization });
      expect(answer).toMatchObject({ status: 401, code: 'Unauthorized' });
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(answer.hint).toContain('SWITCHYARD_API_TOKEN');
    }
    expect(kernel.looks).toBe(0);
  });

  it('lets no foreign page change anything, even with the token', async () => {
    const headers = { authorization: `Bearer ${token}`, origin: 'https://evil.test' };
    expect(await app({ token })('POST', '/api/v1/look', headers)).toMatchObject({ status: 403 });
  });

  it('answers who has the token under any name', async () => {
    const ask = app({ token });
    const authorization = `Bearer ${token}`;
    expect((await ask('GET', '/api/v1/head', { host: 'proxy.example.test', authorization })).status).toBe(
      200,
    );
    expect(await ask('GET', '/api/v1/head', { host: 'proxy.example.test' })).toMatchObject({ status: 403 });
  });

  it('does not begin where reading needs a token and there is none', () => {
    expect(() => app({ requireTokenForReads: true })).toThrowError(
      expect.objectContaining({ code: 'ApiTokenMissing' }),
    );
  });

  it('may ask for the token for reads too, but for what tells nothing', async () => {
    const ask = app({ token, requireTokenForReads: true });
    for (const path of everyRead) {
      expect(await ask('GET', path), path).toMatchObject({ status: 401, code: 'Unauthorized' });
      expect((await ask('GET', path, { authorization: `Bearer ${token}` })).status, path).toBe(200);
    }
    for (const path of everyPublic) expect((await ask('GET', path)).status, path).toBe(200);
  });
});

describe('a server that other machines reach', () => {
  it('lets nobody change anything while it has no token, and says what to do', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'switchyard.example.test']) {
      const ask = app({ host });
      expect((await ask('GET', '/api/v1/head')).status).toBe(200);
      const answer = await ask('POST', '/api/v1/look');
      expect(answer).toMatchObject({ status: 403, code: 'MutationsNeedToken' });
      expect(answer.hint).toContain('SWITCHYARD_API_TOKEN');
    }
    expect(kernel.looks).toBe(0);
  });

  it('lets who has the token change things', async () => {
    const ask = app({ host: '0.0.0.0', token });
    expect((await ask('POST', '/api/v1/look', { authorization: `Bearer ${token}` })).status).toBe(202);
    expect(await ask('POST', '/api/v1/look')).toMatchObject({ status: 401 });
  });

  it('answers for the name that it listens on', async () => {
    const ask = app({ host: 'switchyard.example.test' });
    expect((await ask('GET', '/api/v1/head', { host: 'switchyard.example.test:8081' })).status).toBe(200);
  });
});

describe('the token', () => {
  it('is in no answer and no line of the log', async () => {
    const server = createApp({ kernel, log, token, requireTokenForReads: true });
    const texts: string[] = [];
    for (const authorization of [`Bearer ${token}`, `Basic ${token}`, `Bearer ${token}-nearly`]) {
      for (const [method, path] of [
        ['GET', '/api/v1/head'],
        ['POST', '/api/v1/look'],
        ['PUT', '/api/v1/look'],
        ['GET', '/nowhere'],
        ['GET', '/api/v1/head?token=x'],
      ] as const) {
        const answer = await server.request(path, { method, headers: { authorization } });
        texts.push(await answer.text(), JSON.stringify([...answer.headers]));
      }
    }
    expect(texts.join('\n')).not.toContain(token);
    expect(JSON.stringify(log.lines)).not.toContain(token);
  });
});
