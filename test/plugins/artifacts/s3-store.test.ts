import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OpenArtifact } from '../../../core/capabilities/artifact-store.ts';
import { ObjectStorage } from '../../../libraries/object-storage/index.ts';
import type { CredentialPlaces } from '../../../plugins/artifacts/credentials.ts';
import { anonymously, knownBucket, s3Settings } from '../../../plugins/artifacts/s3-settings.ts';
import { s3Store } from '../../../plugins/artifacts/s3-store.ts';
import { defaultArtifactSettings } from '../../../plugins/artifacts/settings.ts';
import { artifactStoreSuite } from '../../conformance/artifact-store.ts';
import { type Fault, hangingUp, refusing, S3Server, s3Keys, silent } from '../../fixtures/s3-server.ts';
import { versionResource } from './resource.ts';

const keys = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

let server: S3Server;
let folder: string;
beforeAll(async () => {
  server = await S3Server.start();
  folder = await mkdtemp(join(tmpdir(), 'switchyard-s3-store-'));
});
afterEach(() => {
  server.fault = () => false;
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function put(key: string, bytes: Uint8Array): Promise<string> {
  const storage = new ObjectStorage({
    place: { endpoint: server.endpoint, bucket: 'logs', region: 'us-east-1', pathStyle: true },
    credentials: () => s3Keys,
    idleMs: 10_000,
  });
  const path = join(folder, 'put');
  await writeFile(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await storage.put(key, path, { bytes: bytes.length, sha256 });
  return `s3://logs/${key}`;
}

function opener(places: Partial<CredentialPlaces> = {}, s3: object = { logs: {} }, times: object = {}) {
  const environment = { AWS_ENDPOINT_URL_S3: server.endpoint, ...(places.environment ?? keys) };
  return s3Store({ ...defaultArtifactSettings, ...times, s3: s3Settings(s3) }, { ...places, environment });
}

async function read(store: ReturnType<typeof opener>, uri: string, more: Partial<OpenArtifact> = {}) {
  const { signal } = new AbortController();
  const opened = await store.open({ uri, resource: versionResource(), signal, ...more });
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.body) pieces.push(piece);
  return { ...opened, body: Buffer.concat(pieces).toString() };
}

artifactStoreSuite('s3', async () => {
  let count = 0;
  return {
    store: opener(),
    put: async (bytes) => ({
      uri: await put(`models/one ${count++}+ü.onnx`, bytes),
      resource: versionResource(),
    }),
    missing: async () => ({ uri: 's3://logs/models/missing.onnx', resource: versionResource() }),
    hostile: [
      's3://user:hunter2@logs/model.onnx',
      's3://logs/../other/model.onnx',
      's3://logs/a/./b',
      's3://logs/',
      's3://logs',
      's3:logs/model.onnx',
      's3:///model.onnx',
      's3://LOGS/model.onnx?hunter2',
      's3://logs@127.0.0.1/hunter2',
      's3://logs/a\u0000b',
      // Not among those that the operator names.
      's3://other/model.onnx',
    ],
    close: async () => {},
  };
});

describe('the rest of an object', () => {
  test('comes where it is still the same, and is all of it where it is not', async () => {
    const uri = await put('rest', Buffer.from('0123456789'));
    const whole = await read(opener(), uri);
    expect(whole).toMatchObject({ body: '0123456789', from: 0, size: 10, validator: expect.any(String) });
    const validator = whole.validator ?? '';
    const asked = server.asked.length;
    expect(await read(opener(), uri, { resume: { from: 4, validator } })).toMatchObject({
      ...{ body: '456789', from: 4, size: 10, validator },
    });
    expect(server.asked).toHaveLength(asked + 1);
    // s3rver answers a part of what it has whatever the condition says; Amazon S3 and others refuse.
    server.fault = (request, response) =>
      request.headers['if-match'] !== undefined && refusing(412, 'PreconditionFailed')(request, response);
    expect(await read(opener(), uri, { resume: { from: 4, validator } })).toMatchObject({
      ...{ body: '0123456789', from: 0 },
    });
    server.fault = () => false;
    expect(await read(opener(), uri, { resume: { from: 40, validator } })).toMatchObject({
      from: 0,
      size: 10,
    });
  });
});

describe('what the storage refuses', () => {
  const skewed: Fault = (_request, response) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    return refusing(403, 'RequestTimeTooSkewed')(_request, response);
  };
  const elsewhere: Fault = (_request, response) => {
    response.setHeader('x-amz-bucket-region', 'eu-west-1');
    return refusing(301, 'PermanentRedirect')(_request, response);
  };
  test.each<[string, Fault, string, RegExp, RegExp]>([
    ['a clock that is wrong', skewed, 'ArtifactUnreachable', /clock .* by (3600|3599|3601) s/, /NTP/],
    [
      'a token that has expired',
      refusing(400, 'ExpiredToken'),
      'ArtifactUnreachable',
      /have expired/,
      /Renew/,
    ],
    [
      'another region',
      elsewhere,
      'ArtifactRefused',
      /not in the region us-east-1, but in eu-west-1/,
      /eu-west-1/,
    ],
    ['no access', refusing(403, 'AccessDenied'), 'ArtifactRefused', /gives no access/, /s3:GetObject/],
    [
      'a bucket that is not there',
      refusing(404, 'NoSuchBucket'),
      'ArtifactMissing',
      /has no bucket logs/,
      /Correct/,
    ],
    ['a key that is not there', refusing(404, 'NoSuchKey'), 'ArtifactMissing', /no such key/, /Correct/],
    ['too many requests', refusing(503, 'SlowDown'), 'ArtifactUnreachable', /SlowDown/, /tried again/],
    ['a line that breaks', hangingUp, 'ArtifactUnreachable', /gives no answer/, /tried again/],
    ['anything else', refusing(403, 'InvalidObjectState'), 'ArtifactRefused', /InvalidObjectState/, /./],
  ])('%s is told as what it is', async (_title, fault, code, message, hint) => {
    server.fault = fault;
    await expect(read(opener(), 's3://logs/m')).rejects.toMatchObject({
      code,
      where: 's3://logs/m',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test('keys that are wrong are told without them', async () => {
    const environment = { ...keys, AWS_SECRET_ACCESS_KEY: 'hunter2' };
    const error = await read(opener({ environment }), 's3://logs/m').catch((thrown: Error) => thrown);
    expect(error).toMatchObject({
      code: 'ArtifactRefused',
      message: expect.stringContaining('SignatureDoesNotMatch'),
    });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('hunter2');
  });

  test('a storage that says nothing, or stops in the middle, is given up', async () => {
    const store = opener({}, { logs: {} }, { connectTimeoutMs: 100, idleTimeoutMs: 100 });
    server.fault = silent;
    await expect(read(store, 's3://logs/m')).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('nothing came for 100 ms'),
    });
    server.fault = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      return response.write('0123');
    };
    await expect(read(store, 's3://logs/m')).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('nothing came for 100 ms'),
    });
  });
});

describe('credentials', () => {
  test('come from secrets of the registry, and are told apart from those of the environment', async () => {
    const uri = await put('secret', Buffer.from('content'));
    const secret: CredentialPlaces['secret'] = async ({ name, key }) => {
      if (name !== 'bucket') throw new Error(`no Secret "${name}" is read`);
      return { reveal: () => (key === 'id' ? 'S3RVER' : 'S3RVER') };
    };
    const named = (name: string) => ({
      accessKey: { secretRef: { name, key: 'id' } },
      secretKey: { secretRef: { name, key: 'secret' } },
    });
    // The session token of the environment belongs to other keys.
    const environment = { AWS_SESSION_TOKEN: 'hunter2' };
    const store = opener({ environment, secret }, { logs: named('bucket') });
    expect((await read(store, uri)).body).toBe('content');
    await expect(read(opener({ environment, secret }, { logs: named('late') }), uri)).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('no Secret "late" is read'),
    });
  });

  test('are asked for where nobody gives any, and not sent where anybody may read', async () => {
    const uri = await put('open', Buffer.from('content'));
    await expect(read(opener({ environment: {} }), uri)).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
      message: expect.stringContaining('anonymous: true'),
    });
    let authorization: string | undefined = 'not asked';
    server.fault = (request, response) => {
      authorization = request.headers.authorization;
      response.end('for all');
      return true;
    };
    expect((await read(opener({}, { '*': { anonymous: true } }), uri)).body).toBe('for all');
    expect(authorization).toBeUndefined();
  });
});

describe('settings of buckets', () => {
  const environment = {};
  const placeOf = (block: object, bucket = 'models', from: Record<string, string> = {}) =>
    knownBucket(s3Settings(block), bucket, { environment: from })?.place;

  test('say where a bucket is; what they leave out is as of Amazon S3', () => {
    expect(placeOf({ '*': {} })).toEqual({
      ...{ endpoint: 'https://s3.us-east-1.amazonaws.com', bucket: 'models', region: 'us-east-1' },
      pathStyle: false,
    });
    expect(placeOf({ '*': {} }, 'models', { AWS_REGION: 'eu-central-1' })?.endpoint).toBe(
      'https://s3.eu-central-1.amazonaws.com',
    );
    expect(placeOf({ '*': {} }, 'models.example.com')?.pathStyle).toBe(true);
    const minio = { endpoint: 'https://minio.example.com:9000/', region: 'home' };
    expect(placeOf({ models: minio })).toEqual({
      ...{ endpoint: 'https://minio.example.com:9000', bucket: 'models', region: 'home', pathStyle: true },
    });
    expect(placeOf({ models: minio }, 'other')).toBeUndefined();
  });

  test.each<[object, RegExp]>([
    [{}, /must map/],
    [{ Models: {} }, /no name of a bucket/],
    [{ models: { secret: 'hunter2' } }, /is not a setting/],
    [{ models: { secretKey: 'hunter2' } }, /never the credential itself/],
    [{ models: { endpoint: 'minio' } }, /must be a URL/],
    [{ models: { endpoint: 'https://user:hunter2@minio.example.com' } }, /must hold no credentials/],
    [{ models: { endpoint: 'http://minio.example.com' } }, /must be https/],
    [{ models: { region: 'EU!' } }, /must be a region/],
    [{ models: { anonymous: true, accessKeyVariable: 'A' } }, /cannot stand beside keys/],
    [{ models: { pathStyle: 'yes' } }, /must be true or false/],
  ])('%j make no sense', (block, message) => {
    let error: unknown;
    try {
      s3Settings(block);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'InvalidArtifactSetting', message: expect.stringMatching(message) });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('hold no key for the proposal of a stranger', async () => {
    const block = {
      models: { endpoint: 'https://minio.example.com', accessKeyVariable: 'A', secretKeyVariable: 'B' },
    };
    const known = knownBucket(anonymously(s3Settings(block)), 'models', { environment });
    expect(known?.place.endpoint).toBe('https://minio.example.com');
    expect(await known?.credentials()).toBeUndefined();
  });
});
