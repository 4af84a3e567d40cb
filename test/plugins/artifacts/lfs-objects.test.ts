import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenArtifact } from '../../../core/capabilities/artifact-store.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import { fileStore } from '../../../plugins/artifacts/file-store.ts';
import { lfsObjects } from '../../../plugins/artifacts/lfs-objects.ts';
import { type ArtifactSettings, defaultArtifactSettings } from '../../../plugins/artifacts/settings.ts';
import { makeRepository, temporaryFolder, useRepository } from '../../fixtures/git-repository.ts';
import { LfsServer } from '../../fixtures/lfs-server.ts';
import { versionResource } from './resource.ts';

const model = Buffer.from('0123456789');
const oid = createHash('sha256').update(model).digest('hex');
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 10\n`;
const path = 'models/bird-strike/versions/1.0.0.onnx';

const parent = temporaryFolder();
let folder: string;
const closers: (() => Promise<void> | void)[] = [];
let count = 0;
beforeEach(() => {
  folder = join(parent.path, String(count++));
  makeRepository(folder);
});
afterAll(() => parent.remove());
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const git = (...words: string[]) => useRepository(folder).git(...words);

/** Commits files, and reads the artifact through the store, as a platform with this repository would. */
async function read(
  {
    files = {},
    settings = {},
    environment = {},
    location = folder,
  }: {
    files?: Record<string, string>;
    settings?: Partial<ArtifactSettings>;
    environment?: Record<string, string>;
    location?: string;
  } = {},
  more: Partial<OpenArtifact> = {},
) {
  const commit = useRepository(folder).commit({ [path]: pointer, ...files }, String(count++));
  const opened = await openRepository(folder);
  closers.push(() => opened.close());
  const blob = git('rev-parse', `${commit}:${path}`);
  const attachment = { path, blob, size: Buffer.byteLength(files[path] ?? pointer) };
  const resource = versionResource([attachment]);
  const origin = { ...resource.origin, commit };
  const registry = () => ({ location, repository: opened });
  const all = { ...defaultArtifactSettings, ...settings };
  const store = fileStore((id) => opened.openBlob(id), lfsObjects(registry, all, { environment }));
  const found = await store.open({
    uri: 'file:1.0.0.onnx',
    resource: { ...resource, origin },
    maxBytes: 10,
    digest: `sha256:${oid}`,
    signal: new AbortController().signal,
    ...more,
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of found.body) pieces.push(piece);
  return { ...found, body: Buffer.concat(pieces).toString() };
}

async function lfsServer(): Promise<LfsServer> {
  const server = await LfsServer.open(model);
  closers.push(() => server.close());
  return server;
}

const token = { SWITCHYARD_GIT_TOKEN: 'hunter2', SWITCHYARD_GIT_USERNAME: 'ada' };
const basic = `Basic ${Buffer.from('ada:hunter2').toString('base64')}`;

describe('what a pointer stands for', () => {
  function put(root: string, bytes: Uint8Array = model) {
    const below = join(root, oid.slice(0, 2), oid.slice(2, 4));
    mkdirSync(below, { recursive: true });
    writeFileSync(join(below, oid), bytes);
  }

  test('is read from the objects beside the repository, and from where the operator says', async () => {
    put(join(folder, '.git', 'lfs', 'objects'));
    expect(await read()).toMatchObject({ body: '0123456789', size: 10 });
    rmSync(join(folder, '.git', 'lfs'), { recursive: true });
    const elsewhere = join(parent.path, 'store');
    put(elsewhere);
    expect(await read({ settings: { lfs: { folder: elsewhere } } })).toMatchObject({ body: '0123456789' });
  });

  test('is read from the objects beside a remote that is a folder', async () => {
    const remote = join(parent.path, 'remote');
    makeRepository(remote);
    put(join(remote, '.git', 'lfs', 'objects'));
    git('remote', 'add', 'origin', remote);
    expect((await read()).body).toBe('0123456789');
  });

  test('is asked of the remote, with what Git shows it', async () => {
    const server = await lfsServer();
    const location = `${server.origin}/ml/registry.git`;
    expect(await read({ location, environment: token })).toMatchObject({
      ...{ body: '0123456789', from: 0, size: 10, validator: `lfs:${oid}` },
    });
    expect(server.asked).toEqual([
      `POST /ml/registry.git/info/lfs/objects/batch ${basic} -`,
      `GET /object ${basic} -`,
    ]);
  });

  test('is gone on with where it stopped', async () => {
    const server = await lfsServer();
    const location = `${server.origin}/r.git`;
    const resume = { from: 4, validator: `lfs:${oid}` };
    expect(await read({ location }, { resume })).toMatchObject({ body: '456789', from: 4 });
    expect(server.asked.at(-1)).toBe('GET /object - bytes=4-');
    expect(await read({ location }, { resume: { from: 4, validator: '"other"' } })).toMatchObject({
      from: 0,
    });
  });

  test('is found by the configuration of the repository on this machine', async () => {
    const server = await lfsServer();
    git('remote', 'add', 'origin', `http://ada:hunter2@127.0.0.1:${new URL(server.origin).port}/r`);
    expect((await read()).body).toBe('0123456789');
    expect(server.asked[0]).toBe(`POST /r.git/info/lfs/objects/batch ${basic} -`);
  });
});

describe('credentials', () => {
  const config = (url: string) => ({ files: { '.lfsconfig': `[lfs]\n\turl = ${url}\n` } });

  test('of Git go to no server that a commit names, not even on the same host', async () => {
    const [home, hostile] = [await lfsServer(), await lfsServer()];
    const location = `${home.origin}/r.git`;
    expect((await read({ ...config(hostile.origin), location, environment: token })).body).toBe('0123456789');
    expect(hostile.asked).toEqual(['POST /objects/batch - -', 'GET /object - -']);
    expect(home.asked).toEqual([]);
  });

  test('of Git go to another path of its own server', async () => {
    const home = await lfsServer();
    const location = `${home.origin}/r.git`;
    await read({ ...config(`${home.origin}/lfs`), location, environment: token });
    expect(home.asked[0]).toBe(`POST /lfs/objects/batch ${basic} -`);
  });

  test('of the operator go to the host that they are for', async () => {
    const named = await lfsServer();
    const credentials = { [new URL(named.origin).host]: { token: 'for-lfs' } };
    await read({ ...config(named.origin), settings: { credentials }, environment: token });
    expect(named.asked[0]).toBe('POST /objects/batch Bearer for-lfs -');
  });

  test('that the server hands out go where it says, and no others do', async () => {
    const [home, storage] = [await lfsServer(), await lfsServer()];
    const href = `${storage.origin}/signed?key=hunter2`;
    home.answer = () => ({ actions: { download: { href, header: { Authorization: 'Bearer once' } } } });
    await read({ location: `${home.origin}/r.git`, environment: token });
    expect(storage.asked).toEqual(['GET /signed?key=hunter2 Bearer once -']);
    home.answer = () => ({ authenticated: true, actions: { download: { href: `${home.origin}/object` } } });
    await read({ location: `${home.origin}/r.git`, environment: token });
    expect(home.asked.at(-1)).toBe('GET /object - -');
    home.answer = () => ({ actions: { download: { href: storage.origin } } });
    await read({ location: `${home.origin}/r.git`, environment: token });
    expect(storage.asked.at(-1)).toBe('GET / - -');
  });

  test('are not sent in clear because a server says so', async () => {
    const home = await lfsServer();
    home.answer = () => ({
      actions: { download: { href: 'http://lfs.example.com/o', header: { Authorization: 'hunter2' } } },
    });
    const error = await read({ location: `${home.origin}/r.git` }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ArtifactRefused', message: expect.stringContaining('in clear') });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('or not, a commit leads nobody into the network of the machine', async () => {
    for (const url of [
      'http://169.254.169.254/lfs',
      'http://10.0.0.1/lfs',
      'file:///etc',
      'https://u:hunter2@h/',
    ]) {
      const error = await read({ ...config(url) }).catch((thrown: unknown) => thrown);
      expect([url, error]).toMatchObject([url, { code: 'ArtifactRefused' }]);
      expect(JSON.stringify(error)).not.toContain('hunter2');
    }
    const home = await lfsServer();
    home.answer = () => ({ actions: { download: { href: 'http://169.254.169.254/o' } } });
    await expect(read({ location: `${home.origin}/r.git` })).rejects.toMatchObject({
      code: 'ArtifactRefused',
    });
  });
});

describe('what goes wrong', () => {
  test('a pointer whose content is nowhere to be found says what to do', async () => {
    await expect(read()).rejects.toMatchObject({
      code: 'ArtifactMissing',
      where: path,
      message: expect.stringContaining('nothing says where its content is'),
      hint: expect.stringContaining('git lfs fetch'),
    });
  });

  test('what the server says is told as what it is', async () => {
    const server = await lfsServer();
    const location = `${server.origin}/r.git`;
    server.answer = () => ({ error: { code: 404, message: 'Object does not exist' } });
    await expect(read({ location })).rejects.toMatchObject({
      code: 'ArtifactMissing',
      message: expect.stringContaining('Object does not exist'),
      hint: expect.stringContaining('git lfs push'),
    });
    server.answer = () => ({ error: { code: 503, message: 'later' } });
    await expect(read({ location })).rejects.toMatchObject({ code: 'ArtifactUnreachable' });
    for (const [status, code] of [
      [401, 'ArtifactRefused'],
      [404, 'ArtifactMissing'],
      [503, 'ArtifactUnreachable'],
    ] as const) {
      server.batchStatus = status;
      await expect(read({ location })).rejects.toMatchObject({ code });
    }
  });

  test('a pointer to something else than the manifest declares is refused before anything is asked', async () => {
    await expect(read({}, { digest: `sha256:${'0'.repeat(64)}` })).rejects.toMatchObject({
      code: 'DigestMismatch',
      message: expect.stringContaining(`pointer to sha256:${oid}, but the manifest declares sha256:000`),
    });
    await expect(read({}, { maxBytes: 9 })).rejects.toMatchObject({ code: 'ArtifactTooLarge' });
    const extended = pointer.replace('oid', `ext-0-x sha256:${oid}\noid`);
    await expect(read({ files: { [path]: extended } })).rejects.toMatchObject({ code: 'ArtifactRefused' });
  });
});
