import { describe, expect, it } from 'vitest';
import {
  batchRequest,
  endpointOfRemote,
  looksLikePointer,
  parsePointer,
  readBatchAnswer,
} from '../../../libraries/git-lfs/index.ts';

const oid = 'a1'.repeat(32);
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 12345\n`;

describe('a pointer', () => {
  it('names what it stands for', () => {
    expect(parsePointer(pointer)).toEqual({ oid, size: 12_345 });
    expect(parsePointer(pointer.replace('size', 'padding none\nsize'))).toEqual({ oid, size: 12_345 });
  });

  it.each([
    ['without its end', pointer.slice(0, -1)],
    ['of a later version', pointer.replace('v1', 'v2')],
    ['with an extension', pointer.replace('oid', `ext-0-fold sha256:${oid}\noid`)],
    ['with another hash', pointer.replace('sha256:', 'sha512:')],
    ['with a short hash', pointer.replace('a1a1', '')],
    ['without a size', pointer.replace('size 12345\n', '')],
    ['with a size below nothing', pointer.replace('12345', '-1')],
    ['out of order', `version https://git-lfs.github.com/spec/v1\nsize 12345\noid sha256:${oid}\n`],
    ['with a field twice', `${pointer}size 1\n`],
    ['with text before it', ` ${pointer}`],
    ['longer than one is', `${pointer}z ${'z'.repeat(1024)}\n`],
    ['with the line ends of Windows', pointer.replaceAll('\n', '\r\n')],
  ])('is none %s', (_title, text) => {
    expect(parsePointer(text)).toBeUndefined();
  });

  it('is told from a model by how it begins', () => {
    expect([pointer, pointer.replace('v1', 'v2'), '\u0008\u0007pytorch'].map(looksLikePointer)).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('the server of a remote', () => {
  it.each([
    ['https://git.example.com/ml/registry.git', 'https://git.example.com/ml/registry.git/info/lfs'],
    ['https://git.example.com:8443/ml/registry/', 'https://git.example.com:8443/ml/registry.git/info/lfs'],
    ['https://ada:secret@git.example.com/r', 'https://git.example.com/r.git/info/lfs'],
    ['http://127.0.0.1:3000/r', 'http://127.0.0.1:3000/r.git/info/lfs'],
    ['ssh://git@git.example.com:2222/ml/r.git', 'https://git.example.com/ml/r.git/info/lfs'],
    ['git@git.example.com:ml/r.git', 'https://git.example.com/ml/r.git/info/lfs'],
    ['/srv/registry', undefined],
    ['file:///srv/registry', undefined],
    ['C:\\registry', undefined],
  ])('of %s is %s', (remote, endpoint) => {
    expect(endpointOfRemote(remote)).toBe(endpoint);
  });
});

describe('the batch API', () => {
  const read = (answer: unknown) => readBatchAnswer(JSON.stringify(answer), { oid, size: 12_345 });

  it('is asked for one object', () => {
    expect(JSON.parse(batchRequest({ oid, size: 12_345 }))).toEqual({
      ...{ operation: 'download', transfers: ['basic'], hash_algo: 'sha256' },
      objects: [{ oid, size: 12_345 }],
    });
  });

  it('says where it is and what to send there; headers that are none are left out', () => {
    const header = { Authorization: 'Basic eA==', 'bad name': 'x', Split: 'a\r\nb: c', Number: 5 };
    const actions = { download: { href: 'https://lfs.example.com/o', header, expires_in: 60 } };
    expect(read({ objects: [{ oid, size: 12_345, authenticated: true, actions }] })).toEqual({
      ...{ href: 'https://lfs.example.com/o', headers: { authorization: 'Basic eA==' } },
      isAuthenticated: true,
    });
  });

  it.each<[unknown, string]>([
    [
      { objects: [{ oid, error: { code: 404, message: 'Object\ndoes not exist' } }] },
      'Object does not exist',
    ],
    [{ objects: [{ oid, error: {} }] }, 'no reason'],
    [{ objects: [] }, 'it says nothing of the object'],
    [
      { objects: [{ oid: 'b'.repeat(64), actions: { download: { href: 'x' } } }] },
      'it says nothing of the object',
    ],
    [{ objects: [{ oid }] }, 'it offers no download of the object'],
    [{ transfer: 'tus', objects: [] }, 'it offers no download by the basic transfer'],
  ])('of %j says: %s', (answer, problem) => {
    expect(read(answer)).toMatchObject({ problem });
  });

  it('is not spoken by whatever answers something else', () => {
    for (const text of ['<html>', '[]', 'null', '{}', '{"objects":{}}'])
      expect(readBatchAnswer(text, { oid, size: 1 })).toBeUndefined();
  });
});
