import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSource, type Source, type SourceOptions } from '../../../libraries/git/source.ts';
import { type GitHttpServer, startGitHttpServer } from '../../fixtures/git-http-server.ts';
import {
  cleanEnvironment,
  type GitRepository,
  makeRepository,
  temporaryFolder,
} from '../../fixtures/git-repository.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

const author = { name: 'Ada', email: 'ada@example.org' };

let folder: ReturnType<typeof temporaryFolder>;
let real: GitRepository;
let bare: GitRepository;
let server: GitHttpServer;
let first: string;
const open: Source[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  real = makeRepository(join(folder.path, 'work'));
  bare = makeRepository(join(folder.path, 'host/registry.git'), ['--bare']);
  first = real.commit({ 'a.yaml': '1' });
  real.git('push', '-q', bare.path, 'HEAD:main');
  server = await startGitHttpServer({ root: join(folder.path, 'host') });
});
afterEach(async () => {
  for (const source of open.splice(0)) await source.close();
  await server.close();
  folder.remove();
});

async function follow(options: Partial<SourceOptions> = {}): Promise<Source> {
  const source = await openSource({
    location: `${server.url}/registry.git`,
    folder: join(folder.path, `data-${open.length}`),
    onLook: () => undefined,
    log: recordingLog(),
    environment: cleanEnvironment,
    interval: 3_600_000,
    idleTimeout: 20_000,
    ...options,
  });
  open.push(source);
  return source;
}

/** A commit on the host, under a reference. */
function publish(reference: string, content: string): string {
  const commit = real.commit({ 'a.yaml': content });
  real.git('push', '-q', '--force', bare.path, `HEAD:${reference}`);
  return commit;
}

const draft = (parents: readonly string[], path = 'b.yaml') => ({
  message: `add ${path}`,
  author,
  parents,
  changes: new Map([[path, path]]),
});

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: { code: string }) => error.code,
  );
}

for (const implementation of ['native', 'isomorphic'] as const) {
  describe(`references fetched by name by ${implementation} git`, () => {
    it('brings one reference, and a folder of them, under their own names', async () => {
      const pull = publish('refs/pull/7/head', 'pull');
      const proposals = [1, 2, 3].map((number) => publish(`refs/proposals/${number}/head`, `${number}`));
      const source = await follow({ implementation });
      expect(await source.fetchReferences(['refs/pull/7/head', 'refs/pull/8/head'])).toEqual(
        new Map([['refs/pull/7/head', pull]]),
      );
      expect((await source.repository.commit(pull)).message).toBe('change\n');
      const found = await source.fetchReferences(['refs/proposals/*']);
      expect([...found]).toEqual(proposals.map((id, index) => [`refs/proposals/${index + 1}/head`, id]));
      expect(await source.repository.isAncestor(first, proposals[2]!)).toBe(true);
      expect(await source.fetchReferences([])).toEqual(new Map());
    });

    it('follows them when they move, and lets go of what is gone', async () => {
      publish('refs/pull/7/head', 'one');
      publish('refs/pull/8', 'a file where a folder comes');
      const source = await follow({ implementation });
      await source.fetchReferences(['refs/pull/*']);
      real.git('checkout', '-q', '--detach', first);
      const moved = publish('refs/pull/7/head', 'force pushed');
      bare.git('update-ref', '-d', 'refs/pull/8');
      const below = publish('refs/pull/8/head', 'a folder');
      const expected = new Map([
        ['refs/pull/7/head', moved],
        ['refs/pull/8/head', below],
      ]);
      expect(await source.fetchReferences(['refs/pull/*'])).toEqual(expected);
      bare.git('update-ref', '-d', 'refs/pull/7/head');
      expect(await source.fetchReferences(['refs/pull/7/head'])).toEqual(new Map());
      expect([...(await source.repository.references('refs/pull/')).keys()]).toEqual(['refs/pull/8/head']);
    });

    it('leaves them alone when it fetches the branches', async () => {
      const pull = publish('refs/pull/7/head', 'one');
      const source = await follow({ implementation });
      await source.fetchReferences(['refs/pull/*']);
      const second = publish('refs/heads/main', 'two');
      source.look();
      await expect.poll(() => source.head(), { timeout: 20_000 }).toBe(second);
      expect(await source.repository.resolve('refs/pull/7/head')).toBe(pull);
    });

    it('refuses patterns that are none, and asks nothing', async () => {
      const source = await follow({ implementation });
      await expect.poll(() => source.lastError, { timeout: 20_000 }).toBeUndefined();
      for (const pattern of [
        '',
        '*',
        'main',
        '--upload-pack=id',
        '+refs/heads/main:refs/heads/x',
        'refs/pull/../heads/*',
        'refs/pull/7\nrefs/heads/x',
        'refs/*/head',
        'refs/pull/-7/*/x',
        '^refs/heads/main',
      ]) {
        expect([pattern, await codeOf(source.fetchReferences([pattern]))]).toEqual([
          pattern,
          'ReferenceInvalid',
        ]);
      }
    });

    it('says why where the remote is away, and keeps what it has', async () => {
      const pull = publish('refs/pull/7/head', 'one');
      const source = await follow({ implementation });
      await source.fetchReferences(['refs/pull/*']);
      server.mode = 'fail';
      expect(await codeOf(source.fetchReferences(['refs/pull/*']))).toBe('RemoteUnreachable');
      expect(await source.repository.resolve('refs/pull/7/head')).toBe(pull);
    });
  });
}

describe('pushing references', () => {
  const main = 'refs/heads/main';
  const proposal = 'refs/proposals/1/head';

  it('moves, creates and deletes them together, at the remote and here', async () => {
    bare.git('update-ref', 'refs/heads/old', first);
    const source = await follow();
    const id = await source.repository.makeCommit(draft([first]));
    await source.push([
      { reference: main, from: first, to: id },
      { reference: proposal, from: null, to: id },
      { reference: 'refs/heads/old', from: first, to: null },
    ]);
    const expected = `${main} ${id}\n${proposal} ${id}`;
    expect(bare.git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(expected);
    expect(await source.repository.references('refs/')).toEqual(
      new Map([
        [main, id],
        [proposal, id],
      ]),
    );
    bare.git('fsck', '--strict');
  });

  it('moves none of them where another pushed first, and says which', async () => {
    const source = await follow();
    const id = await source.repository.makeCommit(draft([first]));
    const theirs = publish(main, 'theirs');
    const updates = [
      { reference: proposal, from: null, to: id },
      { reference: main, from: first, to: id },
    ];
    for (const attempt of [() => source.push(updates), () => source.repository.updateReferences(updates)]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'ReferenceMoved', where: main });
    }
    expect(bare.git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(`${main} ${theirs}`);
    expect(await source.repository.resolve(proposal)).toBeUndefined();
  });

  it('asks that a reference stands where it is expected', async () => {
    const source = await follow();
    const id = await source.repository.makeCommit(draft([first]));
    const still = { reference: main, from: first, to: first };
    await source.push([still, { reference: proposal, from: null, to: id }]);
    publish(main, 'theirs');
    const again = await source.repository.makeCommit(draft([id], 'c.yaml'));
    expect(await codeOf(source.push([still, { reference: proposal, from: id, to: again }]))).toBe(
      'ReferenceMoved',
    );
    expect(bare.git('rev-parse', proposal)).toBe(id);
  });

  it('loses none of the proposals that two platforms open at once', async () => {
    const both = [await follow(), await follow()];
    const openProposal = async (source: Source, name: string) => {
      const id = await source.repository.makeCommit(draft([first], name));
      for (;;) {
        const taken = await source.fetchReferences(['refs/proposals/*']);
        const reference = `refs/proposals/${taken.size + 1}/head`;
        const code = await codeOf(source.push([{ reference, from: null, to: id }]));
        if (code === undefined) return;
        expect(code).toBe('ReferenceMoved');
      }
    };
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => openProposal(both[index % 2]!, `${index}.yaml`)),
    );
    const opened = bare.git('for-each-ref', '--format=%(refname) %(contents:subject)', 'refs/proposals/');
    expect(opened.split('\n')).toHaveLength(6);
    expect(new Set(opened.split('\n').map((line) => line.split(' ').at(-1))).size).toBe(6);
  });

  it('says what a host said that refused, and moves nothing here', async () => {
    const source = await follow();
    const id = await source.repository.makeCommit(draft([first]));
    bare.git('config', 'receive.denyDeletes', 'true');
    const refused = source.push([
      { reference: main, from: first, to: null },
      { reference: proposal, from: null, to: id },
    ]);
    await expect(refused).rejects.toMatchObject({
      code: 'RemoteRefused',
      message: expect.stringContaining('deletion prohibited'),
    });
    mkdirSync(join(bare.path, 'hooks'), { recursive: true });
    const hook = '#!/bin/sh\ntest "$1" = refs/proposals/1/head && echo closed for today && exit 1\nexit 0\n';
    writeFileSync(join(bare.path, 'hooks/update'), hook, { mode: 0o755 });
    const half = source.push([
      { reference: main, from: first, to: id },
      { reference: proposal, from: null, to: id },
    ]);
    await expect(half).rejects.toMatchObject({
      code: 'RemoteRefused',
      message: expect.stringContaining('closed for today'),
    });
    expect(bare.git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(`${main} ${first}`);
    expect(await source.repository.references('refs/')).toEqual(new Map([[main, first]]));
  });

  it('takes back what moved where the host cannot move several as one', async () => {
    bare.git('config', 'receive.advertiseAtomic', 'false');
    const source = await follow();
    const id = await source.repository.makeCommit(draft([first]));
    await source.push([
      { reference: proposal, from: null, to: id },
      { reference: main, from: first, to: id },
    ]);
    const next = await source.repository.makeCommit(draft([id], 'c.yaml'));
    const theirs = publish(main, 'theirs');
    const lost = source.push([
      { reference: 'refs/proposals/2/head', from: null, to: next },
      { reference: proposal, from: id, to: next },
      { reference: main, from: id, to: next },
    ]);
    await expect(lost).rejects.toMatchObject({ code: 'ReferenceMoved', where: main });
    expect(bare.git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(
      `${main} ${theirs}\n${proposal} ${id}`,
    );
  });

  it('is patient with a slow host', async () => {
    const source = await follow({ idleTimeout: 10_000 });
    server.delay = 700;
    const id = await source.repository.makeCommit(draft([first]));
    await source.push([{ reference: main, from: first, to: id }]);
    expect(bare.git('rev-parse', 'main')).toBe(id);
  });

  it('cuts a host that says nothing, and moves nothing here', async () => {
    const source = await follow({ idleTimeout: 1500 });
    await expect.poll(() => source.lastError, { timeout: 20_000 }).toBeUndefined();
    server.pushMode = 'hang';
    const id = await source.repository.makeCommit(draft([first]));
    expect(await codeOf(source.push([{ reference: main, from: first, to: id }]))).toBe('RemoteUnreachable');
    expect(await source.head()).toBe(first);
  });

  it('counts as moved, when tried again, what moved although the answer was lost', async () => {
    bare.git('update-ref', 'refs/heads/old', first);
    const source = await follow();
    const id = await source.repository.makeCommit(draft([first]));
    const updates = [
      { reference: main, from: first, to: id },
      { reference: 'refs/heads/old', from: first, to: null },
    ];
    server.pushMode = 'drop';
    expect(await codeOf(source.push(updates))).toBe('RemoteUnreachable');
    expect(bare.git('rev-parse', 'main')).toBe(id);
    expect(await source.head()).toBe(first);
    server.pushMode = 'serve';
    await source.push(updates);
    expect(await source.head()).toBe(id);
    expect(await source.repository.resolve('refs/heads/old')).toBeUndefined();
  });

  it('refuses hostile names before it says anything to the host', async () => {
    const source = await follow();
    await expect.poll(() => source.lastError, { timeout: 20_000 }).toBeUndefined();
    const asked = server.requests.length;
    for (const reference of [
      '--mirror',
      'main',
      'refs/heads/../x',
      'refs/heads/a\nb',
      'refs/heads/a:b',
      '+refs/heads/x',
    ]) {
      expect([reference, await codeOf(source.push([{ reference, from: null, to: first }]))]).toEqual([
        reference,
        'ReferenceInvalid',
      ]);
    }
    expect(await codeOf(source.push([{ reference: main, from: '--x', to: first }]))).toBe('UpdateRefused');
    expect(server.requests.length).toBe(asked);
  });

  it('needs native git', async () => {
    const source = await follow({ implementation: 'isomorphic' });
    const update = { reference: proposal, from: null, to: first };
    await expect(source.push([update])).rejects.toMatchObject({
      code: 'RepositoryUnsupported',
      hint: expect.stringContaining('Install git'),
    });
  });
});

describe('a local registry as its own remote', () => {
  for (const implementation of ['native', 'isomorphic'] as const) {
    it(`answers what it has and moves what is its own, by ${implementation} git`, async () => {
      const source = await follow({ location: real.path, implementation });
      real.git('update-ref', 'refs/pull/7/head', first);
      expect(await source.fetchReferences(['refs/pull/*', 'refs/heads/none'])).toEqual(
        new Map([['refs/pull/7/head', first]]),
      );
      expect(await codeOf(source.fetchReferences(['../x']))).toBe('ReferenceInvalid');
      const id = await source.repository.makeCommit(draft([first]));
      const updates = [
        { reference: 'refs/heads/main', from: first, to: id },
        { reference: 'refs/pull/7/head', from: first, to: null },
      ];
      await source.push(updates);
      await source.push(updates);
      expect(real.git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(`refs/heads/main ${id}`);
      const late = [{ reference: 'refs/heads/main', from: first, to: null }];
      expect(await codeOf(source.push(late))).toBe('ReferenceMoved');
    });
  }
});
