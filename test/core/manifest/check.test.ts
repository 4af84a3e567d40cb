import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCommit, checkFolder } from '../../../core/manifest/check.ts';
import { loadSnapshot } from '../../../core/manifest/load-snapshot.ts';
import { parserVersion } from '../../../core/manifest/parse.ts';
import { openParseCache } from '../../../core/manifest/parse-cache.ts';
import { MemoryStore } from '../../../core/state/memory-store.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import { git } from '../../fixtures/registry.ts';
import { smallKinds } from './small-kinds.ts';
import { deployment, goodFiles, model, places, SmallRegistry } from './small-registry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-check-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

const files = {
  ...goodFiles,
  'models/fraud/model.yaml': model('fraud', 'task: regression\n  card: models/fraud/card.md'),
  'models/fraud/card.md': 'DRAFT',
  'environments/dev/churn.yaml': deployment('churn', 'dev', 'model: churn, version: 1.0.0'),
};

describe('checking a folder', () => {
  it('finds what checking its commit finds, warnings too, and the same digests', async () => {
    await write(files);
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'add', '-A');
    git(folder, 'commit', '-q', '-m', 'All');
    const repository = await openRepository(folder);
    const byCommit = await checkCommit(repository, git(folder, 'rev-parse', 'HEAD'), smallKinds);
    await repository.close();
    const byFolder = await checkFolder(folder, smallKinds);
    expect(byCommit.issues.map(({ code }) => code)).toEqual(['MissingReference', 'DraftCard']);
    expect(byFolder.issues).toEqual(byCommit.issues);
    const digests = ({ snapshot }: typeof byFolder) =>
      [...snapshot.resources.values()].map(({ ref, digest, attachments }) => ({ ref, digest, attachments }));
    expect(digests(byFolder)).toEqual(digests(byCommit));
  });

  it('sees what is not committed, and nothing that Git ignores', async () => {
    git(folder, 'init', '-q', '-b', 'main');
    await write({
      '.gitignore': 'build/\n',
      'models/fraud/model.yaml': model('fraud'),
      'build/copy.yaml': model('fraud'),
      'models/new.yaml': model('new', 'task: guess'),
    });
    const { snapshot } = await checkFolder(folder, smallKinds);
    expect(places(snapshot)).toEqual(['models/new.yaml:6:9 UnknownValue']);
  });

  it('does not see what was deleted, nor stumble over it', async () => {
    await write(files);
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'add', '-A');
    await rm(join(folder, 'models/fraud/model.yaml'));
    await rm(join(folder, 'environments'), { recursive: true });
    const { snapshot } = await checkFolder(folder, smallKinds);
    expect([...snapshot.resources.keys()]).toEqual(['Model/churn']);
  });

  it('works in a folder that is no repository, and leaves node_modules out', async () => {
    await write({ ...goodFiles, 'node_modules/switchyard/template/model.yaml': model('fraud') });
    const { snapshot, issues } = await checkFolder(folder, smallKinds);
    expect([snapshot.resources.size, issues]).toEqual([6, []]);
  });

  it('works in a folder of a larger repository', async () => {
    git(folder, 'init', '-q', '-b', 'main');
    await write({ 'registry/models/fraud/model.yaml': model('fraud'), 'other/model.yaml': model('other') });
    const { snapshot } = await checkFolder(join(folder, 'registry'), smallKinds);
    expect([...snapshot.resources.values()].map(({ origin }) => origin.path)).toEqual([
      'models/fraud/model.yaml',
    ]);
  });

  it('does not follow links out of it', async () => {
    await write({ ...goodFiles, 'models/evil/readme.md': '' });
    await symlink('/etc', join(folder, 'models/evil/versions'));
    await symlink('/etc/passwd', join(folder, 'models/evil/model.yaml'));
    const { snapshot } = await checkFolder(folder, smallKinds);
    expect(places(snapshot)).toEqual(['models/evil/model.yaml:1:1 LinkRefused']);
  });

  it('does not read a huge file', async () => {
    await write({ ...goodFiles, 'models/huge.yaml': '' });
    // Mostly a hole: it takes no room on the disk, and is more than Node can read at once.
    await truncate(join(folder, 'models/huge.yaml'), 8 * 2 ** 30);
    const { snapshot } = await checkFolder(folder, smallKinds);
    expect(places(snapshot)).toEqual(['models/huge.yaml:1:1 FileTooLarge']);
  });

  it('says where there is no folder', async () => {
    await expect(checkFolder(join(folder, 'nowhere'), smallKinds)).rejects.toMatchObject({
      code: 'FolderNotFound',
    });
    await write({ file: '' });
    await expect(checkFolder(join(folder, 'file'), smallKinds)).rejects.toMatchObject({
      code: 'FolderNotFound',
    });
  });
});

describe('the parse cache of a store', () => {
  let registry: SmallRegistry;
  beforeEach(async () => {
    registry = await SmallRegistry.open();
  });
  afterEach(() => registry.close());

  const load = async (commit: string, store: MemoryStore) => {
    const cache = await openParseCache(store);
    let read = 0;
    const { repository } = registry;
    const counting = {
      commit: (id: string) => repository.commit(id),
      tree: (id: string) => repository.tree(id),
      blobs: (ids: readonly string[], most: number) => {
        read += ids.length;
        return repository.blobs(ids, most);
      },
      blobSize: (id: string) => repository.blobSize(id),
      openBlob: (id: string) => repository.openBlob(id),
    };
    const snapshot = await loadSnapshot({ repository: counting, commit, kinds: smallKinds, cache });
    await cache.save();
    return { snapshot, read };
  };

  it('lets a restart read ids and no manifest, with the same result', async () => {
    const store = new MemoryStore();
    const commit = await registry.commit({ ...goodFiles, 'models/bad/model.yaml': model('bad', 'task: no') });
    const cold = await load(commit, store);
    const warm = await load(commit, store);
    expect([cold.read, warm.read]).toEqual([7, 0]);
    expect(warm.snapshot.issues).toEqual(cold.snapshot.issues);
    expect([...warm.snapshot.resources]).toEqual([...cold.snapshot.resources]);
  });

  it('lets go of what the newest commit has no use for, once that is more than a quarter', async () => {
    const store = new MemoryStore();
    const linesKept = async () => {
      const rows = [...(await store.parsed(parserVersion)).values()];
      return rows.flatMap((row) => row.trimEnd().split('\n').slice(1)).length;
    };
    const manifests = Object.keys(goodFiles).length;
    await load(await registry.commit(goodFiles), store);
    await load(await registry.commit({ 'models/churn/model.yaml': null }), store);
    expect(await linesKept()).toBe(manifests);
    await load(await registry.commit({ 'environments/dev/fraud.yaml': null }), store);
    expect(await linesKept()).toBe(manifests - 2);
  });

  it('that holds nonsense, or cannot be read or written, costs time and nothing else', async () => {
    const store = new MemoryStore();
    const commit = await registry.commit(goodFiles);
    const blob = git(registry.folder, 'rev-parse', 'main:models/fraud/model.yaml');
    await store.putParsed(parserVersion, new Map([[blob, '{"documents":']]));
    const { snapshot } = await load(commit, store);
    expect([snapshot.resources.size, snapshot.issues]).toEqual([6, []]);

    class FullStore extends MemoryStore {
      override async parsed(): Promise<never> {
        throw new Error('the disk is gone');
      }
      override async putParsed(): Promise<never> {
        throw new Error('the disk is full');
      }
    }
    expect((await load(commit, new FullStore())).snapshot.resources.size).toBe(6);
  });
});
