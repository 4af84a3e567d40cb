import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileStore } from '../../../plugins/artifacts/file-store.ts';
import { artifactStoreSuite } from '../../conformance/artifact-store.ts';
import { versionResource } from './resource.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-file-store-'));
  execFileSync('git', ['init', '--quiet', '--bare', folder]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Reads blobs of a real bare repository, as the kernel's host does. */
async function* readBlob(blob: string): AsyncGenerator<Uint8Array> {
  const git = spawn('git', ['-C', folder, 'cat-file', 'blob', blob], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    yield* git.stdout;
  } finally {
    git.kill();
  }
}

function store(bytes: Uint8Array): string {
  return execFileSync('git', ['-C', folder, 'hash-object', '-w', '--stdin'], { input: bytes })
    .toString()
    .trim();
}

function attached(bytes: Uint8Array, path = 'models/bird-strike/versions/1.0.0.onnx') {
  return versionResource([{ path, blob: store(bytes), size: bytes.byteLength }]);
}

artifactStoreSuite('file', async () => ({
  store: fileStore(readBlob),
  put: async (bytes) => ({ uri: 'file:1.0.0.onnx', resource: attached(bytes) }),
  missing: async () => ({
    uri: 'file:9.9.9.onnx',
    resource: attached(Buffer.from('another')),
  }),
  hostile: [
    'file:///etc/passwd',
    'file:/../etc/passwd',
    'file://user:hunter2@host/x',
    'file:../../../../outside.onnx',
    'file:/models/../../outside.onnx',
    'file:/%2e%2e/outside.onnx',
    'file:..%2f..%2f..%2f..%2foutside.onnx',
    'file:%2F%2Fetc%2Fpasswd',
    'file:C:/windows',
    'file:models\\..\\x',
    'file:a%00b',
    'file:%',
    'file:',
  ],
  close: async () => {},
}));

const signal = new AbortController().signal;

test('a Git LFS pointer is told apart from content', async () => {
  const pointer = Buffer.from(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 104857600\n`,
  );
  const uri = 'file:1.0.0.onnx';
  for (const maxBytes of [undefined, 104_857_600]) {
    const reading = (async () => {
      const opened = await fileStore(readBlob).open({ uri, resource: attached(pointer), maxBytes, signal });
      for await (const _piece of opened.body);
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'ArtifactMissing',
      message: expect.stringContaining('Git LFS pointer'),
    });
  }
});

test('a path counts from the manifest or, with a leading slash, from the root of the repository', async () => {
  const resource = attached(Buffer.from('x'), 'models/bird-strike/versions/large/one 1.onnx');
  for (const uri of [
    'file:large/one%201.onnx',
    'file:./large/one%201.onnx',
    'file:../versions/large/one%201.onnx',
    'file:/models/bird-strike/versions/large/one%201.onnx',
  ]) {
    expect((await fileStore(readBlob).open({ uri, resource, signal })).size).toBe(1);
  }
});

test('an absolute path of this machine means a path of the repository', async () => {
  const opening = fileStore(readBlob).open({
    uri: 'file:/etc/passwd',
    resource: attached(Buffer.from('x')),
    signal,
  });
  await expect(opening).rejects.toMatchObject({ code: 'ArtifactMissing', where: 'etc/passwd' });
});

test('a file of the working folder that the commit does not hold is not read', async () => {
  await writeFile(join(folder, 'secret.txt'), 'hunter2');
  const opening = fileStore(readBlob).open({
    uri: 'file:/secret.txt',
    resource: attached(Buffer.from('x')),
    signal,
  });
  await expect(opening).rejects.toMatchObject({ code: 'ArtifactMissing' });
});
