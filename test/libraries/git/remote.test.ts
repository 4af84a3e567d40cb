import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nextDelay } from '../../../libraries/git/remote.ts';
import { openSource, type Source, type SourceOptions } from '../../../libraries/git/source.ts';
import { type GitHttpServer, startGitHttpServer } from '../../fixtures/git-http-server.ts';
import {
  cleanEnvironment,
  type GitRepository,
  makeRepository,
  temporaryFolder,
  useRepository,
} from '../../fixtures/git-repository.ts';
import { type RecordingLog, recordingLog } from '../../fixtures/recording-log.ts';

const token = 'tok/en+with%signs';
const author = { name: 'Ada', email: 'ada@example.org' };

let folder: ReturnType<typeof temporaryFolder>;
let real: GitRepository;
let bare: GitRepository;
let log: RecordingLog;
let data: string;
let looks = 0;
const open: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  real = makeRepository(join(folder.path, 'work'));
  bare = makeRepository(join(folder.path, 'host/registry.git'), ['--bare']);
  real.git('remote', 'add', 'origin', bare.path);
  data = join(folder.path, 'data');
  log = recordingLog();
  looks = 0;
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  folder.remove();
});

/** Commits on the host. */
function publish(files: Record<string, string | null>): string {
  const commit = real.commit(files);
  real.git('push', '-q', '--force', 'origin', 'HEAD:main');
  return commit;
}

async function follow(location: string, options: Partial<SourceOptions> = {}): Promise<Source> {
  const source = await openSource({
    location,
    folder: data,
    onLook: () => {
      looks += 1;
    },
    log,
    environment: cleanEnvironment,
    interval: 3_600_000,
    idleTimeout: 20_000,
    ...options,
  });
  open.push(() => source.close());
  return source;
}

async function serve(options: { password?: string; redirectTo?: string } = {}): Promise<GitHttpServer> {
  const server = await startGitHttpServer({ root: join(folder.path, 'host'), username: 'ada', ...options });
  open.push(() => server.close());
  return server;
}

async function seen(source: Source, commit: string): Promise<void> {
  await vi.waitFor(async () => expect(await source.head()).toBe(commit), { timeout: 20_000, interval: 20 });
}

/** The text of every file below a folder. */
function everythingIn(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

for (const implementation of ['native', 'isomorphic'] as const) {
  describe(`a source over HTTP by ${implementation} git`, () => {
    it('clones with the credentials of the environment and leaves them nowhere', async () => {
      const commit = publish({ 'a.yaml': '1' });
      const server = await serve({ password: token });
      const environment = {
        ...cleanEnvironment,
        SWITCHYARD_GIT_USERNAME: 'ada',
        SWITCHYARD_GIT_TOKEN: token,
      };
      const source = await follow(`${server.url}/registry.git`, { implementation, environment });
      expect(await source.head()).toBe(commit);
      expect(source.description).toBe(`${server.url}/registry.git`);
      expect(source.reference).toBe('refs/heads/main');
      const written = everythingIn(data) + JSON.stringify(log.lines);
      expect(written).not.toContain(token);
      expect(written).not.toContain(Buffer.from(`ada:${token}`).toString('base64'));
    });

    it('takes credentials out of the URL and uses them', async () => {
      const commit = publish({ 'a.yaml': '1' });
      const server = await serve({ password: token });
      const secretUrl = server.url.replace('//', `//ada:${encodeURIComponent(token)}@`);
      const source = await follow(`${secretUrl}/registry.git`, { implementation });
      expect(await source.head()).toBe(commit);
      expect(source.description).toBe(`${server.url}/registry.git`);
      const written = everythingIn(data) + JSON.stringify(log.lines);
      expect(written).not.toContain(token);
      expect(written).not.toContain(encodeURIComponent(token));
    });

    it('never repeats a token that stands in the URL as the user name', async () => {
      publish({ 'a.yaml': '1' });
      const server = await serve({ password: token });
      const location = `${server.url.replace('//', '//user-token@')}/registry.git`;
      const error = await follow(location, { implementation }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'RemoteRefused', where: `${server.url}/registry.git` });
      expect([error, (error as Error).cause, (error as Error).stack].map(String).join()).not.toContain(
        'user-token',
      );
    });

    it('says that wrong credentials, or none, are refused, and does not repeat them', async () => {
      publish({ 'a.yaml': '1' });
      const server = await serve({ password: token });
      for (const extra of [{}, { SWITCHYARD_GIT_USERNAME: 'ada', SWITCHYARD_GIT_TOKEN: 'wrong-secret' }]) {
        const attempt = follow(`${server.url}/registry.git`, {
          implementation,
          environment: { ...cleanEnvironment, ...extra },
        });
        const error = await attempt.catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
          code: 'RemoteRefused',
          hint: expect.stringContaining('SWITCHYARD_GIT_TOKEN'),
        });
        const told = [error, (error as Error).cause, (error as Error).stack].map(String).join(' ');
        expect(told).not.toContain('wrong-secret');
      }
    });

    it('tells a repository that is not there from a host that is not there', async () => {
      const server = await serve();
      await expect(follow(`${server.url}/nowhere.git`, { implementation })).rejects.toMatchObject({
        code: 'RemoteMissing',
      });
      await server.close();
      await expect(follow(`${server.url}/registry.git`, { implementation })).rejects.toMatchObject({
        code: 'RemoteUnreachable',
      });
      expect(readdirSync(data)).toEqual([]);
    });

    it('sees a commit when woken, and on its own after the interval', async () => {
      publish({ 'a.yaml': '1' });
      const server = await serve();
      const source = await follow(`${server.url}/registry.git`, { implementation });
      const second = publish({ 'a.yaml': '2' });
      source.look();
      await seen(source, second);
      await source.close();
      const polling = await follow(`${server.url}/registry.git`, { implementation, interval: 30 });
      await seen(polling, publish({ 'a.yaml': '3' }));
    });

    it('follows a force push, a branch that is removed and a tag that moves', async () => {
      publish({ 'a.yaml': '1' });
      publish({ 'a.yaml': '2' });
      real.git('push', '-q', 'origin', 'HEAD:side', 'HEAD~1:refs/tags/stable');
      const server = await serve();
      const source = await follow(`${server.url}/registry.git`, { implementation });
      expect([...(await source.repository.references()).keys()]).toEqual([
        'refs/heads/main',
        'refs/heads/side',
        'refs/tags/stable',
      ]);
      real.git('reset', '-q', '--hard', 'HEAD~1');
      const rewritten = publish({ 'a.yaml': 'rewritten' });
      real.git('push', '-q', '--force', 'origin', ':side', 'HEAD:refs/tags/stable');
      bare.git('gc', '-q', '--prune=now');
      source.look();
      await seen(source, rewritten);
      await vi.waitFor(
        async () =>
          expect([...(await source.repository.references())]).toEqual([
            ['refs/heads/main', rewritten],
            ['refs/tags/stable', rewritten],
          ]),
        { timeout: 10_000, interval: 20 },
      );
      expect((await source.repository.commit(rewritten)).id).toBe(rewritten);
    });

    it('goes on with what it has while the remote fails, shows why, and recovers', async () => {
      const first = publish({ 'a.yaml': '1' });
      const server = await serve();
      const source = await follow(`${server.url}/registry.git`, { implementation });
      server.mode = 'fail';
      const before = looks;
      source.look();
      await vi.waitFor(() => expect(source.lastError).toMatchObject({ code: 'RemoteUnreachable' }), {
        timeout: 20_000,
      });
      expect(looks).toBeGreaterThan(before);
      expect(await source.head()).toBe(first);
      server.mode = 'serve';
      const second = publish({ 'a.yaml': '2' });
      source.look();
      await seen(source, second);
      await vi.waitFor(() => expect(source.lastError).toBeUndefined(), { timeout: 5000 });
    });

    it('cuts a remote that says nothing', async () => {
      publish({ 'a.yaml': '1' });
      const server = await serve();
      server.mode = 'hang';
      const attempt = follow(`${server.url}/registry.git`, { implementation, idleTimeout: 300 });
      await expect(attempt).rejects.toMatchObject({ code: 'RemoteUnreachable' });
    });

    it('closes at once while a fetch hangs', async () => {
      publish({ 'a.yaml': '1' });
      const server = await serve();
      const source = await follow(`${server.url}/registry.git`, { implementation, idleTimeout: 600_000 });
      await vi.waitFor(() => expect(looks).toBeGreaterThan(0), { timeout: 20_000 });
      server.mode = 'hang';
      const asked = server.requests.length;
      source.look();
      await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(asked), { timeout: 20_000 });
      await source.close();
    });

    it('starts from its mirror while the remote is away', async () => {
      const commit = publish({ 'a.yaml': '1' });
      const server = await serve();
      const location = `${server.url}/registry.git`;
      await (await follow(location, { implementation })).close();
      server.mode = 'fail';
      const source = await follow(location, { implementation });
      expect(await source.head()).toBe(commit);
      await vi.waitFor(() => expect(source.lastError).toMatchObject({ code: 'RemoteUnreachable' }), {
        timeout: 20_000,
      });
    });

    it('finds a branch that is newer than its mirror', async () => {
      publish({ 'a.yaml': '1' });
      const server = await serve();
      const location = `${server.url}/registry.git`;
      await (await follow(location, { implementation })).close();
      real.git('push', '-q', 'origin', 'HEAD:newer');
      const source = await follow(location, { implementation, reference: 'newer' });
      expect(source.reference).toBe('refs/heads/newer');
      await expect(follow(location, { implementation, reference: 'never' })).rejects.toMatchObject({
        code: 'ReferenceMissing',
      });
    });

    it('makes the mirror anew after a kill in the middle of cloning, and for another URL', async () => {
      const commit = publish({ 'a.yaml': '1' });
      const other = makeRepository(join(folder.path, 'host/other.git'), ['--bare']);
      real.git('push', '-q', other.path, `${commit}:refs/heads/main`);
      const server = await serve();
      const mirror = implementation === 'native' ? 'mirror.git' : 'mirror-isomorphic.git';
      mkdirSync(join(data, mirror, 'objects'), { recursive: true });
      writeFileSync(join(data, mirror, 'HEAD'), 'ref: refs/heads/main\n');
      mkdirSync(join(data, `${mirror}.draft-4194304`));
      const source = await follow(`${server.url}/registry.git`, { implementation });
      expect(await source.head()).toBe(commit);
      expect(readdirSync(data)).toEqual([mirror]);
      await source.close();
      const second = publish({ 'a.yaml': '2' });
      const moved = await follow(`${server.url}/other.git`, { implementation });
      expect(await moved.head()).toBe(commit);
      expect(await moved.repository.resolve(second)).toBeUndefined();
    });

    it('waits for the first commit of an empty remote', async () => {
      const server = await serve();
      const source = await follow(`${server.url}/registry.git`, { implementation });
      expect(await source.head()).toBeUndefined();
      const commit = publish({ 'a.yaml': '1' });
      source.look();
      await seen(source, commit);
    });

    it('does not take credentials to the host that a redirect names', async () => {
      publish({ 'a.yaml': '1' });
      const stranger = await serve({ password: 'stranger' });
      const server = await serve({ redirectTo: stranger.url });
      const environment = { ...cleanEnvironment, SWITCHYARD_GIT_TOKEN: token };
      const attempt = follow(`${server.url}/registry.git`, { implementation, environment });
      await expect(attempt).rejects.toMatchObject({ code: 'RemoteRefused' });
      expect(stranger.requests.length).toBeGreaterThan(0);
      expect(stranger.requests.every((request) => request.authorization === undefined)).toBe(true);
    });

    it('warns of credentials that travel unencrypted', async () => {
      publish({ 'a.yaml': '1' });
      const server = await serve();
      const environment = { ...cleanEnvironment, SWITCHYARD_GIT_TOKEN: token };
      await follow(`${server.url}/registry.git`, { implementation, environment });
      expect(log.lines.map((line) => line.message)).toContain('credentials travel unencrypted: use https');
    });
  });
}

describe('writing to a remote', () => {
  const change = (expected: string | null, path: string) => ({
    reference: 'refs/heads/main',
    expected,
    message: `write ${path}`,
    author,
    changes: new Map([[path, path]]),
  });

  it('pushes the commit, compare-and-swap, and shows it in the mirror at once', async () => {
    const first = publish({ 'a.yaml': '1' });
    const server = await serve({ password: token });
    const environment = { ...cleanEnvironment, SWITCHYARD_GIT_USERNAME: 'ada', SWITCHYARD_GIT_TOKEN: token };
    const source = await follow(`${server.url}/registry.git`, { environment });
    const id = await source.repository.write(change(first, 'b.yaml'));
    expect(bare.git('rev-parse', 'main')).toBe(id);
    expect(await source.head()).toBe(id);
    expect(bare.git('show', 'main:b.yaml')).toBe('b.yaml');
    const proposal = { ...change(null, 'c.yaml'), reference: 'refs/proposals/1/head', parents: [id] };
    expect(await source.repository.write(proposal)).toBe(bare.git('rev-parse', 'refs/proposals/1/head'));
    await expect(source.repository.write(proposal)).rejects.toMatchObject({ code: 'ReferenceMoved' });
  });

  it('refuses the loser where another pushed first, also one that the mirror has not seen', async () => {
    const first = publish({ 'a.yaml': '1' });
    const server = await serve();
    const source = await follow(`${server.url}/registry.git`);
    await vi.waitFor(() => expect(looks).toBeGreaterThan(0), { timeout: 20_000 });
    const theirs = publish({ 'a.yaml': '2' });
    await expect(source.repository.write(change(first, 'b.yaml'))).rejects.toMatchObject({
      code: 'ReferenceMoved',
    });
    expect(bare.git('rev-parse', 'main')).toBe(theirs);
  });

  it('says what a hook of the host said', async () => {
    const first = publish({ 'a.yaml': '1' });
    const server = await serve();
    const source = await follow(`${server.url}/registry.git`);
    mkdirSync(join(bare.path, 'hooks'), { recursive: true });
    writeFileSync(join(bare.path, 'hooks/pre-receive'), '#!/bin/sh\necho main is protected\nexit 1\n', {
      mode: 0o755,
    });
    await expect(source.repository.write(change(first, 'b.yaml'))).rejects.toMatchObject({
      code: 'RemoteRefused',
      message: expect.stringContaining('main is protected'),
    });
    expect(bare.git('rev-parse', 'main')).toBe(first);
    expect(await source.head()).toBe(first);
  });

  it('refuses to write without native git, and says what to do', async () => {
    const first = publish({ 'a.yaml': '1' });
    const server = await serve();
    const source = await follow(`${server.url}/registry.git`, { implementation: 'isomorphic' });
    await expect(source.repository.write(change(first, 'b.yaml'))).rejects.toMatchObject({
      code: 'RepositoryUnsupported',
      hint: expect.stringContaining('Install git'),
    });
  });
});

describe('a source over SSH', () => {
  /** Stands where ssh stands: takes its arguments, and runs on this machine what it should run on the host. */
  function fakeSsh(): string {
    const path = join(folder.path, 'ssh');
    const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${folder.path}/ssh-calls'\nfor last; do :; done\nexec sh -c "$last"\n`;
    writeFileSync(path, script, { mode: 0o755 });
    return path;
  }

  it('follows a host by the operator’s ssh command and key', async () => {
    const first = publish({ 'a.yaml': '1' });
    const environment = {
      ...cleanEnvironment,
      GIT_SSH_COMMAND: fakeSsh(),
      GIT_SSH_VARIANT: 'ssh',
      SWITCHYARD_GIT_SSH_KEY: "/keys/the operator's",
    };
    const source = await follow(`ssh://git:password@registry.example.org${bare.path}`, { environment });
    expect(source.description).toBe(`ssh://git@registry.example.org${bare.path}`);
    expect(await source.head()).toBe(first);
    const second = publish({ 'a.yaml': '2' });
    source.look();
    await seen(source, second);
    const calls = readFileSync(join(folder.path, 'ssh-calls'), 'utf8');
    expect(calls).toContain("-i /keys/the operator's -o IdentitiesOnly=yes");
    expect(calls).toContain('git@registry.example.org git-upload-pack');
    expect(calls).not.toContain('password');
    expect(everythingIn(data)).not.toContain('password');
  });

  it('reads the short form', async () => {
    const first = publish({ 'a.yaml': '1' });
    const environment = { ...cleanEnvironment, GIT_SSH_COMMAND: fakeSsh(), GIT_SSH_VARIANT: 'ssh' };
    const source = await follow(`git@registry.example.org:${bare.path}`, { environment });
    expect(await source.head()).toBe(first);
  });

  it('tells a refused key from a host that is not there', async () => {
    const failing = (words: string) => {
      const path = join(folder.path, 'ssh');
      writeFileSync(path, `#!/bin/sh\necho '${words}' >&2\nexit 255\n`, { mode: 0o755 });
      return { ...cleanEnvironment, GIT_SSH_COMMAND: path, GIT_SSH_VARIANT: 'ssh' };
    };
    const location = 'git@registry.example.org:registry.git';
    await expect(
      follow(location, { environment: failing('git@registry.example.org: Permission denied (publickey).') }),
    ).rejects.toMatchObject({ code: 'RemoteRefused' });
    await expect(
      follow(location, { environment: failing('ssh: Could not resolve hostname registry.example.org') }),
    ).rejects.toMatchObject({
      code: 'RemoteUnreachable',
      message: expect.stringContaining('resolve hostname'),
    });
  });

  it('needs native git', async () => {
    const attempt = follow('git@registry.example.org:registry.git', { implementation: 'isomorphic' });
    await expect(attempt).rejects.toMatchObject({ code: 'RemoteInvalid' });
  });
});

describe('a source by file URL', () => {
  it('mirrors it like any remote', async () => {
    const first = publish({ 'a.yaml': '1' });
    const source = await follow(`file://${bare.path}`);
    expect(await source.head()).toBe(first);
    const second = publish({ 'a.yaml': '2' });
    source.look();
    await seen(source, second);
  });

  it('mends a mirror that was damaged, and touches no repository around it', async () => {
    const around = makeRepository(data);
    const theirs = around.commit({ 'mine.txt': 'mine' });
    const first = publish({ 'a.yaml': '1' });
    const source = await follow(`file://${bare.path}`);
    await source.head();
    rmSync(join(data, 'mirror.git/HEAD'));
    source.look();
    await vi.waitFor(() => expect(existsSync(join(data, 'mirror.git/HEAD'))).toBe(true), { timeout: 20_000 });
    await seen(source, first);
    expect(useRepository(data).git('rev-parse', 'main')).toBe(theirs);
    await source.close();
    rmSync(join(data, 'mirror.git/HEAD'));
    expect(await (await follow(`file://${bare.path}`)).head()).toBe(first);
    expect(around.git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(`refs/heads/main ${theirs}`);
  });

  it('goes on after a kill left a lock in the mirror', async () => {
    publish({ 'a.yaml': '1' });
    const source = await follow(`file://${bare.path}`);
    await vi.waitFor(() => expect(looks).toBeGreaterThan(0), { timeout: 20_000 });
    writeFileSync(join(data, 'mirror.git/refs/heads/main.lock'), '');
    const second = publish({ 'a.yaml': '2' });
    source.look();
    await seen(source, second);
  });

  it('reads a SHA-256 remote', async () => {
    const special = makeRepository(join(folder.path, 'sha256'), ['--object-format=sha256']);
    const commit = special.commit({ 'a.yaml': '1' });
    expect(commit).toHaveLength(64);
    expect(await (await follow(`file://${special.path}`)).head()).toBe(commit);
  });
});

describe('locations', () => {
  it.each([
    'ext::sh -c id',
    'git://example.org/registry.git',
    'ftp://ada:secret@example.org/registry.git',
    'ssh://-oProxyCommand=id/registry.git',
    'https://',
  ])('refuses %s without repeating a secret', async (location) => {
    const error = await follow(location).catch((thrown: unknown) => thrown);
    expect((error as { code: string }).code).toMatch(/^(RemoteInvalid|NotARepository)$/);
    expect(JSON.stringify([String(error), error])).not.toContain('secret');
  });
});

describe('the pause between two fetches', () => {
  it('is the interval, a fifth more or less', () => {
    expect(nextDelay(0, 30_000, 0.5)).toBe(30_000);
    expect(nextDelay(0, 30_000, 0)).toBe(24_000);
    expect(nextDelay(0, 30_000, 1)).toBe(36_000);
  });

  it('doubles with each failure up to ten minutes, or the interval where that is longer', () => {
    expect([1, 2, 3, 4, 5, 100].map((failures) => nextDelay(failures, 30_000, 0.5))).toEqual([
      60_000, 120_000, 240_000, 480_000, 600_000, 600_000,
    ]);
    expect(nextDelay(9, 3_600_000, 0.5)).toBe(3_600_000);
  });
});
