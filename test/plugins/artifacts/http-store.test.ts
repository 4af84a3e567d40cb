import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { OpenArtifact } from '../../../core/capabilities/artifact-store.ts';
import { classOf, settingThatForbids } from '../../../plugins/artifacts/address.ts';
import { type CredentialPlaces, tokenVariableOf } from '../../../plugins/artifacts/credentials.ts';
import { httpStore } from '../../../plugins/artifacts/http-store.ts';
import {
  type ArtifactSettings,
  artifactSettings,
  type Credential,
  defaultArtifactSettings,
} from '../../../plugins/artifacts/settings.ts';
import { withinSize } from '../../../plugins/artifacts/within-size.ts';
import { artifactStoreSuite } from '../../conformance/artifact-store.ts';
import { versionResource } from './resource.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ origin: string; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer(handler);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((settle) => server.close(settle));
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** A server for one test. */
async function serveOnce(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const { origin, close } = await serve(handler);
  open.push(close);
  return origin;
}

function attempt(
  uri: string,
  settings: Partial<ArtifactSettings> = {},
  environment: NodeJS.ProcessEnv = {},
  more: Partial<OpenArtifact> = {},
  secret?: CredentialPlaces['secret'],
): Promise<Buffer> {
  const store = httpStore(
    { ...defaultArtifactSettings, ...settings },
    { environment, ...(secret && { secret }) },
  );
  return (async () => {
    const pieces: Uint8Array[] = [];
    const signal = new AbortController().signal;
    const opened = await store.open({ uri, resource: versionResource(), signal, ...more });
    for await (const piece of opened.body) pieces.push(piece);
    return Buffer.concat(pieces);
  })();
}

artifactStoreSuite('http', async () => {
  const files = new Map<string, Uint8Array>();
  const { origin, close } = await serve((request, response) => {
    const bytes = files.get(request.url ?? '');
    if (bytes === undefined) return void response.writeHead(404).end();
    response.writeHead(200, files.size % 2 === 0 ? { 'content-length': bytes.byteLength } : {}).end(bytes);
  });
  return {
    store: httpStore(defaultArtifactSettings, { environment: {} }),
    put: async (bytes) => {
      files.set(`/${files.size}`, bytes);
      return { uri: `${origin}/${files.size - 1}`, resource: versionResource() };
    },
    missing: async () => ({ uri: `${origin}/missing`, resource: versionResource() }),
    hostile: [
      'http://user:hunter2@127.0.0.1/model.onnx',
      'https://hunter2@models.example.com/model.onnx',
      'http://user:hunter2@/',
      'ftp://user:hunter2@127.0.0.1/model.onnx',
      'http://169.254.169.254/latest/meta-data?x=hunter2',
      'http://[fe80::1]/model.onnx',
      'http://[::ffff:169.254.169.254]/',
      'http://2852039166/',
      'http://[fd00:ec2::254]/',
      'http://10.0.0.1/',
      'http://0.0.0.0/',
      'https://[64:ff9b::a00:1]/',
    ],
    close,
  };
});

describe('what the store does not get', () => {
  test.each([408, 429, 500, 503])('an answer %i may be tried again', async (status) => {
    const origin = await serveOnce((_request, response) => void response.writeHead(status).end());
    await expect(attempt(`${origin}/m`)).rejects.toMatchObject({ code: 'ArtifactUnreachable' });
  });

  test.each([401, 403])('an answer %i asks for a token', async (status) => {
    const origin = await serveOnce((_request, response) => void response.writeHead(status).end());
    await expect(attempt(`${origin}/m`)).rejects.toMatchObject({
      code: 'ArtifactRefused',
      hint: expect.stringContaining('token'),
    });
  });

  test('a refused connection may be tried again, and names host and path but no query', async () => {
    const { origin, close } = await serve(() => {});
    await close();
    await expect(attempt(`${origin}/m.onnx?signature=hunter2`)).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      where: `${origin}/m.onnx`,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('a download that is cut short is an error, not a shorter artifact', async () => {
    const origin = await serveOnce((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write(Buffer.alloc(500), () => response.destroy());
    });
    await expect(attempt(`${origin}/m`)).rejects.toMatchObject({ code: 'ArtifactUnreachable' });
  });

  test('a server that never answers is given up after the connect timeout', async () => {
    const origin = await serveOnce(() => {});
    await expect(attempt(`${origin}/m`, { connectTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('no answer within 100 ms'),
    });
  });

  test('a server that stops in the middle is given up after the idle timeout', async () => {
    const origin = await serveOnce((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half');
    });
    await expect(attempt(`${origin}/m`, { idleTimeoutMs: 100 })).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('nothing came for 100 ms'),
    });
  });

  test('a server that trickles is given up after the total timeout', async () => {
    const origin = await serveOnce((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    await expect(attempt(`${origin}/m`, { totalTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('not complete within 300 ms'),
    });
  });

  test('a reader that is slower than the idle timeout loses nothing', async () => {
    const origin = await serveOnce((_request, response) => void response.end(Buffer.alloc(3_000_000)));
    const store = httpStore({ ...defaultArtifactSettings, idleTimeoutMs: 50 }, { environment: {} });
    const signal = new AbortController().signal;
    const opened = await store.open({ uri: `${origin}/m`, resource: versionResource(), signal });
    let read = 0;
    let slow = true;
    for await (const piece of opened.body) {
      if (slow) await new Promise((settle) => setTimeout(settle, 150));
      slow = false;
      read += piece.byteLength;
    }
    expect(read).toBe(3_000_000);
  });

  test('an encoded answer is refused: its digest would be of other bytes', async () => {
    const origin = await serveOnce(
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    );
    await expect(attempt(`${origin}/m`)).rejects.toMatchObject({ code: 'ArtifactRefused' });
  });
});

describe('the rest of an artifact', () => {
  const whole = Buffer.from('0123456789');
  /** Answers parts as servers do, and says what it was asked. */
  async function ranged(headers: Record<string, string>, content: Buffer = whole) {
    const asked: string[] = [];
    const origin = await serveOnce((request, response) => {
      const { range, 'if-range': condition } = request.headers;
      asked.push(`${range} ${condition}`);
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      const names = Object.values(headers);
      if (from === 0 || (condition !== undefined && !names.includes(String(condition)))) {
        return void response.writeHead(200, { ...headers, 'content-length': content.length }).end(content);
      }
      if (from >= content.length) return void response.writeHead(416).end();
      const part = `bytes ${from}-${content.length - 1}/${content.length}`;
      response.writeHead(206, { ...headers, 'content-range': part }).end(content.subarray(from));
    });
    return { uri: `${origin}/m`, asked };
  }
  const opened = async (uri: string, resume: OpenArtifact['resume'], maxBytes = 10) => {
    const store = httpStore(defaultArtifactSettings, { environment: {} });
    const signal = new AbortController().signal;
    const found = await store.open({ uri, resource: versionResource(), signal, resume, maxBytes });
    const pieces: Uint8Array[] = [];
    for await (const piece of found.body) pieces.push(piece);
    return { ...found, body: Buffer.concat(pieces).toString() };
  };

  test.each<Record<string, string>>([
    { etag: '"one"' },
    { 'last-modified': 'Sun, 29 Nov 2026 10:00:00 GMT' },
  ])('comes where the server still has it under the name %j', async (headers) => {
    const [name = ''] = Object.values(headers);
    const { uri, asked } = await ranged(headers);
    expect(await opened(uri, undefined)).toMatchObject({ body: '0123456789', from: 0, validator: name });
    expect(await opened(uri, { from: 4, validator: name })).toMatchObject({
      ...{ body: '456789', from: 4, validator: name },
    });
    expect(asked).toEqual(['undefined undefined', `bytes=4- ${name}`]);
  });

  test('is the whole where the server has something else now, or less', async () => {
    const changed = await ranged({ etag: '"two"' });
    expect(await opened(changed.uri, { from: 4, validator: '"one"' })).toMatchObject({
      ...{ body: '0123456789', from: 0, validator: '"two"' },
    });
    const shorter = await ranged({ etag: '"one"' }, whole.subarray(0, 3));
    expect(await opened(shorter.uri, { from: 4, validator: '"one"' })).toMatchObject({
      body: '012',
      from: 0,
    });
  });

  test('cannot be asked for where the server names its content loosely or not at all', async () => {
    for (const headers of [{}, { etag: 'W/"one"' }] as Record<string, string>[]) {
      const { uri } = await ranged(headers);
      expect(await opened(uri, undefined)).not.toHaveProperty('validator');
    }
  });

  test('counts with what was there before against the declared size', async () => {
    const { uri } = await ranged({ etag: '"one"' });
    await expect(opened(uri, { from: 4, validator: '"one"' }, 9)).rejects.toMatchObject({
      code: 'ArtifactTooLarge',
    });
  });

  test('is refused where the server sends another part', async () => {
    const origin = await serveOnce(
      (_request, response) =>
        void response.writeHead(206, { 'content-range': 'bytes 2-9/10' }).end('23456789'),
    );
    await expect(opened(origin, { from: 4, validator: '"one"' })).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('another part'),
    });
  });
});

test('no more is taken than the operator allows, whatever a manifest declares', async () => {
  let asked = 0;
  const uri = await serveOnce((_request, response) => {
    asked++;
    response.end(Buffer.alloc(100));
  });
  const store = withinSize(httpStore(defaultArtifactSettings, { environment: {} }), 100);
  const opening = (maxBytes: number | undefined) =>
    store.open({ uri, resource: versionResource(), signal: new AbortController().signal, maxBytes });
  await expect(opening(101)).rejects.toMatchObject({
    code: 'ArtifactTooLarge',
    message: 'the artifact has 101 bytes, and this machine takes at most 100',
  });
  expect(asked).toBe(0);
  for (const maxBytes of [100, undefined]) expect((await opening(maxBytes)).size).toBe(100);
});

describe('redirects', () => {
  test('lead on within one host', async () => {
    const origin = await serveOnce((request, response) => {
      if (request.url === '/m') response.writeHead(302, { location: '/moved' }).end();
      else response.end('content');
    });
    expect((await attempt(`${origin}/m`)).toString()).toBe('content');
  });

  test('do not lead to another http host', async () => {
    const other = await serveOnce((_request, response) => void response.end('content'));
    const origin = await serveOnce(
      (_request, response) => void response.writeHead(302, { location: `${other}/m` }).end(),
    );
    await expect(attempt(`${origin}/m`)).rejects.toMatchObject({ code: 'ArtifactRefused' });
  });

  test.each(['https://169.254.169.254/', 'file:///etc/passwd', 'https://user:hunter2@models.example.com/'])(
    'do not lead to %s',
    async (location) => {
      const origin = await serveOnce(
        (_request, response) => void response.writeHead(302, { location }).end(),
      );
      const error = await attempt(`${origin}/m`).catch(
        (thrown: unknown) => thrown as Error & { where: string },
      );
      expect(error).toMatchObject({ code: 'ArtifactRefused' });
      expect(JSON.stringify(error)).not.toContain('hunter2');
    },
  );

  test('are followed only so far', async () => {
    let asked = 0;
    const origin = await serveOnce((_request, response) => {
      asked++;
      response.writeHead(302, { location: `/${asked}` }).end();
    });
    await expect(attempt(`${origin}/m`)).rejects.toMatchObject({ code: 'ArtifactRefused' });
    expect(asked).toBe(6);
  });
});

describe('addresses', () => {
  test('loopback is refused where the operator says so, also behind a name', async () => {
    const origin = await serveOnce((_request, response) => void response.end('content'));
    for (const uri of [origin, origin.replace('127.0.0.1', 'localhost')]) {
      await expect(attempt(uri, { allowLoopback: false })).rejects.toMatchObject({
        code: 'ArtifactRefused',
        hint: expect.stringContaining('artifacts.allowLoopback'),
      });
    }
  });

  test('each class of address has a setting of its own', () => {
    const none = { allowLoopback: false, allowPrivate: false, allowLinkLocal: false };
    const rows: [string, string, string | null | undefined][] = [
      ['127.0.0.1', 'loopback', 'allowLoopback'],
      ['::1', 'loopback', 'allowLoopback'],
      ['::ffff:127.0.0.1', 'loopback', 'allowLoopback'],
      ['10.1.2.3', 'private', 'allowPrivate'],
      ['fd12::1', 'private', 'allowPrivate'],
      ['169.254.169.254', 'link-local', 'allowLinkLocal'],
      ['::ffff:169.254.169.254', 'link-local', 'allowLinkLocal'],
      ['64:ff9b::a9fe:a9fe', 'link-local', 'allowLinkLocal'],
      ['fd00:ec2::254', 'link-local', 'allowLinkLocal'],
      ['0.0.0.0', 'unusable', null],
      ['224.0.0.1', 'unusable', null],
      ['192.0.2.1', 'public', undefined],
      ['2001:db8::1', 'public', undefined],
    ];
    for (const [address, kind, setting] of rows) {
      expect([address, classOf(address), settingThatForbids(address, none)]).toEqual([
        address,
        kind,
        setting,
      ]);
      if (typeof setting === 'string') {
        expect(settingThatForbids(address, { ...none, [setting]: true })).toBeUndefined();
      }
    }
  });
});

describe('credentials', () => {
  const echo = () =>
    serveOnce((request, response) => void response.end(request.headers.authorization ?? 'no credentials'));

  test('come from the environment, by host and port', async () => {
    const origin = await echo();
    const variable = tokenVariableOf(new URL(origin).host) ?? '';
    expect(variable).toMatch(/^SWITCHYARD_ARTIFACT_TOKEN_127_0_0_1_\d+$/);
    expect((await attempt(origin, {}, { [variable]: 'hunter2' })).toString()).toBe('Bearer hunter2');
    expect((await attempt(origin, {}, { SWITCHYARD_ARTIFACT_TOKEN_127_0_0_1: 'hunter2' })).toString()).toBe(
      'no credentials',
    );
  });

  test('come from the settings, as a token or as the name of a variable', async () => {
    const origin = await echo();
    const { host } = new URL(origin);
    expect((await attempt(origin, { credentials: { [host]: { token: 'hunter2' } } })).toString()).toBe(
      'Bearer hunter2',
    );
    const byVariable = { credentials: { [host]: { tokenVariable: 'STORE' } } };
    expect((await attempt(origin, byVariable, { STORE: 'hunter2' })).toString()).toBe('Bearer hunter2');
  });

  test('are not sent on to where a redirect leads', async () => {
    // Another port is another origin; the answer to the redirect is refused before anything is sent there.
    let asked = false;
    const other = await serveOnce((_request, response) => {
      asked = true;
      response.end();
    });
    const origin = await serveOnce(
      (_request, response) => void response.writeHead(302, { location: other }).end(),
    );
    const credentials = { [new URL(origin).host]: { token: 'hunter2' } };
    await expect(attempt(origin, { credentials })).rejects.toMatchObject({ code: 'ArtifactRefused' });
    expect(asked).toBe(false);
  });

  test('come from secrets of the registry, read anew each time, as a token or as a password', async () => {
    const origin = await echo();
    const { host } = new URL(origin);
    let text = 'hunter2';
    const secret: CredentialPlaces['secret'] = async ({ name, key }) => {
      if (name !== 'store') throw new Error(`no Secret "${name}" is read`);
      return { reveal: () => `${key}-${text}` };
    };
    const ask = (opens: Credential) => attempt(origin, { credentials: { [host]: opens } }, {}, {}, secret);
    const token = { token: { secretRef: { name: 'store', key: 'token' } } };
    expect((await ask(token)).toString()).toBe('Bearer token-hunter2');
    text = 'changed';
    expect((await ask(token)).toString()).toBe('Bearer token-changed');
    const basic = { username: 'ada', password: { secretRef: { name: 'store', key: 'password' } } };
    expect((await ask(basic)).toString()).toBe(
      `Basic ${Buffer.from('ada:password-changed').toString('base64')}`,
    );
    // A Secret may come into the registry a moment later than what needs it.
    await expect(ask({ token: { secretRef: { name: 'late', key: 'token' } } })).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('no Secret "late" is read'),
    });
  });

  test('are never sent in clear to another machine', async () => {
    const credentials = { 'models.example.com': { token: 'hunter2' } };
    const error = await attempt('http://models.example.com/m', { credentials }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'ArtifactRefused', message: expect.stringContaining('in clear') });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('no two hosts share a variable', () => {
    expect(tokenVariableOf('models-eu.example.com')).toBe('SWITCHYARD_ARTIFACT_TOKEN_MODELS__EU_EXAMPLE_COM');
    expect(tokenVariableOf('models.eu.example.com')).toBe('SWITCHYARD_ARTIFACT_TOKEN_MODELS_EU_EXAMPLE_COM');
    expect(tokenVariableOf('models.-eu.example.com')).toBeUndefined();
    expect(tokenVariableOf('models_eu.example.com')).toBeUndefined();
    expect(tokenVariableOf('[::1]:80')).toBeUndefined();
  });
});

describe('settings', () => {
  test('have defaults and are checked', () => {
    expect(artifactSettings({})).toEqual(defaultArtifactSettings);
    expect(artifactSettings({ allowPrivate: true, idleTimeoutMs: 5 })).toMatchObject({
      allowPrivate: true,
      idleTimeoutMs: 5,
    });
    const wrong: Record<string, unknown>[] = [
      { allowPrivat: true },
      { allowPrivate: 'yes' },
      { idleTimeoutMs: 0 },
      { credentials: [] },
      { credentials: { host: { password: 'hunter2' } } },
      { credentials: { host: { username: 'ada', password: 'hunter2' } } },
      { credentials: { host: { token: 'hunter2', tokenVariable: 'HUNTER' } } },
      { credentials: { host: {} } },
      { maxSize: '1 gb' },
    ];
    for (const block of wrong) {
      let error: unknown;
      try {
        artifactSettings(block);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: 'InvalidArtifactSetting' });
      expect(String(error)).not.toContain('hunter2');
    }
  });
});
