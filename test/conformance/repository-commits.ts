import { execFileSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import type { CommitDraft } from '../../libraries/git/repository.ts';
import { codeOfFailure } from '../fixtures/failure.ts';
import { type GitRepository, makeRepository } from '../fixtures/git-repository.ts';
import { repositoryPlace } from '../fixtures/repository-place.ts';

const author = { name: 'Ada', email: 'ada@example.org' };
const armored = '-----BEGIN X SIGNATURE-----\n\nabc\n-----END X SIGNATURE-----\n';

/** What every repository promises of commits that no reference names, of signatures, and of reading many. */
export function commitSuite(name: string, open: (path: string) => Promise<OpenedRepository>): void {
  describe(`${name} making commits`, () => {
    const place = repositoryPlace(open);

    const draft = (more: Partial<CommitDraft> = {}): CommitDraft => ({ message: 'change', author, ...more });

    it('writes one that no reference names, and that a collection spares', async () => {
      const { real } = place;
      const base = real.commit({ a: '1' });
      const repository = await place.use();
      const id = await repository.makeCommit(
        draft({ parents: [base], changes: new Map([['m/b', '2']]), time: 1_700_000_000 }),
      );
      expect(real.git('for-each-ref', '--contains', id)).toBe('');
      real.git('gc', '-q');
      expect(real.git('cat-file', '-p', `${id}:m/b`)).toBe('2');
      expect((await repository.commit(id)).parents).toEqual([base]);
    });

    it('writes several together, each on top of those before it', async () => {
      const { real } = place;
      const base = real.commit({ a: '1' });
      const repository = await place.use();
      const ids = await repository.makeCommits([
        () => draft({ parents: [base], changes: new Map([['m/b', '2']]) }),
        ([first]) => draft({ parents: [first!], changes: new Map([['m/c', '3']]) }),
        ([first, second]) => draft({ message: `about ${first}`, parents: [second!, base] }),
      ]);
      expect(await repository.makeCommits([])).toEqual([]);
      expect(real.git('rev-list', '--first-parent', ids[2]!).split('\n')).toEqual([
        ids[2],
        ids[1],
        ids[0],
        base,
      ]);
      expect(real.git('ls-tree', '-r', '--name-only', ids[2]!).split('\n')).toEqual(['a', 'm/b', 'm/c']);
      expect(real.git('log', '-1', '--format=%s', ids[2]!)).toBe(`about ${ids[0]}`);
      expect(real.git('fsck', '--strict', '--no-dangling')).toBe('');
    });

    it('writes none of several where one is refused', async () => {
      const repository = await place.use();
      const wrong = () =>
        repository.makeCommits([() => draft({ message: 'fine' }), () => draft({ message: 'a\0b' })]);
      const before = place.real.git('count-objects');
      expect(await codeOfFailure(wrong)).toBe('CommitRefused');
      expect(place.real.git('count-objects')).toBe(before);
    });

    it('keeps an object young that it writes again', async () => {
      const { real } = place;
      const repository = await place.use();
      const same = draft({ changes: new Map([['a', 'the same']]), time: 1_700_000_000 });
      const id = await repository.makeCommit(same);
      const longAgo = new Date(Date.now() - 40 * 24 * 60 * 60 * 1000);
      const files = ['', '^{tree}', ':a'].map((what) => real.git('rev-parse', `${id}${what}`));
      for (const file of files)
        utimesSync(join(real.path, '.git/objects', file.slice(0, 2), file.slice(2)), longAgo, longAgo);
      expect(await repository.makeCommit(same)).toBe(id);
      real.git('gc', '-q');
      expect(real.git('cat-file', 'blob', `${id}:a`)).toBe('the same');
    });

    it('takes a tree of the store, as it is or as what the changes edit', async () => {
      const { real } = place;
      const base = real.commit({ a: '1', b: '1' });
      const other = real.commit({ a: null, c: '1' });
      const tree = real.git('rev-parse', `${other}^{tree}`);
      const repository = await place.use();
      const asItIs = await repository.makeCommit(draft({ parents: [base], tree }));
      expect(await repository.commit(asItIs)).toMatchObject({ tree, parents: [base] });
      const edited = await repository.makeCommit(
        draft({ parents: [base], tree, changes: new Map([['d', '1']]) }),
      );
      expect(real.git('ls-tree', '--name-only', edited).split('\n')).toEqual(['b', 'c', 'd']);
      const written = await repository.write({
        ...draft({ tree }),
        reference: 'refs/heads/main',
        expected: other,
        parents: [other, base],
      });
      expect(real.git('rev-parse', 'main', 'main^{tree}', 'main^2').split('\n')).toEqual([
        written,
        tree,
        base,
      ]);
      const bare = await repository.makeCommit(draft());
      expect(await repository.tree((await repository.commit(bare)).tree)).toEqual([]);
      real.git('fsck', '--strict', '--no-dangling');
    });

    it('names a committer and a time of its own', async () => {
      const repository = await place.use();
      const committer = { name: 'The\nPlatform', email: 'platform@example.org' };
      const id = await repository.makeCommit(draft({ committer, time: 1_600_000_000 }));
      expect(await repository.commit(id)).toMatchObject({
        author: { ...author, time: 1_600_000_000 },
        committer: { name: 'ThePlatform', email: 'platform@example.org', time: 1_600_000_000 },
      });
      const again = await repository.makeCommit(draft({ committer, time: 1_600_000_000 }));
      expect(again).toBe(id);
    });

    it('is signed so that git verifies it, and gives the bytes to verify', async () => {
      const { real } = place;
      const { sign, signers } = sshSigner(place.folder);
      const repository = await place.use();
      let payload: Uint8Array | undefined;
      const id = await repository.write({
        ...draft({
          message: 'feat: signed\n\nWith a body, ä.',
          changes: new Map([['a', '1']]),
          sign: async (bytes) => {
            payload = bytes;
            return sign(bytes);
          },
        }),
        reference: 'refs/heads/main',
        expected: null,
      });
      real.git('-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', id);
      expect(Buffer.from(payload!).toString('utf8')).toMatch(
        /^tree [0-9a-f]+\nauthor .*\ncommitter .*\n\nfeat: signed\n/,
      );
      const raw = Buffer.from(await repository.rawCommit(id)).toString('utf8');
      expect(`${real.git('cat-file', 'commit', id)}\n`).toBe(raw);
      expect(raw).toContain('\ngpgsig -----BEGIN SSH SIGNATURE-----\n ');
      expect((await repository.commit(id)).message).toBe('feat: signed\n\nWith a body, ä.\n');
      real.git('fsck', '--strict', '--no-dangling');
      const forged = await repository.makeCommit(draft({ sign: async () => armored }));
      expect(() => real.git('verify-commit', forged)).toThrow();
    });

    it('is signed in a SHA-256 repository too, or that is refused by name', async () => {
      const special = makeRepository(join(place.folder, 'sha256'), ['--object-format=sha256']);
      special.commit({ a: '1' });
      const refused = await codeOfFailure(() => place.use(special.path));
      if (refused !== undefined) {
        expect(refused).toBe('RepositoryUnsupported');
        return;
      }
      const { sign, signers } = sshSigner(place.folder);
      const repository = await place.use(special.path);
      const id = await repository.makeCommit(draft({ sign }));
      expect(special.git('cat-file', 'commit', id)).toContain('\ngpgsig-sha256 -----BEGIN');
      special.git('-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-commit', id);
    });

    it('writes nothing when the signer fails or answers no signature', async () => {
      const { real } = place;
      const base = real.commit({ a: '1' });
      const repository = await place.use();
      const attempt = (sign: NonNullable<CommitDraft['sign']>) =>
        repository.write({
          ...draft({ sign, changes: new Map([['b', '1']]) }),
          reference: 'refs/heads/main',
          expected: base,
        });
      await expect(attempt(() => Promise.reject(new Error('no key')))).rejects.toThrow('no key');
      for (const answer of [
        '',
        'abc',
        `tree x\n${armored}`,
        '-----BEGIN X-----\n',
        `${armored}\0`,
        '-----BEGIN X-----\nabc\n-----END X-----\nparent x',
      ]) {
        expect([answer, await codeOfFailure(() => attempt(async () => answer))]).toEqual([
          answer,
          'CommitRefused',
        ]);
      }
      const folded = await attempt(async () => armored.replaceAll('\n', '\r\n'));
      expect(real.git('cat-file', 'commit', folded)).not.toContain('\r');
      expect(real.git('rev-parse', 'main^')).toBe(base);
    });

    it('refuses times, parents and trees that are none', async () => {
      const { real } = place;
      const base = real.commit({ a: '1' });
      const blob = real.git('rev-parse', 'HEAD:a');
      const repository = await place.use();
      const cases: readonly (readonly [string, Partial<CommitDraft>])[] = [
        ['CommitRefused', { time: -1 }],
        ['CommitRefused', { time: 1.5 }],
        ['CommitRefused', { time: Number.NaN }],
        ['CommitRefused', { committer: { name: '', email: 'a@b' } }],
        ['CommitRefused', { message: 'a\0b' }],
        ['CommitRefused', { parents: ['main'] }],
        ['CommitRefused', { parents: [base, `${base}\ngpgsig x`] }],
        ['ObjectMissing', { parents: ['d'.repeat(40)] }],
        ['ObjectMissing', { parents: [base, 'd'.repeat(40)] }],
        ['ObjectMissing', { parents: [base, blob] }],
        ['ObjectMissing', { parents: [base], tree: 'd'.repeat(40) }],
        ['ObjectMissing', { parents: [base], tree: blob }],
        ['ObjectMissing', { parents: [base], tree: '-x\n' }],
      ];
      for (const [code, more] of cases)
        expect([more, await codeOfFailure(() => repository.makeCommit(draft(more)))]).toEqual([more, code]);
    });

    it('reads many commits in the order asked', async () => {
      const { real } = place;
      const ids = manyCommits(real, 3000);
      const repository = await place.use();
      const commits = await repository.commits(ids.toReversed());
      expect(commits.map(({ id }) => id)).toEqual(ids.toReversed());
      expect(commits[0]!.message).toBe('event 2999\n');
      expect(commits[1]!.parents).toEqual([ids[2997]]);
      expect(await repository.commits([])).toEqual([]);
      expect(await repository.commits([ids[0]!, ids[0]!])).toHaveLength(2);
      const wrong = [...ids, 'd'.repeat(40)];
      expect(await codeOfFailure(() => repository.commits(wrong))).toBe('ObjectMissing');
      expect(await codeOfFailure(() => repository.rawCommit('HEAD'))).toBe('ObjectMissing');
    });

    it('reads them while another repacks and collects', async () => {
      const { real } = place;
      const ids = manyCommits(real, 400);
      const repository = await place.use();
      let isDone = false;
      const housekeeping = (async () => {
        for (let turn = 0; turn < 6; turn++) {
          await real.gitAsync('repack', '-a', '-d', '-q', ...(turn % 2 === 0 ? ['-f'] : []));
          await real.gitAsync('gc', '-q', '--prune=now');
        }
        isDone = true;
      })();
      while (!isDone) expect(await repository.commits(ids)).toHaveLength(400);
      await housekeeping;
    });

    it('reads of a forged commit what Git reads: the first of each line, and no parent behind the author', async () => {
      const { real } = place;
      const base = real.commit({ a: '1' });
      const tree = real.git('rev-parse', 'HEAD^{tree}');
      const file = join(place.folder, 'forged');
      const person = (who: string) => `${who} <${who}@example.org> 1700000000 +0000`;
      writeFileSync(
        file,
        `tree ${tree}\nparent ${base}\nauthor ${person('Ada')}\nauthor ${person('Eve')}\nparent ${'d'.repeat(40)}\n` +
          `committer ${person('Grace')}\ncommitter ${person('Eve')}\ngpgsig -----BEGIN X-----\n author ${person('Eve')}\n\nforged\n`,
      );
      const id = real.git('hash-object', '-w', '-t', 'commit', '--literally', file);
      const commit = await (await place.use()).commit(id);
      expect(commit).toMatchObject({ tree, parents: [base], message: 'forged\n' });
      expect(commit.author.name).toBe('Ada');
      expect(commit.committer.name).toBe('Grace');
    });
  });
}

/** A chain of commits on `main`, oldest first. */
export function manyCommits(real: GitRepository, count: number): string[] {
  let stream = '';
  for (let index = 0; index < count; index++) {
    const message = `event ${index}\n`;
    stream += `commit refs/heads/main\ncommitter Ada <ada@example.org> ${1_700_000_000 + index} +0000\n`;
    stream += `data ${message.length}\n${message}\n`;
  }
  execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: real.path, input: stream });
  return real.git('rev-list', '--reverse', 'main').split('\n');
}

interface Signer {
  readonly sign: (payload: Uint8Array) => Promise<string>;
  /** A file that allows the key. */
  readonly signers: string;
}

/** Signs with a new key of the real ssh-keygen. */
function sshSigner(folder: string): Signer {
  const key = join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada@example.org', '-f', key]);
  const signers = join(folder, 'signers');
  const [type, body] = execFileSync('cat', [`${key}.pub`])
    .toString()
    .split(' ');
  writeFileSync(signers, `ada@example.org namespaces="git" ${type} ${body}\n`);
  return {
    signers,
    sign: async (payload) =>
      execFileSync('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', key], {
        input: payload,
        stdio: ['pipe', 'pipe', 'ignore'],
      }).toString(),
  };
}
