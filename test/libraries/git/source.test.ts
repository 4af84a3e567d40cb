import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSource, type Source, type SourceOptions } from '../../../libraries/git/source.ts';
import {
  cleanEnvironment,
  type GitRepository,
  makeRepository,
  temporaryFolder,
} from '../../fixtures/git-repository.ts';
import { recordingLog } from '../../fixtures/recording-log.ts';

describe('a local source', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let real: GitRepository;
  let source: Source | undefined;
  let looks = 0;

  beforeEach(() => {
    folder = temporaryFolder();
    real = makeRepository(join(folder.path, 'registry'));
    looks = 0;
  });
  afterEach(async () => {
    await source?.close();
    source = undefined;
    folder.remove();
  });

  const open = async (options: Partial<SourceOptions> = {}) => {
    source = await openSource({
      location: real.path,
      folder: join(folder.path, 'data'),
      onLook: () => {
        looks += 1;
      },
      log: recordingLog(),
      environment: cleanEnvironment,
      ...options,
    });
    return source;
  };

  it('follows the branch that HEAD names, and a branch by name', async () => {
    const main = real.commit({ 'a.yaml': '1' });
    real.git('branch', 'staging/eu');
    real.commit({ 'a.yaml': '2' });
    const followed = await open();
    expect(followed.reference).toBe('refs/heads/main');
    expect(followed.description).toBe(real.path);
    expect(await followed.head()).toBe(real.git('rev-parse', 'main'));
    await followed.close();
    const other = await open({ reference: 'staging/eu' });
    expect(other.reference).toBe('refs/heads/staging/eu');
    expect(await other.head()).toBe(main);
  });

  it('follows a tag, a full name and a HEAD on no branch', async () => {
    const commit = real.commit({ 'a.yaml': '1' });
    real.git('tag', '-a', 'v1', '-m', 'one');
    for (const [reference, full] of [
      ['v1', 'refs/tags/v1'],
      ['refs/heads/main', 'refs/heads/main'],
    ]) {
      const opened = await open({ reference });
      expect([opened.reference, await opened.head()]).toEqual([full, commit]);
      await opened.close();
    }
    real.git('checkout', '-q', '--detach');
    expect((await open()).reference).toBe('HEAD');
    expect(await source?.head()).toBe(commit);
  });

  it('refuses a branch that is not there, and names those that are', async () => {
    real.commit({ 'a.yaml': '1' });
    real.git('branch', 'staging');
    await expect(open({ reference: 'stagin' })).rejects.toMatchObject({
      code: 'ReferenceMissing',
      hint: expect.stringContaining('refs/heads/main, refs/heads/staging'),
    });
  });

  it('waits for the first commit of an empty repository', async () => {
    const opened = await open();
    expect(await opened.head()).toBeUndefined();
    const commit = real.commit({ 'a.yaml': '1' });
    expect(await opened.head()).toBe(commit);
    expect(opened.lastError).toBeUndefined();
  });

  it('says look soon after a commit, and when asked', async () => {
    real.commit({ 'a.yaml': '1' });
    const opened = await open();
    const before = looks;
    opened.look();
    await vi.waitFor(() => expect(looks).toBeGreaterThan(before), { timeout: 5000, interval: 10 });
    const commit = real.commit({ 'a.yaml': '2' });
    const seen = looks;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(seen), { timeout: 5000, interval: 10 });
    expect(await opened.head()).toBe(commit);
  });

  it('shows an error while its branch is gone, and none when it is back', async () => {
    const commit = real.commit({ 'a.yaml': '1' });
    real.git('branch', 'staging');
    const opened = await open({ reference: 'staging' });
    expect(await opened.head()).toBe(commit);
    real.git('branch', '-q', '-D', 'staging');
    expect(await opened.head()).toBeUndefined();
    expect(opened.lastError).toMatchObject({ code: 'ReferenceMissing' });
    real.git('branch', 'staging');
    expect(await opened.head()).toBe(commit);
    expect(opened.lastError).toBeUndefined();
  });

  it('shows an error once the folder is gone', async () => {
    real.commit({ 'a.yaml': '1' });
    const opened = await open();
    await opened.head();
    rmSync(real.path, { recursive: true });
    await expect(opened.head()).rejects.toMatchObject({ code: 'NotARepository' });
    expect(opened.lastError).toMatchObject({ code: 'NotARepository' });
  });

  it('refuses what is no repository', async () => {
    await expect(open({ location: folder.path })).rejects.toMatchObject({ code: 'NotARepository' });
  });
});
