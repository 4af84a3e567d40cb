import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import type { MergeResult, Repository } from '../../libraries/git/repository.ts';
import { codeOfFailure } from '../fixtures/failure.ts';
import type { GitRepository } from '../fixtures/git-repository.ts';
import { repositoryPlace } from '../fixtures/repository-place.ts';

type Files = Readonly<Record<string, string | null>>;

const author = { name: 'Ada', email: 'ada@example.org' };
const text = (...lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');
const numbers = text('1', '2', '3', '4', '5', '6', '7');

/** What every repository promises of merges, judged by the real git. */
export function mergeSuite(name: string, open: (path: string) => Promise<OpenedRepository>): void {
  describe(`${name} merging`, () => {
    const place = repositoryPlace(open);

    const commit = (repository: Repository, files: Files, ...parents: string[]) =>
      repository.makeCommit({
        message: 'change',
        author,
        parents,
        changes: new Map(Object.entries(files)),
      });

    async function merge(base: Files, ours: Files, theirs: Files): Promise<MergeResult> {
      const repository = await place.use();
      const root = await commit(repository, base);
      return repository.mergeTree(
        await commit(repository, ours, root),
        await commit(repository, theirs, root),
      );
    }

    const contents = (result: MergeResult) => filesOf(place.real, result);

    it('takes what each side changed: lines of one file, files, folders', async () => {
      const result = await merge(
        { a: numbers, 'm/x': 'x', 'm/y': 'y', 'gone/by/us': '1', 'gone/by/them': '1', same: '1' },
        { a: numbers.replace('1', 'one'), 'm/x': 'ours', 'gone/by/us': null, 'new/a': '1', same: '2' },
        { a: numbers.replace('7', 'seven'), 'm/y': 'theirs', 'gone/by/them': null, 'new/b': '2', same: '2' },
      );
      expect(contents(result)).toEqual({
        a: text('one', '2', '3', '4', '5', '6', 'seven'),
        'm/x': 'ours',
        'm/y': 'theirs',
        'new/a': '1',
        'new/b': '2',
        same: '2',
      });
      place.real.git('fsck', '--strict');
    });

    it('names the paths that a human must settle, sorted', async () => {
      const result = await merge(
        { 'm/a': numbers, 'm/b': numbers, 'm/c': '1\n', fine: '1' },
        { 'm/a': numbers.replace('4', 'four'), 'm/b': null, added: 'ours', fine: '2' },
        { 'm/a': numbers.replace('4', 'vier'), 'm/b': numbers.replace('1', 'one'), added: 'theirs' },
      );
      expect(result).toEqual({ conflicts: ['added', 'm/a', 'm/b'] });
    });

    it('takes changes of neighbouring lines for a conflict, as Git does', async () => {
      const result = await merge(
        { a: numbers },
        { a: numbers.replace('3', 'three') },
        { a: numbers.replace('4', 'four') },
      );
      expect(result).toEqual({ conflicts: ['a'] });
    });

    it('never merges what is no text, and keeps bytes that are not UTF-8', async () => {
      const repository = await place.use();
      const binary = (end: string) => Buffer.from(`\0\n2\n3\n4\n5\n6\n7\n8\n${end}`, 'latin1');
      const latin = (start: string, end: string) =>
        Buffer.from(`${start}\n2\n\xff\n4\n5\n${end}\n`, 'latin1');
      const change = async (changes: Record<string, Uint8Array>, ...parents: string[]) =>
        repository.makeCommit({ message: 'c', author, parents, changes: new Map(Object.entries(changes)) });
      const root = await change({ a: latin('1', '6'), b: binary('9') });
      const ours = await change({ a: latin('one', '6') }, root);
      const theirs = await change({ a: latin('1', 'six') }, root);
      const merged = (await repository.mergeTree(ours, theirs)) as { tree: string };
      const entry = (await repository.tree(merged.tree)).find((one) => one.name === 'a')!;
      const pieces: Uint8Array[] = [];
      for await (const piece of repository.openBlob(entry.id)) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(latin('one', 'six'))).toBe(true);
      const mine = await change({ b: Buffer.concat([Buffer.from('0'), binary('9')]) }, root);
      const other = await change({ b: binary('10') }, root);
      expect(await repository.mergeTree(mine, other)).toEqual({ conflicts: ['b'] });
    });

    it('merges a file without a last newline, an empty file, and lines that are names of objects’ own', async () => {
      const result = await merge(
        { a: `${numbers}__proto__`, b: '', c: text('constructor', '2', '3', '4', '__proto__', '6') },
        { a: `0\n${numbers}__proto__`, b: 'x', c: text('constructor', '2', '3', '4', '__proto__', '7') },
        { a: `${numbers}toString`, c: text('0', 'constructor', '2', '3', '4', '__proto__', '6') },
      );
      expect(contents(result)).toEqual({
        a: `0\n${numbers}toString`,
        b: 'x',
        c: text('0', 'constructor', '2', '3', '4', '__proto__', '7'),
      });
    });

    it('keeps a mode that one side changed, and takes two changes of a link for a conflict', async () => {
      const { real } = place;
      const root = real.commit({ 'run.sh': numbers, other: '1' });
      symlinkSync('run.sh', join(real.path, 'link'));
      const withLink = real.commit({ root: root.slice(0, 4) });
      chmodSync(join(real.path, 'run.sh'), 0o755);
      const ours = real.commit({ other: '2' });
      real.git('checkout', '-q', '--detach', withLink);
      const theirs = real.commit({ 'run.sh': numbers.replace('7', 'seven') });
      const repository = await place.use();
      const merged = (await repository.mergeTree(ours, theirs)) as { tree: string };
      expect(real.git('ls-tree', merged.tree, 'run.sh')).toMatch(/^100755 /);
      expect(real.git('cat-file', 'blob', `${merged.tree}:run.sh`)).toContain('seven');
      const relink = (from: string, target: string) => {
        real.git('checkout', '-q', '--detach', from);
        rmSync(join(real.path, 'link'));
        symlinkSync(target, join(real.path, 'link'));
        return real.commit({});
      };
      const result = await repository.mergeTree(relink(withLink, 'other'), relink(withLink, 'nowhere'));
      expect(result).toEqual({ conflicts: ['link'] });
    });

    it('lets one side make a folder of a file, and refuses to guess where both touched it', async () => {
      const clean = await merge({ a: '1', b: '1' }, { a: null, 'a/b': 'folder' }, { b: '2' });
      expect(contents(clean)).toEqual({ 'a/b': 'folder', b: '2' });
      const both = await merge({ a: numbers }, { a: null, 'a/b': 'x' }, { a: numbers.replace('1', 'one') });
      expect('conflicts' in both && both.conflicts.length).toBeGreaterThan(0);
    });

    it('merges a commit with its own ancestor, and with itself', async () => {
      const repository = await place.use();
      const root = await commit(repository, { a: '1' });
      const next = await commit(repository, { a: '2' }, root);
      const { tree } = await repository.commit(next);
      expect(await repository.mergeTree(root, next)).toEqual({ tree });
      expect(await repository.mergeTree(next, root)).toEqual({ tree });
      expect(await repository.mergeTree(next, next)).toEqual({ tree });
    });

    it('merges unrelated histories as if they had begun with nothing', async () => {
      const repository = await place.use();
      const one = await commit(repository, { a: '1', same: '1' });
      const other = await commit(repository, { b: '2', same: '1' });
      expect(await repository.mergeBase(one, other)).toBeUndefined();
      expect(contents(await repository.mergeTree(one, other))).toEqual({ a: '1', b: '2', same: '1' });
      const third = await commit(repository, { a: 'other' });
      expect(await repository.mergeTree(one, third)).toEqual({ conflicts: ['a'] });
    });

    it('merges after a criss-cross, and names one of its bases', async () => {
      const repository = await place.use();
      const { real } = place;
      const root = await commit(repository, { a: numbers, b: '1' });
      const left = await commit(repository, { a: numbers.replace('1', 'one') }, root);
      const right = await commit(repository, { a: numbers.replace('7', 'seven') }, root);
      const both = { a: numbers.replace('1', 'one').replace('7', 'seven') };
      const one = await commit(repository, { ...both, c: 'ours' }, left, right);
      const other = await commit(repository, { ...both, d: 'theirs' }, right, left);
      const bases = real.git('merge-base', '--all', one, other).split('\n');
      expect(bases).toHaveLength(2);
      expect(bases).toContain(await repository.mergeBase(one, other));
      expect(contents(await repository.mergeTree(one, other))).toEqual({
        ...both,
        b: '1',
        c: 'ours',
        d: 'theirs',
      });
    });

    it('says which commit is missing, and takes nothing for an option', async () => {
      const repository = await place.use();
      const root = await commit(repository, { a: '1' });
      const { tree } = await repository.commit(root);
      for (const bad of ['d'.repeat(40), tree, '--all', 'main', 'a\nb', '']) {
        expect([bad, await codeOfFailure(() => repository.mergeTree(root, bad))]).toEqual([
          bad,
          'ObjectMissing',
        ]);
        expect([bad, await codeOfFailure(() => repository.mergeBase(bad, root))]).toEqual([
          bad,
          'ObjectMissing',
        ]);
      }
    });

    it('never calls clean what Git does not, and then has the same tree', async () => {
      const repository = await place.use();
      const edit = fc.array(
        fc.record({
          file: fc.constantFrom('a', 'm/b', 'm/n/c', 'new'),
          line: fc.nat(11),
          kind: fc.constantFrom('change', 'insert', 'delete', 'remove'),
          word: fc.constantFrom('x', 'y', ''),
        }),
        { minLength: 1, maxLength: 4 },
      );
      const lines = Array.from({ length: 12 }, (_, index) => `line ${index % 5 === 0 ? 'same' : index}`);
      const start = { a: text(...lines), 'm/b': text('b', ...lines), 'm/n/c': text('c', ...lines, 'c') };
      const root = await commit(repository, start);
      const apply = (edits: typeof edit extends fc.Arbitrary<infer Edits> ? Edits : never): Files => {
        const files: Record<string, string | null> = {};
        for (const { file, line, kind, word } of edits) {
          const content = files[file] === null ? '' : (files[file] ?? start[file as 'a'] ?? '');
          const parts = content.split('\n');
          if (kind === 'change') parts[line % parts.length] = word;
          else if (kind === 'insert') parts.splice(line % parts.length, 0, word);
          else if (kind === 'delete') parts.splice(line % parts.length, 1);
          files[file] = kind === 'remove' ? null : parts.join('\n');
        }
        return files;
      };
      await fc.assert(
        fc.asyncProperty(edit, edit, async (mine, others) => {
          const ours = await commit(repository, apply(mine), root);
          const theirs = await commit(repository, apply(others), root);
          const result = await repository.mergeTree(ours, theirs);
          const judged = await place.real
            .gitAsync('-c', 'merge.renames=false', 'merge-tree', '--write-tree', ours, theirs)
            .catch(() => undefined);
          if ('tree' in result) expect(result.tree).toBe(judged);
          else expect(result.conflicts.length).toBeGreaterThan(0);
        }),
        { numRuns: 60 },
      );
    });
  });
}

/** The files of a clean result. */
function filesOf(real: GitRepository, result: MergeResult): Record<string, string> {
  if (!('tree' in result)) throw new Error(`conflicts: ${result.conflicts.join(', ')}`);
  const names = real.git('ls-tree', '-r', '--name-only', result.tree).split('\n');
  const show = (name: string) => real.git('cat-file', 'blob', `${result.tree}:${name}`);
  // The last newline is lost on the way here; the tests' texts tell it by their sizes.
  return Object.fromEntries(
    names.map((name) => {
      const size = Number(real.git('cat-file', '-s', `${result.tree}:${name}`));
      const content = show(name);
      return [name, Buffer.byteLength(content) === size ? content : `${content}\n`];
    }),
  );
}
