import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ObjectStorage, type ObjectStorageOptions } from '../../../libraries/object-storage/index.ts';
import { urlOf } from '../../../libraries/object-storage/signed-request.ts';
import { hangingUp, refusing, S3Server, s3Keys, silent } from '../../fixtures/s3-server.ts';

let server: S3Server;
let folder: string;

beforeAll(async () => {
  server = await S3Server.start();
  folder = mkdtempSync(join(tmpdir(), 'switchyard-objects-'));
});
afterEach(() => {
  server.fault = () => false;
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const place = () => ({ endpoint: server.endpoint, bucket: 'logs', region: 'eu-central-1', pathStyle: true });
const open = (more: Partial<ObjectStorageOptions> = {}) =>
  new ObjectStorage({ place: place(), credentials: () => s3Keys, idleMs: 10_000, ...more });
const target = () => join(folder, 'target');

function source(content: string): [path: string, object: { bytes: number; sha256: string }] {
  const path = join(folder, 'source');
  writeFileSync(path, content);
  return [path, { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }];
}

describe('an object storage', () => {
  it('keeps files under keys, gives them back whole and in part, and lets go of them', async () => {
    const storage = open();
    const key = "a folder/date=2026-11-01/it's (+) ü~.parquet";
    const [path, object] = source('0123456789');
    await storage.put(key, path, object);
    expect(await storage.get(key, target())).toEqual(object);
    expect(readFileSync(target(), 'utf8')).toBe('0123456789');
    expect((await storage.part(key, 2, 5)).toString()).toBe('234');
    expect(await storage.has(key)).toBe(true);
    await storage.remove(key);
    await storage.remove(key);
    expect(await storage.has(key)).toBe(false);
  });

  it('keeps what is empty, and short texts', async () => {
    const storage = open();
    const [path, object] = source('');
    await storage.put('empty', path, object);
    expect(await storage.get('empty', target())).toEqual(object);
    await storage.putText('text', 'a word');
    expect((await storage.part('text', 0, 100)).toString()).toBe('a word');
  });

  const listed = async (prefix: string) => {
    const found: string[] = [];
    for await (const { key, bytes } of open().list(prefix)) found.push(`${key} ${bytes}`);
    return found.sort();
  };

  it('lists what begins so', async () => {
    for (const name of ['a', 'date=2026-11-01/b.parquet']) await open().putText(`listed/${name}`, name);
    await open().putText('elsewhere', 'x');
    expect(await listed('listed/')).toEqual(['listed/a 1', 'listed/date=2026-11-01/b.parquet 25']);
    expect(await listed('nothing/')).toEqual([]);
  });

  it('lists page after page', async () => {
    // The pages of s3rver need a cipher that OpenSSL 3 has no more: these are as the API is documented.
    server.fault = ({ url = '' }, response) => {
      const token = new URL(url, 'http://localhost').searchParams.get('continuation-token');
      const [key, rest] =
        token === null
          ? [
              'a&amp;b&#39;',
              '<NextContinuationToken>1/+=&amp;</NextContinuationToken><IsTruncated>true</IsTruncated>',
            ]
          : [token === '1/+=&' ? 'b' : 'wrong', '<IsTruncated>false</IsTruncated>'];
      response.end(
        `<ListBucketResult>${rest}<Contents><Key>${key}</Key><Size>7</Size></Contents></ListBucketResult>`,
      );
      return true;
    };
    expect(await listed('')).toEqual(["a&b' 7", 'b 7']);
  });

  it.each([
    ['AWSKEY', 'S3RVER', 'InvalidAccessKeyId'],
    ['S3RVER', 'not-the-secret', 'SignatureDoesNotMatch'],
  ])('says what the storage says to %s with %s, and no secret', async (accessKey, secretKey, code) => {
    const storage = open({ credentials: () => ({ accessKey, secretKey }) });
    const refused = storage.putText('x', 'y');
    await expect(refused).rejects.toMatchObject({ status: 403, code, isMissing: false });
    expect(String(await refused.catch((error: Error) => error.stack))).not.toContain('not-the-secret');
  });

  it('tells an object that is missing from a bucket that is', async () => {
    await expect(open().get('nothing', target())).rejects.toMatchObject({
      code: 'NoSuchKey',
      isMissing: true,
    });
    const elsewhere = open({ place: { ...place(), bucket: 'elsewhere' } });
    await expect(elsewhere.get('nothing', target())).rejects.toMatchObject({
      ...{ code: 'NoSuchBucket', isMissing: false },
    });
  });

  it('says why there is no answer', async () => {
    server.fault = hangingUp;
    await expect(open().has('x')).rejects.toMatchObject({ code: 'ECONNRESET', status: undefined });
    const [path, object] = source('x'.repeat(1_000_000));
    await expect(open().put('x', path, object)).rejects.toMatchObject({ name: 'ObjectStorageError' });
    server.fault = silent;
    await expect(open({ idleMs: 50 }).has('x')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    const nobody = open({ place: { ...place(), endpoint: 'http://127.0.0.1:9' } });
    await expect(nobody.has('x')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('takes nothing for whole that was cut off', async () => {
    server.fault = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('0123', () => response.destroy());
      return true;
    };
    await expect(open().get('x', target())).rejects.toMatchObject({ name: 'ObjectStorageError' });
    await expect(open().part('x', 0, 10)).rejects.toMatchObject({ name: 'ObjectStorageError' });
  });

  it('takes what the disk refuses for no fault of the storage', async () => {
    await open().putText('x', 'y');
    const nowhere = join(folder, 'nothing', 'target');
    await expect(open().get('x', nowhere)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' });
    expect(existsSync(nowhere)).toBe(false);
  });

  it('hears a refusal while it still sends', async () => {
    server.fault = refusing(507, 'QuotaExceeded');
    const [path, object] = source('x'.repeat(3_000_000));
    await expect(open().put('x', path, object)).rejects.toMatchObject({ status: 507, code: 'QuotaExceeded' });
  });

  it('asks whether versions are kept', async () => {
    const answer = (status: string) => {
      server.fault = (_request, response) => {
        response.end(`<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`);
        return true;
      };
      return open().keepsVersions();
    };
    expect([await answer('Enabled'), await answer('Suspended'), await answer('')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('names the bucket in the path or in the host', () => {
    const at = { endpoint: 'https://s3.example.com:9000', bucket: 'logs', region: 'x', pathStyle: true };
    expect(urlOf(at, 'a/b=c', {})).toBe('https://s3.example.com:9000/logs/a/b%3Dc');
    expect(urlOf({ ...at, pathStyle: false }, 'a b', { prefix: 'c d' })).toBe(
      'https://logs.s3.example.com:9000/a%20b?prefix=c%20d',
    );
    expect(urlOf({ ...at, endpoint: 'https://example.com/s3/' }, '', {})).toBe('https://example.com/s3/logs');
  });
});
