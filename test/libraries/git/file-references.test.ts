import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileReferences } from '../../../libraries/git/file-references.ts';
import { type GitRepository, makeRepository, temporaryFolder } from '../../fixtures/git-repository.ts';

const author = { name: 'Ada', email: 'ada@example.org', time: 1_700_000_000 };

describe('references as files', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let real: GitRepository;
  let references: FileReferences;
  let one: string;
  let two: string;
  let lock: string;

  beforeEach(() => {
    folder = temporaryFolder();
    real = makeRepository(join(folder.path, 'registry'));
    one = real.commit({ 'a.yaml': '1' });
    two = real.commit({ 'a.yaml': '2' });
    references = new FileReferences(join(real.path, '.git'), 300);
    lock = join(real.path, '.git/refs/heads/main.lock');
  });
  afterEach(() => folder.remove());

  const move = (from: string | null, to: string | null, reference = 'refs/heads/main') =>
    references.move([{ reference, from, to }], { author, message: 'moved' });

  it('breaks a lock that a process of ours left when it died', async () => {
    writeFileSync(lock, `switchyard ${hostname()} 4194304 1\n`);
    await move(two, one);
    expect(real.git('rev-parse', 'main')).toBe(one);
    expect(real.git('status', '--short')).toContain('a.yaml');
  });

  it('breaks a lock of an earlier process that had our own number', async () => {
    writeFileSync(lock, `switchyard ${hostname()} ${process.pid} 1\n`);
    await move(two, one);
    expect(real.git('rev-parse', 'main')).toBe(one);
  });

  it('leaves the locks of others alone: of git, of another machine, of a process that lives', async () => {
    for (const mark of [
      '',
      `${one}\n`,
      'switchyard elsewhere 4194304 1\n',
      `switchyard ${hostname()} 1 1\n`,
    ]) {
      writeFileSync(lock, mark);
      await expect(move(two, one)).rejects.toMatchObject({ code: 'ReferenceLocked' });
      expect(readFileSync(lock, 'utf8')).toBe(mark);
    }
    expect(real.git('rev-parse', 'main')).toBe(two);
  });

  it('moves what a symbolic reference names', async () => {
    await move(two, one, 'HEAD');
    expect(real.git('rev-parse', 'main')).toBe(one);
    expect(real.git('symbolic-ref', 'HEAD')).toBe('refs/heads/main');
  });

  it('deletes a reference, packed or loose, and its neighbours stay', async () => {
    real.git('branch', 'side');
    real.git('tag', '-a', 'v1', '-m', 'one');
    real.git('pack-refs', '--all');
    await move(two, null);
    expect(real.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/side\nrefs/tags/v1');
    real.git('update-ref', 'refs/heads/side', one);
    await move(one, null, 'refs/heads/side');
    expect(real.git('for-each-ref', '--format=%(refname)')).toBe('refs/tags/v1');
    expect(real.git('rev-parse', 'v1^{commit}')).toBe(two);
  });

  it('writes a branch where empty folders were left', async () => {
    mkdirSync(join(real.path, '.git/refs/heads/team/eu'), { recursive: true });
    await move(null, one, 'refs/heads/team');
    expect(real.git('rev-parse', 'team')).toBe(one);
  });

  it('adds to the log that git keeps of a reference', async () => {
    await move(two, one);
    expect(real.git('reflog', '-1', '--format=%gs', 'main')).toBe('moved');
    expect(real.git('rev-parse', 'main@{1}')).toBe(two);
  });
});
