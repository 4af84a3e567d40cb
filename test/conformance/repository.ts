import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { codeOf } from '../../core/plugin.ts';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import type { Blob, Repository, Write } from '../../libraries/git/repository.ts';
import { codeOfFailure } from '../fixtures/failure.ts';
import { type GitRepository, gitCan, makeRepository, temporaryFolder } from '../fixtures/git-repository.ts';

export interface RepositorySuite {
  readonly name: string;
  open(path: string): Promise<OpenedRepository>;
  /** What the implementation refuses with `RepositoryUnsupported`. */
  readonly refuses: readonly Feature[];
}

type Feature = 'sha256' | 'reftable' | 'alternates' | 'linked work trees' | 'partial clones';

/** What every repository promises, tried on real ones. */
export function repositorySuite({ name, open, refuses }: RepositorySuite): void {
  describe(`${name} as a repository`, () => {
    let folder: ReturnType<typeof temporaryFolder>;
    let real: GitRepository;
    const opened: Repository[] = [];

    beforeEach(() => {
      folder = temporaryFolder();
      real = makeRepository(join(folder.path, 'registry'));
    });
    afterEach(async () => {
      for (const repository of opened.splice(0)) await repository.close();
      folder.remove();
    });

    async function use(path = real.path): Promise<OpenedRepository> {
      const repository = await open(path);
      opened.push(repository);
      return repository;
    }

    describe('revisions', () => {
      it('names nothing while there is no commit, and knows the branch to come', async () => {
        const repository = await use();
        expect(await repository.resolve('HEAD')).toBeUndefined();
        expect(await repository.resolve('main')).toBeUndefined();
        expect(await repository.headReference()).toBe('refs/heads/main');
        expect(await repository.references()).toEqual(new Map());
      });

      it('resolves branches, tags, ids, short ids and steps from them', async () => {
        const first = real.commit({ 'a.yaml': 'one' });
        real.git('tag', '-a', 'v1', '-m', 'one');
        real.git('tag', '-a', 'v1-again', '-m', 'a tag of a tag', 'v1');
        const second = real.commit({ 'a.yaml': 'two' });
        real.git('branch', 'feature/eu', first);
        const repository = await use();
        const asked: Readonly<Record<string, string>> = {
          HEAD: second,
          '@': second,
          main: second,
          'refs/heads/main': second,
          'feature/eu': first,
          'heads/feature/eu': first,
          v1: first,
          'refs/tags/v1-again': first,
          [second]: second,
          [second.slice(0, 10)]: second,
          'HEAD~1': first,
          'main^': first,
          'main~0': second,
          'v1^{commit}': first,
        };
        for (const [revision, commit] of Object.entries(asked)) {
          expect([revision, await repository.resolve(revision)]).toEqual([revision, commit]);
        }
      });

      it('answers undefined for what names no commit', async () => {
        const commit = real.commit({ 'a.yaml': 'one' });
        const tree = real.git('rev-parse', 'HEAD^{tree}');
        const repository = await use();
        for (const revision of [
          '',
          'nothing',
          'HEAD~1',
          'HEAD^2',
          'a\nb',
          'a\0b',
          '../../registry/.git/refs/heads/main',
          '../config',
          '-x',
          tree,
          'f'.repeat(40),
        ]) {
          expect([revision, await repository.resolve(revision)]).toEqual([revision, undefined]);
        }
        expect(await repository.resolve('main')).toBe(commit);
      });

      it('sees every move of a reference at once, loose or packed', async () => {
        const repository = await use();
        for (let turn = 0; turn < 6; turn++) {
          const commit = real.commit({ 'a.yaml': String(turn) });
          if (turn % 2 === 1) real.git('pack-refs', '--all', '--prune');
          expect(await repository.resolve('main')).toBe(commit);
        }
        real.git('update-ref', 'refs/heads/main', 'HEAD~3');
        expect(await repository.resolve('main')).toBe(real.git('rev-parse', 'main'));
        real.git('symbolic-ref', 'HEAD', 'refs/heads/other');
        real.git('update-ref', '-d', 'refs/heads/main');
        expect(await repository.resolve('main')).toBeUndefined();
        expect(await repository.headReference()).toBe('refs/heads/other');
      });

      it('names HEAD where it stands on no branch', async () => {
        const commit = real.commit({ 'a.yaml': 'one' });
        real.git('checkout', '-q', '--detach');
        const repository = await use();
        expect(await repository.headReference()).toBe('HEAD');
        expect(await repository.resolve('HEAD')).toBe(commit);
      });

      it('lists branches and tags with their commits, or what a prefix reaches', async () => {
        const first = real.commit({ 'a.yaml': 'one' });
        real.git('tag', '-a', 'v1', '-m', 'one');
        real.git('tag', 'of-a-blob', real.git('hash-object', '-w', 'a.yaml'));
        real.git('branch', 'feature/eu');
        real.git('pack-refs', '--all');
        const second = real.commit({ 'a.yaml': 'two' });
        real.git('update-ref', 'refs/proposals/1/head', second);
        const repository = await use();
        expect([...(await repository.references())]).toEqual([
          ['refs/heads/feature/eu', first],
          ['refs/heads/main', second],
          ['refs/tags/v1', first],
        ]);
        expect([...(await repository.references('refs/proposals/'))]).toEqual([
          ['refs/proposals/1/head', second],
        ]);
        expect([...(await repository.references('refs/heads/fea'))]).toEqual([
          ['refs/heads/feature/eu', first],
        ]);
      });
    });

    describe('objects', () => {
      it('reads a commit with its people, times and message', async () => {
        const first = real.commit({ 'a.yaml': 'one' });
        const id = real.commit({ 'a.yaml': 'two' }, 'feat: the second\n\nWith a body, ä and 🙂.');
        const commit = await (await use()).commit(id);
        expect(commit).toEqual({
          id,
          tree: real.git('rev-parse', `${id}^{tree}`),
          parents: [first],
          author: { name: 'Ada', email: 'ada@example.org', time: 1700000000 },
          committer: { name: 'Grace', email: 'grace@example.org', time: 1700000100 },
          message: 'feat: the second\n\nWith a body, ä and 🙂.\n',
        });
      });

      it('reads a commit that was written in another encoding', async () => {
        real.git('config', 'i18n.commitEncoding', 'ISO-8859-1');
        const message = join(folder.path, 'message');
        writeFileSync(message, Buffer.from('gr\xfcn', 'latin1'));
        real.git('commit', '-q', '--allow-empty', '-F', message);
        expect((await (await use()).commit(real.git('rev-parse', 'HEAD'))).message).toBe('grün\n');
      });

      it('lists a tree one level deep, in order, and tells links and submodules apart', async () => {
        const inner = real.commit({
          'a.yaml': 'one',
          'a/b.yaml': 'two',
          'a.b': 'three',
          'run.sh': '#!/bin/sh',
        });
        chmodSync(join(real.path, 'run.sh'), 0o755);
        symlinkSync('a.yaml', join(real.path, 'link.yaml'));
        mkdirSync(join(real.path, 'library'));
        real.git('update-index', '--add', '--cacheinfo', `160000,${inner},library`);
        real.commit({});
        const commit = real.git('rev-parse', 'HEAD');
        const listed = real
          .git('ls-tree', commit)
          .split('\n')
          .map((line) => line.split(/[ \t]/) as [string, string, string, string]);
        const repository = await use();
        const entries = await repository.tree(real.git('rev-parse', 'HEAD^{tree}'));
        expect(entries.map((entry) => [entry.name, entry.id])).toEqual(
          listed.map(([, , id, path]) => [path, id]),
        );
        expect(Object.fromEntries(entries.map((entry) => [entry.name, entry.type]))).toEqual({
          a: 'tree',
          'a.b': 'blob',
          'a.yaml': 'blob',
          'link.yaml': 'symlink',
          library: 'submodule',
          'run.sh': 'blob',
        });
      });

      it('keeps names that are not ASCII, and makes names that are not UTF-8 readable and different', async () => {
        const blob = real.git('rev-parse', real.commit({ 'grün-🙂.yaml': 'x' })).length;
        expect(blob).toBe(40);
        for (const byte of ['\xff', '\xfe']) {
          const path = Buffer.concat([Buffer.from(real.path), Buffer.from(`/${byte}.yaml`, 'latin1')]);
          writeFileSync(path, 'x');
        }
        real.commit({});
        const entries = await (await use()).tree(real.git('rev-parse', 'HEAD^{tree}'));
        expect(entries.map((entry) => entry.name)).toEqual(['grün-🙂.yaml', '\\xfe.yaml', '\\xff.yaml']);
      });

      it('reads the empty tree', async () => {
        real.git('commit', '-q', '--allow-empty', '-m', 'nothing');
        expect(await (await use()).tree(real.git('rev-parse', 'HEAD^{tree}'))).toEqual([]);
      });

      it('reads many blobs in the order asked, and leaves out the bytes of large ones', async () => {
        const files: Record<string, string> = { 'large.bin': 'x'.repeat(70_000), 'empty.yaml': '' };
        for (let index = 0; index < 1500; index++) files[`m/${index}.yaml`] = `name: n${index}\n`;
        real.commit(files);
        const repository = await use();
        const root = await repository.tree(real.git('rev-parse', 'HEAD^{tree}'));
        const inner = await repository.tree(root.find((entry) => entry.name === 'm')!.id);
        const large = root.find((entry) => entry.name === 'large.bin')!;
        const empty = root.find((entry) => entry.name === 'empty.yaml')!;
        const wanted = [large, ...inner.toReversed(), empty, large, inner[0]!];
        const blobs = await all(
          repository.blobs(
            wanted.map((entry) => entry.id),
            65_536,
          ),
        );
        expect(blobs.map((blob) => blob.id)).toEqual(wanted.map((entry) => entry.id));
        expect(blobs[0]).toEqual({ id: large.id, size: 70_000, bytes: undefined });
        expect(blobs.at(-3)).toMatchObject({ size: 0 });
        expect(blobs.at(-3)!.bytes).toHaveLength(0);
        for (const [index, entry] of inner.toReversed().entries()) {
          expect(text(blobs[index + 1]!)).toBe(`name: n${entry.name.replace('.yaml', '')}\n`);
        }
        expect(await all(repository.blobs([], 10))).toEqual([]);
      });

      it('gives the size of a blob and its content in pieces', async () => {
        const content = Buffer.alloc(3_000_000, 'abcdefg\0\n');
        real.commit({ 'model.onnx': content });
        const id = real.git('rev-parse', 'HEAD:model.onnx');
        const repository = await use();
        expect(await repository.blobSize(id)).toBe(content.length);
        const pieces = await all(repository.openBlob(id));
        expect(pieces.length).toBeGreaterThan(10);
        expect(Buffer.concat(pieces).equals(content)).toBe(true);
      });

      it('survives a reader that stops in the middle of a blob', async () => {
        real.commit({ 'model.onnx': Buffer.alloc(3_000_000, 1) });
        const id = real.git('rev-parse', 'HEAD:model.onnx');
        const repository = await use();
        for await (const piece of repository.openBlob(id)) {
          expect(piece.length).toBeGreaterThan(0);
          break;
        }
        expect(await repository.blobSize(id)).toBe(3_000_000);
      });

      it('says which object is missing, and of which type it should have been', async () => {
        const commit = real.commit({ 'a.yaml': 'one' });
        const blob = real.git('rev-parse', 'HEAD:a.yaml');
        const repository = await use();
        const nowhere = 'd'.repeat(40);
        const attempts: readonly (() => Promise<unknown>)[] = [
          () => repository.commit(nowhere),
          () => repository.tree(nowhere),
          () => repository.blobSize(nowhere),
          () => all(repository.blobs([blob, nowhere], 100)),
          () => all(repository.openBlob(nowhere)),
          () => repository.log(nowhere, { limit: 1 }),
          () => repository.isAncestor(nowhere, commit),
          () => repository.tree(blob),
          () => repository.commit(blob),
          () => repository.blobSize(commit),
          () => repository.commit('main\nHEAD'),
        ];
        for (const attempt of attempts) expect(await codeOfFailure(attempt)).toBe('ObjectMissing');
        expect(await repository.blobSize(blob)).toBe(3);
      });
    });

    describe('history', () => {
      it('walks first parents, newest first, up to a limit', async () => {
        const one = real.commit({ 'a.yaml': '1' });
        real.git('checkout', '-q', '-b', 'side');
        const side = real.commit({ 'b.yaml': '1' });
        real.git('checkout', '-q', 'main');
        const two = real.commit({ 'a.yaml': '2' });
        real.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
        const merge = real.git('rev-parse', 'HEAD');
        const repository = await use();
        const ids = async (from: string, limit: number) =>
          (await repository.log(from, { limit })).map(({ id }) => id);
        expect(await ids(merge, 10)).toEqual([merge, two, one]);
        expect(await ids('main', 2)).toEqual([merge, two]);
        expect(await ids('side', 10)).toEqual([side, one]);
        expect((await repository.log(merge, { limit: 1 }))[0]!.parents).toEqual([two, side]);
      });

      it('names the commits that changed one path, its making and its removal among them', async () => {
        const one = real.commit({ 'm/a.yaml': '1', 'm/b.yaml': '1' });
        const two = real.commit({ 'm/a.yaml': '2' });
        const three = real.commit({ 'm/b.yaml': '2' });
        const four = real.commit({ 'm/a.yaml': null });
        real.commit({ '[m]': 'a name that a pattern could take for m' });
        const repository = await use();
        const ids = async (path: string) =>
          (await repository.log('main', { path, limit: 9 })).map(({ id }) => id);
        expect(await ids('m/a.yaml')).toEqual([four, two, one]);
        expect(await ids('m')).toEqual([four, three, two, one]);
        expect(await ids('m/none.yaml')).toEqual([]);
        expect(await ids('[m]')).toHaveLength(1);
      });

      it('stops where a shallow clone stops', async () => {
        for (const content of ['1', '2', '3']) real.commit({ 'a.yaml': content });
        const path = join(folder.path, 'shallow');
        real.git('clone', '-q', '--depth', '2', `file://${real.path}`, path);
        const repository = await use(path);
        expect(await repository.log('HEAD', { limit: 10 })).toHaveLength(2);
      });

      it('knows what comes from what', async () => {
        const one = real.commit({ 'a.yaml': '1' });
        const two = real.commit({ 'a.yaml': '2' });
        real.git('checkout', '-q', '-b', 'side', one);
        const side = real.commit({ 'b.yaml': '1' });
        const repository = await use();
        expect(await repository.isAncestor(one, two)).toBe(true);
        expect(await repository.isAncestor(two, two)).toBe(true);
        expect(await repository.isAncestor(two, one)).toBe(false);
        expect(await repository.isAncestor(two, side)).toBe(false);
      });
    });

    describe('writing', () => {
      it('adds, changes and deletes files in nested folders and leaves the rest as it is', async () => {
        real.commit({
          'run.sh': 'x',
          'm/a.yaml': '1',
          'm/v/1.yaml': '1',
          'm/v/2.yaml': '2',
          'gone/only.yaml': '1',
        });
        chmodSync(join(real.path, 'run.sh'), 0o755);
        symlinkSync('m/a.yaml', join(real.path, 'link'));
        mkdirSync(join(real.path, 'library'));
        real.git('update-index', '--add', '--cacheinfo', `160000,${real.git('rev-parse', 'HEAD')},library`);
        const expected = real.commit({});
        const before = listing(real, expected);
        const repository = await use();
        const commit = await repository.write(
          change(expected, {
            'm/v/2.yaml': 'changed',
            'm/v/3.yaml': new TextEncoder().encode('new'),
            'm.yaml': 'sorts after the folder m',
            'run.sh': 'y',
            'deep/er/than/before.yaml': 'new',
            'gone/only.yaml': null,
            'never/there.yaml': null,
          }),
        );
        expect(real.git('rev-parse', 'refs/heads/main')).toBe(commit);
        real.git('fsck', '--strict');
        const after = listing(real, commit);
        expect(after.get('library')).toBe(before.get('library'));
        expect(after.get('link')).toBe(before.get('link'));
        expect(after.get('m/a.yaml')).toBe(before.get('m/a.yaml'));
        expect(after.get('run.sh')).toMatch(/^100755 blob /);
        expect([...after.keys()]).toEqual([
          'deep/er/than/before.yaml',
          'library',
          'link',
          'm.yaml',
          'm/a.yaml',
          'm/v/1.yaml',
          'm/v/2.yaml',
          'm/v/3.yaml',
          'run.sh',
        ]);
        expect(real.git('show', `${commit}:m/v/2.yaml`)).toBe('changed');
        expect(real.git('show', `${commit}:m/v/3.yaml`)).toBe('new');
      });

      it('writes the message and the author, and parents on request', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const other = real.commit({ 'a.yaml': '2' });
        const repository = await use();
        const author = { name: 'Sonja <x>', email: 'sonja@example.org' };
        const message = 'feat: grün 🙂\n\nWith a body.';
        const id = await repository.write({
          ...change(other, { 'b.yaml': '1' }),
          author,
          message,
          parents: [other, base],
        });
        const commit = await repository.commit(id);
        expect(commit).toMatchObject({ parents: [other, base], message: `${message}\n` });
        expect(commit.author).toMatchObject({ name: 'Sonja x', email: 'sonja@example.org' });
        expect(Math.abs(commit.author.time - Date.now() / 1000)).toBeLessThan(60);
        expect(real.git('show', '-s', '--format=%an %ae %B', id).trim()).toBe(
          `Sonja x sonja@example.org ${message}`,
        );
      });

      it('makes the first commit of an empty repository, and a reference of its own', async () => {
        const repository = await use();
        const first = await repository.write(change(null, { 'platform.yaml': 'kind: Platform' }));
        expect(await repository.resolve('HEAD')).toBe(first);
        expect((await repository.commit(first)).parents).toEqual([]);
        const meta = { ...change(null, {}), reference: 'refs/proposals/1/meta', message: 'opened' };
        const opened = await repository.write(meta);
        expect(await repository.tree((await repository.commit(opened)).tree)).toEqual([]);
        const head = {
          ...change(null, { 'b.yaml': '1' }),
          reference: 'refs/proposals/1/head',
          parents: [first],
        };
        expect(await repository.isAncestor(first, await repository.write(head))).toBe(true);
        real.git('fsck', '--strict');
      });

      it('makes a commit without changes', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const repository = await use();
        const id = await repository.write(change(base, {}));
        expect((await repository.commit(id)).tree).toBe((await repository.commit(base)).tree);
      });

      it('writes on a packed reference and after a checkout that it does not touch', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        real.git('pack-refs', '--all');
        const repository = await use();
        const id = await repository.write(change(base, { 'a.yaml': '2' }));
        expect(real.git('rev-parse', 'main')).toBe(id);
        expect(real.git('show', ':a.yaml')).toBe('1');
        expect(real.git('diff', '--name-only')).toBe('');
      });

      it('refuses the loser of two writers and changes nothing', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const repository = await use();
        const winner = await repository.write(change(base, { 'a.yaml': 'winner' }));
        expect(await codeOfFailure(() => repository.write(change(base, { 'a.yaml': 'loser' })))).toBe(
          'ReferenceMoved',
        );
        expect(await codeOfFailure(() => repository.write(change(null, { 'a.yaml': 'loser' })))).toBe(
          'ReferenceMoved',
        );
        expect(real.git('rev-parse', 'main')).toBe(winner);
        const absent = { ...change(base, { 'a.yaml': '2' }), reference: 'refs/heads/absent' };
        expect(await codeOfFailure(() => repository.write(absent))).toBe('ReferenceMoved');
        expect(await repository.resolve('absent')).toBeUndefined();
      });

      it('loses none of twenty writes made at once by two that opened it', async () => {
        real.commit({ 'a.yaml': '1' });
        const both = [await use(), await use()];
        await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            writeUntilItLands(both[index % 2]!, `files/${index}.yaml`),
          ),
        );
        const files = real.git('ls-tree', '-r', '--name-only', 'main', 'files/').split('\n');
        expect(files).toHaveLength(20);
        expect(real.git('rev-list', '--count', 'main')).toBe('21');
        real.git('fsck', '--strict');
      });

      it('loses none of the commits that it and the real git make at once', async () => {
        real.commit({ 'a.yaml': '1' });
        const repository = await use();
        const theirs = async (index: number) => {
          for (;;) {
            const tip = await real.gitAsync('rev-parse', 'main');
            const id = await real.gitAsync(
              'commit-tree',
              `${tip}^{tree}`,
              '-p',
              tip,
              '-m',
              `theirs ${index}`,
            );
            const landed = await real.gitAsync('update-ref', 'refs/heads/main', id, tip).then(
              () => true,
              () => false,
            );
            if (landed) return;
          }
        };
        await Promise.all([
          ...Array.from({ length: 6 }, (_, index) => writeUntilItLands(repository, `files/${index}.yaml`)),
          ...Array.from({ length: 6 }, (_, index) => theirs(index)),
        ]);
        expect(real.git('rev-list', '--count', 'main')).toBe('13');
      });

      it('refuses paths that are none, and what stands in the way', async () => {
        real.commit({ 'm/a.yaml': '1', 'a.yaml': '1' });
        symlinkSync('m', join(real.path, 'link'));
        const base = real.commit({});
        const repository = await use();
        const refused: readonly (readonly [string, string | null])[] = [
          ['', 'x'],
          ['/a', 'x'],
          ['a/', 'x'],
          ['a//b', 'x'],
          ['../a', 'x'],
          ['./a', 'x'],
          ['m/../a', 'x'],
          ['.git/config', 'x'],
          ['m/.GIT/config', 'x'],
          ['a\0b', 'x'],
          ['m', 'x'],
          ['m', null],
          ['link', 'x'],
          ['link/a.yaml', 'x'],
          ['a.yaml/b', 'x'],
        ];
        for (const [path, content] of refused) {
          const code = await codeOfFailure(() => repository.write(change(base, { [path]: content })));
          expect([path, code]).toEqual([path, 'PathRefused']);
        }
        expect(real.git('rev-parse', 'main')).toBe(base);
      });

      it('turns a file into a folder and back in one change', async () => {
        const base = real.commit({ a: 'file' });
        const repository = await use();
        const folderInstead = await repository.write(change(base, { a: null, 'a/b': '1' }));
        expect(real.git('ls-tree', '-r', '--name-only', folderInstead)).toBe('a/b');
        const both = change(folderInstead, { 'a/b': null, 'x/y': '1', x: '2' });
        expect(await codeOfFailure(() => repository.write(both))).toBe('PathRefused');
      });

      it('refuses names that are no references, and those that other references exclude', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        real.git('branch', 'taken/below');
        real.git('branch', 'packed/below');
        real.git('pack-refs', '--all');
        real.git('branch', 'loose/below');
        const repository = await use();
        for (const reference of [
          'main',
          'HEAD',
          'refs/heads/../../config',
          'refs/heads/a b',
          'refs/heads/a.lock',
          'refs/heads/.a',
          'refs/heads/main/below',
          'refs/heads/packed',
          'refs/heads/loose',
        ]) {
          const code = await codeOfFailure(() => repository.write({ ...change(null, {}), reference }));
          expect([reference, code]).toEqual([reference, 'ReferenceInvalid']);
        }
        expect(real.git('rev-parse', 'main')).toBe(base);
      });

      it('refuses an author without a name and a message with a NUL', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const repository = await use();
        const bad = { ...change(base, {}), author: { name: ' <> ', email: 'a@example.org' } };
        expect(await codeOfFailure(() => repository.write(bad))).toBe('CommitRefused');
        expect(await codeOfFailure(() => repository.write({ ...change(base, {}), message: 'a\0b' }))).toBe(
          'CommitRefused',
        );
      });

      it('says so when somebody keeps the reference locked', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const lock = join(real.path, '.git/refs/heads/main.lock');
        writeFileSync(lock, '');
        const repository = await use();
        expect(await codeOfFailure(() => repository.write(change(base, { 'a.yaml': '2' })))).toBe(
          'ReferenceLocked',
        );
        expect(real.git('rev-parse', 'main')).toBe(base);
        rmSync(lock);
        expect(await repository.write(change(base, { 'a.yaml': '2' }))).toBe(real.git('rev-parse', 'main'));
      });

      it('says so when objects cannot be written, and moves nothing', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        real.git('gc', '-q');
        const objects = join(real.path, '.git/objects');
        for (let byte = 0; byte < 256; byte++) {
          const name = byte.toString(16).padStart(2, '0');
          rmSync(join(objects, name), { recursive: true, force: true });
          writeFileSync(join(objects, name), 'in the way');
        }
        const repository = await use();
        const attempt = repository.write(change(base, { 'a.yaml': '2' }));
        await expect(attempt).rejects.toMatchObject({
          code: 'GitFailed',
          hint: expect.stringContaining('disk'),
        });
        expect(await repository.resolve('main')).toBe(base);
        expect((await repository.commit(base)).message).toBe('change\n');
      });

      it('keeps modes of old that Git would not write today', async () => {
        const blob = real.git('hash-object', '-w', '--stdin');
        const path = join(folder.path, 'tree');
        writeFileSync(
          path,
          Buffer.from(`100664 old.yaml\0${Buffer.from(blob, 'hex').toString('latin1')}`, 'latin1'),
        );
        const tree = real.git('hash-object', '-w', '-t', 'tree', '--literally', path);
        const base = real.git('commit-tree', tree, '-m', 'old');
        real.git('update-ref', 'refs/heads/main', base);
        const id = await (await use()).write(change(base, { 'new.yaml': '1' }));
        expect(real.git('cat-file', 'tree', `${id}^{tree}`)).toContain('100664 old.yaml');
      });
    });

    describe('kinds of repository', () => {
      it('reads and writes a bare repository', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const path = join(folder.path, 'bare.git');
        real.git('clone', '-q', '--bare', real.path, path);
        const repository = await use(path);
        expect(await repository.resolve('HEAD')).toBe(base);
        const id = await repository.write(change(base, { 'a.yaml': '2' }));
        expect(await repository.resolve('refs/heads/main')).toBe(id);
      });

      it('reads a work tree whose .git is a file', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const elsewhere = join(folder.path, 'elsewhere.git');
        renameSync(join(real.path, '.git'), elsewhere);
        writeFileSync(join(real.path, '.git'), `gitdir: ${elsewhere}\n`);
        expect(await (await use()).resolve('main')).toBe(base);
      });

      for (const feature of ['sha256', 'reftable'] as const) {
        const flag = feature === 'sha256' ? '--object-format=sha256' : '--ref-format=reftable';
        it(`reads and writes ${feature}, or refuses it by name`, async (context) => {
          context.skip(!gitCan(flag), `the git of this machine cannot make ${feature} repositories`);
          const special = makeRepository(join(folder.path, feature), [flag]);
          const base = special.commit({ 'm/a.yaml': '1' });
          if (await isRefused(feature, special.path)) return;
          const repository = await use(special.path);
          expect(await repository.resolve('main')).toBe(base);
          const id = await repository.write(change(base, { 'm/a.yaml': '2' }));
          expect(special.git('rev-parse', 'main')).toBe(id);
          expect(special.git('show', `${id}:m/a.yaml`)).toBe('2');
          special.git('fsck', '--strict');
        });
      }

      it('reads and writes a linked work tree, or refuses it by name', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const path = join(folder.path, 'linked');
        real.git('worktree', 'add', '-q', '-b', 'side', path);
        if (await isRefused('linked work trees', path)) return;
        const repository = await use(path);
        expect(await repository.headReference()).toBe('refs/heads/side');
        const reference = 'refs/heads/side';
        const id = await repository.write({ ...change(base, { 'a.yaml': '2' }), reference });
        expect(real.git('rev-parse', 'side')).toBe(id);
        expect(repository.commonFolder).not.toBe(repository.gitFolder);
      });

      it('reads a repository that borrows its objects, or refuses it by name', async () => {
        const base = real.commit({ 'a.yaml': '1' });
        const path = join(folder.path, 'borrowing');
        real.git('clone', '-q', '--shared', real.path, path);
        if (await isRefused('alternates', path)) return;
        const repository = await use(path);
        expect((await repository.commit(base)).id).toBe(base);
      });

      it('reads a partial clone, or refuses it by name', async () => {
        real.commit({ 'a.yaml': '1' });
        real.git('config', 'uploadpack.allowFilter', 'true');
        const path = join(folder.path, 'partial');
        real.git('clone', '-q', '--no-checkout', '--filter=blob:none', `file://${real.path}`, path);
        if (await isRefused('partial clones', path)) return;
        const repository = await use(path);
        expect(await repository.blobSize(real.git('rev-parse', 'HEAD:a.yaml'))).toBe(1);
      });

      async function isRefused(feature: Feature, path: string): Promise<boolean> {
        if (!refuses.includes(feature)) return false;
        await expect(open(path)).rejects.toMatchObject({
          code: 'RepositoryUnsupported',
          hint: expect.stringContaining('Install git 2.38 or newer'),
        });
        return true;
      }

      it('refuses a folder that is not there, a file, and a folder that is no repository', async () => {
        const plain = join(real.path, 'plain');
        mkdirSync(plain);
        writeFileSync(join(folder.path, 'file'), '');
        for (const path of [join(folder.path, 'nowhere'), join(folder.path, 'file'), plain, folder.path]) {
          expect([path, await codeOfFailure(() => open(path))]).toEqual([path, 'NotARepository']);
        }
      });

      it('refuses what another user owns and Git does not trust', async (context: TestContext) => {
        context.skip(process.getuid?.() !== 0, 'only root may give a folder away');
        context.skip(name !== 'native git', 'isomorphic-git runs nothing that the folder says');
        chownSync(real.path, 65_534, 65_534);
        chownSync(join(real.path, '.git'), 65_534, 65_534);
        await expect(open(real.path)).rejects.toMatchObject({
          code: 'RepositoryNotTrusted',
          hint: expect.stringContaining('safe.directory'),
        });
      });

      it('refuses a folder that it may not read', async (context: TestContext) => {
        context.skip(process.getuid?.() === 0, 'root may read everything');
        chmodSync(real.path, 0o000);
        try {
          await expect(open(real.path)).rejects.toMatchObject({ code: 'NotARepository' });
        } finally {
          chmodSync(real.path, 0o755);
        }
      });
    });

    describe('while others work on it', () => {
      it('reads whole snapshots while another process repacks, collects and packs references', async () => {
        for (let turn = 0; turn < 5; turn++) {
          const files: Record<string, string> = {};
          for (let index = 0; index < 20; index++)
            files[`m/${index}.yaml`] = `turn: ${turn}\nindex: ${index}\n`;
          real.commit(files);
        }
        const repository = await use();
        let isDone = false;
        const housekeeping = (async () => {
          for (let turn = 0; turn < 12; turn++) {
            await real.gitAsync('repack', '-a', '-d', '-q', ...(turn % 2 === 0 ? ['-f'] : []));
            await real.gitAsync('pack-refs', '--all', '--prune');
            await real.gitAsync('gc', '-q', '--prune=now');
            const tip = await real.gitAsync('commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', `turn ${turn}`);
            await real.gitAsync('update-ref', 'refs/heads/main', tip);
          }
          isDone = true;
        })();
        let snapshots = 0;
        while (!isDone) {
          const head = await repository.resolve('main');
          expect(head).toMatch(/^[0-9a-f]{40}$/);
          expect(await snapshotOf(repository, head!)).toHaveLength(20);
          snapshots += 1;
        }
        await housekeeping;
        expect(snapshots).toBeGreaterThan(5);
      });

      it('reads on after a force push threw history away, and says what is gone', async () => {
        real.commit({ 'm/a.yaml': 'old' });
        const repository = await use();
        const old = (await repository.resolve('main'))!;
        expect(await snapshotOf(repository, old)).toEqual(['old']);
        real.git('checkout', '-q', '--orphan', 'rewritten');
        const next = real.commit({ 'm/a.yaml': 'new' });
        real.git('branch', '-q', '-f', 'main', next);
        real.git('reflog', 'expire', '--expire=now', '--all');
        real.git('gc', '-q', '--prune=now');
        expect(await repository.resolve('main')).toBe(next);
        expect(await snapshotOf(repository, next)).toEqual(['new']);
        expect(await codeOfFailure(() => snapshotOf(repository, old))).toBe('ObjectMissing');
      });

      it('reads on after a rebase', async () => {
        real.commit({ 'm/a.yaml': '1' });
        real.git('checkout', '-q', '-b', 'side');
        real.commit({ 'm/b.yaml': 'side' });
        real.git('checkout', '-q', 'main');
        real.commit({ 'm/c.yaml': 'main' });
        const repository = await use();
        const before = await repository.resolve('side');
        real.git('rebase', '-q', 'main', 'side');
        const after = (await repository.resolve('side'))!;
        expect(after).not.toBe(before);
        expect(await snapshotOf(repository, after)).toEqual(['1', 'side', 'main']);
      });

      it('finds itself again after the repository was made anew at the same place', async () => {
        real.commit({ 'm/a.yaml': 'old' });
        const repository = await use();
        await repository.resolve('main');
        rmSync(real.path, { recursive: true });
        const anew = makeRepository(real.path);
        const commit = anew.commit({ 'm/b.yaml': 'new' });
        expect(await repository.resolve('main')).toBe(commit);
        expect(await snapshotOf(repository, commit)).toEqual(['new']);
      });

      it('fails with a clear error once the repository is gone', async () => {
        real.commit({ 'm/a.yaml': 'old' });
        const repository = await use();
        await repository.resolve('main');
        rmSync(real.path, { recursive: true });
        expect(await codeOfFailure(() => repository.resolve('main'))).toBe('NotARepository');
      });
    });
  });
}

function change(expected: string | null, files: Readonly<Record<string, Uint8Array | string | null>>): Write {
  return {
    reference: 'refs/heads/main',
    expected,
    message: 'change',
    author: { name: 'Ada', email: 'ada@example.org' },
    changes: new Map(Object.entries(files)),
  };
}

/** What a writer does: read, write, and where another was first, again. */
async function writeUntilItLands(repository: Repository, path: string): Promise<void> {
  for (;;) {
    const tip = (await repository.resolve('main'))!;
    try {
      await repository.write(change(tip, { [path]: path }));
      return;
    } catch (error) {
      if (codeOf(error) !== 'ReferenceMoved') throw error;
    }
  }
}

/** The contents of the files in the folder `m` of a commit. */
async function snapshotOf(repository: Repository, id: string): Promise<string[]> {
  const root = await repository.tree((await repository.commit(id)).tree);
  const entries = await repository.tree(root.find((entry) => entry.name === 'm')!.id);
  const blobs = await all(
    repository.blobs(
      entries.map((entry) => entry.id),
      1000,
    ),
  );
  return blobs.map(text);
}

function listing(real: GitRepository, commit: string): Map<string, string> {
  const lines = real.git('ls-tree', '-r', commit).split('\n');
  return new Map(lines.map((line) => line.split('\t').reverse() as [string, string]));
}

function text(blob: Blob): string {
  return Buffer.from(blob.bytes!).toString('utf8');
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
