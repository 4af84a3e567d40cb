import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import type { LogOptions, Repository } from '../../libraries/git/repository.ts';
import { codeOfFailure } from '../fixtures/failure.ts';
import { repositoryPlace } from '../fixtures/repository-place.ts';

const author = { name: 'Ada', email: 'ada@example.org' };

/** What every repository promises of histories, changed paths and single files, judged by the real git. */
export function historySuite(name: string, open: (path: string) => Promise<OpenedRepository>): void {
  describe(`${name} reading histories`, () => {
    const place = repositoryPlace(open);

    /** A history with merges, a second root, clocks that disagree, and files that come and go. */
    async function tangle(repository: Repository): Promise<readonly string[]> {
      const ids: string[] = [];
      for (let index = 0; index < 40; index++) {
        const parents = [index - 1, index % 3 === 0 ? index - 4 : -1, index % 7 === 0 ? index - 9 : -1]
          .filter((parent) => parent >= 0)
          .map((parent) => ids[parent]!);
        const isRoot = index === 20;
        ids.push(
          await repository.makeCommit({
            message: `${index}`,
            author,
            parents: isRoot ? [] : [...new Set(parents)],
            // One clock runs behind by a thousand seconds.
            time: 1_700_000_000 + index * 60 - (index % 11 === 0 ? 1000 : 0),
            changes: new Map([
              [`m/${index % 5}`, index % 10 === 9 ? null : `${index}`],
              ['other', `${Math.floor(index / 8)}`],
            ]),
          }),
        );
      }
      const tip = await repository.makeCommit({ message: 'tip', author, parents: [ids[39]!, ids[19]!] });
      place.real.git('update-ref', 'refs/heads/main', tip);
      return [...ids, tip];
    }

    const idsOf = async (repository: Repository, options: LogOptions) =>
      (await repository.log('main', options)).map(({ id }) => id);
    const judge = (...flags: string[]) =>
      place.real
        .git('rev-list', '--date-order', ...flags)
        .split('\n')
        .filter(Boolean);

    it('walks all parents: none before its children, and else the newest first', async () => {
      const repository = await place.use();
      await tangle(repository);
      const whole = await idsOf(repository, { limit: 1000, firstParent: false });
      expect(whole).toHaveLength(41);
      expect(whole).toEqual(judge('main'));
      expect(await idsOf(repository, { limit: 7, firstParent: false })).toEqual(whole.slice(0, 7));
      expect(await idsOf(repository, { limit: 1000 })).toEqual(judge('--first-parent', 'main'));
      expect(await idsOf(repository, { limit: 0, firstParent: false })).toEqual([]);
    });

    it('names those of a span of time, also behind a clock that went wrong', async () => {
      const repository = await place.use();
      await tangle(repository);
      const [since, until] = [1_700_000_600, 1_700_001_500];
      for (const firstParent of [true, false]) {
        const whole = await repository.log('main', { limit: 1000, firstParent });
        const inSpan = whole.filter(({ committer: { time } }) => time >= since && time <= until);
        expect(inSpan.length).toBeGreaterThan(5);
        const found = await repository.log('main', { limit: 1000, firstParent, since, until });
        expect(found).toEqual(inSpan);
        const late = whole.filter(({ committer: { time } }) => time <= until).slice(0, 2);
        expect(await repository.log('main', { limit: 2, firstParent, until })).toEqual(late);
        expect(await idsOf(repository, { limit: 9, firstParent, since: 1_900_000_000 })).toEqual([]);
        expect(await idsOf(repository, { limit: 9, firstParent, until: 0 })).toEqual([]);
      }
    });

    it('names those that changed a path, in all parents', async () => {
      const repository = await place.use();
      await tangle(repository);
      for (const path of ['m/1', 'm/4', 'm', 'other', 'none', 'm/1/below']) {
        for (const firstParent of [true, false]) {
          const flags = firstParent ? ['--first-parent'] : ['--full-history'];
          expect([path, await idsOf(repository, { limit: 99, path, firstParent })]).toEqual([
            path,
            judge(...flags, 'main', '--', path),
          ]);
        }
      }
    });

    it('names the best common ancestor that Git names', async () => {
      const repository = await place.use();
      const ids = await tangle(repository);
      for (const [one, other] of [
        [39, 38],
        [39, 19],
        [24, 30],
        [10, 12],
        [5, 5],
        [33, 18],
        [40, 7],
      ] as const) {
        const bases = (
          await place.real.gitAsync('merge-base', '--all', ids[one]!, ids[other]!).catch(() => '')
        ).split('\n');
        expect(bases).toContain((await repository.mergeBase(ids[one]!, ids[other]!)) ?? '');
      }
    });

    it('names the files that differ, as Git does, whatever was done to the tree', async () => {
      const repository = await place.use();
      const path = fc.constantFrom('a', 'a.b', 'a/b', 'a/c', 'a0', 'm/x', 'm/n/y', 'grün', 'm.yaml');
      const files = fc.dictionary(path, fc.constantFrom('1', '2', '3'));
      const clean = (wanted: Record<string, string>) =>
        new Map(
          Object.entries(wanted).filter(([name]) => !(name === 'a' && ('a/b' in wanted || 'a/c' in wanted))),
        );
      await fc.assert(
        fc.asyncProperty(files, files, async (before, after) => {
          const make = (wanted: Record<string, string>) =>
            repository.makeCommit({ message: 'x', author, changes: clean(wanted), time: 1 });
          const [from, to] = [await make(before), await make(after)];
          const lines = place.real.git(
            '-c',
            'core.quotePath=false',
            'diff-tree',
            '-r',
            '--no-renames',
            from,
            to,
          );
          expect(
            (await repository.changedPaths(from, to)).map((change) => Object.values(change).join(' ')),
          ).toEqual(lines.split('\n').filter(Boolean).map(toChange));
        }),
        { numRuns: 40 },
      );
    });

    it('shows changes of mode, links and submodules, names that are not UTF-8, and a first commit', async () => {
      const { real } = place;
      const first = real.commit({ 'run.sh': 'x', 'm/a': '1' });
      chmodSync(join(real.path, 'run.sh'), 0o755);
      rmSync(join(real.path, 'm/a'));
      symlinkSync('1', join(real.path, 'm/a'));
      real.git('update-index', '--add', '--cacheinfo', `160000,${first},library`);
      const second = real.commit({ 'm/b': '2' });
      const repository = await place.use();
      const blob = (text: string) => real.git('rev-parse', text);
      expect(await repository.changedPaths(null, first)).toEqual([
        { path: 'm/a', before: null, after: blob(`${first}:m/a`), type: 'blob' },
        { path: 'run.sh', before: null, after: blob(`${first}:run.sh`), type: 'blob' },
      ]);
      const link = blob(`${second}:m/a`);
      expect(link).toBe(blob(`${first}:m/a`));
      expect(await repository.changedPaths(first, second)).toEqual([
        { path: 'm/a', before: link, after: link, type: 'symlink' },
        { path: 'm/b', before: null, after: blob(`${second}:m/b`), type: 'blob' },
        { path: 'run.sh', before: blob(`${first}:run.sh`), after: blob(`${first}:run.sh`), type: 'blob' },
      ]);
      expect(await repository.changedPaths(second, second)).toEqual([]);
      for (const [from, to] of [
        ['d'.repeat(40), first],
        [first, 'main'],
        [first, '-x\n'],
      ] as const)
        expect(await codeOfFailure(() => repository.changedPaths(from, to))).toBe('ObjectMissing');
    });

    it('reads one file of a commit, and nothing that is none', async () => {
      const { real } = place;
      real.commit({ 'm/a.yaml': 'grün', empty: '', large: 'x'.repeat(1000) });
      symlinkSync('m/a.yaml', join(real.path, 'link'));
      const commit = real.commit({ other: '1' });
      const repository = await place.use();
      const read = async (path: string, maxBytes = 100) => {
        const bytes = await repository.readFile(commit, path, maxBytes);
        return bytes && Buffer.from(bytes).toString('utf8');
      };
      expect(await read('m/a.yaml')).toBe('grün');
      expect(await read('empty', 0)).toBe('');
      expect(await read('large', 1000)).toHaveLength(1000);
      for (const path of [
        'm',
        'm/',
        'link',
        'none',
        'm/a.yaml/b',
        '',
        '/',
        '../a',
        'm/../other',
        '.',
        'a\nb',
        '-x',
        '*',
        'm//a.yaml',
      ])
        expect([path, await read(path)]).toEqual([path, undefined]);
      await expect(repository.readFile(commit, 'large', 999)).rejects.toMatchObject({
        code: 'BlobTooLarge',
        where: 'large',
      });
      expect(await codeOfFailure(() => repository.readFile('d'.repeat(40), 'm', 1))).toBe('ObjectMissing');
    });
  });
}

/** `:mode mode id id X\tpath` as `path before after type`. */
function toChange(line: string): string {
  const [, , , before, after, , path] = /^:(\S+) (\S+) (\S+) (\S+) (\S+)\t(.*)$/.exec(line) ?? [];
  const id = (text: string | undefined) => (text === undefined || /^0+$/.test(text) ? '' : text);
  return `${path} ${id(before)} ${id(after)} blob`;
}
