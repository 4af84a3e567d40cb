import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isNewEnough } from '../../../libraries/git/git-command.ts';
import { openRepository } from '../../../libraries/git/open-repository.ts';
import {
  cleanEnvironment,
  type GitRepository,
  makeRepository,
  temporaryFolder,
} from '../../fixtures/git-repository.ts';

describe('opening a repository', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let real: GitRepository;

  beforeEach(() => {
    folder = temporaryFolder();
    real = makeRepository(join(folder.path, 'registry'));
    real.commit({ 'a.yaml': '1' });
  });
  afterEach(() => folder.remove());

  const implementationWith = async (environment: NodeJS.ProcessEnv) => {
    const repository = await openRepository(real.path, { environment });
    await repository.close();
    return repository.implementation;
  };

  const fakeGit = (version: string) => {
    const path = join(folder.path, 'bin');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'git'), `#!/bin/sh\necho git version ${version}\n`, { mode: 0o755 });
    return { ...cleanEnvironment, PATH: path };
  };

  it('takes native git where it is new enough, else isomorphic-git', async () => {
    expect(await implementationWith(cleanEnvironment)).toBe('native');
    expect(await implementationWith({ PATH: '/nowhere' })).toBe('isomorphic');
    expect(await implementationWith(fakeGit('2.37.9'))).toBe('isomorphic');
  });

  it('says what is wrong with the git where native is demanded', async () => {
    const demand = (environment: NodeJS.ProcessEnv) =>
      openRepository(real.path, { implementation: 'native', environment });
    await expect(demand({ PATH: '/nowhere' })).rejects.toMatchObject({ code: 'GitMissing' });
    await expect(demand(fakeGit('2.20.1'))).rejects.toThrow('git 2.20.1 is too old');
  });

  it('reads the versions that vendors write', () => {
    for (const version of ['2.38', '2.38.0', '2.39.5', '2.50.1', '3.0'])
      expect(isNewEnough(version)).toBe(true);
    for (const version of ['1.9.9', '2.37.7', '2.4.0', '']) expect(isNewEnough(version)).toBe(false);
  });

  it('is not led astray by variables that a hook leaves behind', async () => {
    const other = makeRepository(join(folder.path, 'other'));
    other.commit({ 'b.yaml': '1' });
    const environment = {
      ...cleanEnvironment,
      GIT_DIR: join(other.path, '.git'),
      GIT_WORK_TREE: other.path,
      GIT_INDEX_FILE: 'nowhere',
      GIT_OBJECT_DIRECTORY: 'nowhere',
      GIT_NAMESPACE: 'other',
    };
    const repository = await openRepository(real.path, { environment });
    expect(await repository.resolve('main')).toBe(real.git('rev-parse', 'main'));
    await repository.close();
  });

  it('answers the same whatever the configuration of the user says', async () => {
    const configuration = join(folder.path, 'gitconfig');
    writeFileSync(
      configuration,
      '[log]\nshowSignature = true\n[i18n]\nlogOutputEncoding = UTF-16\n[core]\nquotePath = true\nabbrev = 4\n[safe]\nbareRepository = explicit\n',
    );
    const bare = join(folder.path, 'bare.git');
    real.git('clone', '-q', '--bare', real.path, bare);
    const repository = await openRepository(bare, {
      environment: { ...cleanEnvironment, GIT_CONFIG_GLOBAL: configuration },
    });
    expect((await repository.log('main', { limit: 5 })).map((commit) => commit.message)).toEqual([
      'change\n',
    ]);
    await repository.close();
  });

  it('runs none of the hooks of a repository', async () => {
    const trap = join(folder.path, 'trap');
    const hook = join(real.path, '.git/hooks/reference-transaction');
    mkdirSync(join(real.path, '.git/hooks'), { recursive: true });
    writeFileSync(hook, `#!/bin/sh\ntouch '${trap}'\nexit 1\n`, { mode: 0o755 });
    const repository = await openRepository(real.path, { environment: cleanEnvironment });
    const expected = (await repository.resolve('main'))!;
    const change = { reference: 'refs/heads/main', expected, message: 'x', changes: new Map([['b', 'b']]) };
    const id = await repository.write({ ...change, author: { name: 'Ada', email: 'ada@example.org' } });
    expect(await repository.resolve('main')).toBe(id);
    await repository.close();
  });

  it.each([
    ['reftable', '[extensions]\n\trefStorage = reftable\n', 'the reftable format'],
    ['SHA-256', '[extensions] objectFormat = sha256\n', 'SHA-256 object names'],
    ['an extension to come', '[extensions]\n\ttimeTravel = true\n', 'the extension timetravel'],
  ])('refuses %s by name where there is no git', async (_title, configuration, feature) => {
    writeFileSync(join(real.path, '.git/config'), `[core]\nrepositoryformatversion = 1\n${configuration}`);
    await expect(openRepository(real.path, { implementation: 'isomorphic' })).rejects.toMatchObject({
      code: 'RepositoryUnsupported',
      message: expect.stringContaining(feature),
    });
  });
});
