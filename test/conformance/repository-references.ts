import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import type { Repository } from '../../libraries/git/repository.ts';
import { codeOfFailure } from '../fixtures/failure.ts';
import { childrenOf, killAll } from '../fixtures/git-processes.ts';
import { cleanEnvironment } from '../fixtures/git-repository.ts';
import { repositoryPlace } from '../fixtures/repository-place.ts';
import { until } from '../fixtures/until.ts';

const author = { name: 'Ada', email: 'ada@example.org' };
const nowhere = 'd'.repeat(40);

/** What every repository promises of references that move together. */
export function referenceSuite(name: string, open: (path: string) => Promise<OpenedRepository>): void {
  describe(`${name} moving references`, () => {
    const place = repositoryPlace(open);

    async function start() {
      const { real } = place;
      const one = real.commit({ a: '1' });
      const two = real.commit({ a: '2' });
      return { real, one, two, repository: await place.use() };
    }

    const all = () => place.real.git('for-each-ref', '--format=%(refname) %(objectname)').split('\n');

    it('creates, moves and deletes in one step, packed or loose', async () => {
      const { real, one, two, repository } = await start();
      real.git('update-ref', 'refs/proposals/1/head', one);
      real.git('update-ref', 'refs/proposals/2/head', one);
      real.git('pack-refs', '--all');
      real.git('update-ref', 'refs/proposals/2/head', two);
      await repository.updateReferences([
        { reference: 'refs/proposals/3/head', from: null, to: one },
        { reference: 'refs/heads/main', from: two, to: one },
        { reference: 'refs/proposals/1/head', from: one, to: null },
        { reference: 'refs/proposals/2/head', from: two, to: null },
      ]);
      expect(all()).toEqual([`refs/heads/main ${one}`, `refs/proposals/3/head ${one}`]);
      await repository.updateReferences([]);
      real.git('fsck', '--strict');
    });

    it('moves none where one is not where it was expected, and says which', async () => {
      const { one, two, repository } = await start();
      const before = all();
      const fine = { reference: 'refs/proposals/1/head', from: null, to: two };
      for (const bad of [
        { reference: 'refs/heads/main', from: one, to: two },
        { reference: 'refs/heads/main', from: null, to: one },
        { reference: 'refs/heads/main', from: one, to: null },
        { reference: 'refs/heads/none', from: one, to: two },
        { reference: 'refs/heads/none', from: one, to: null },
        { reference: 'refs/heads/main', from: one, to: one },
        { reference: 'refs/heads/none', from: one, to: one },
      ]) {
        await expect(repository.updateReferences([fine, bad])).rejects.toMatchObject({
          code: 'ReferenceMoved',
          where: bad.reference,
        });
      }
      expect(all()).toEqual(before);
    });

    it('asks that a reference stands still while others move', async () => {
      const { one, two, repository } = await start();
      await repository.updateReferences([
        { reference: 'refs/heads/main', from: two, to: two },
        { reference: 'refs/proposals/1/head', from: null, to: one },
      ]);
      expect(all()).toEqual([`refs/heads/main ${two}`, `refs/proposals/1/head ${one}`]);
    });

    it('refuses names that are none, that exclude each other, and ids that are none', async () => {
      const { one, two, repository } = await start();
      const before = all();
      const cases: readonly (readonly [string, string, string | null, string | null])[] = [
        ['ReferenceInvalid', 'main', null, one],
        ['ReferenceInvalid', 'HEAD', null, one],
        ['ReferenceInvalid', '--stdin', null, one],
        ['ReferenceInvalid', 'refs/heads/a\nb', null, one],
        ['ReferenceInvalid', 'refs/heads/a\0b', null, one],
        ['ReferenceInvalid', 'refs/../config', null, one],
        ['ReferenceInvalid', 'refs/heads/main/below', null, one],
        ['ReferenceInvalid', 'refs/heads/x.lock', null, one],
        ['UpdateRefused', 'refs/heads/x', null, null],
        ['UpdateRefused', 'refs/heads/x', null, '-x'],
        ['UpdateRefused', 'refs/heads/x', `${one}\n`, two],
        ['ObjectMissing', 'refs/heads/x', null, nowhere],
        ['ObjectMissing', 'refs/heads/x', null, place.real.git('rev-parse', 'HEAD^{tree}')],
      ];
      for (const [code, reference, from, to] of cases) {
        const fine = { reference: 'refs/proposals/1/head', from: null, to: one };
        const attempt = () => repository.updateReferences([fine, { reference, from, to }]);
        expect([reference, await codeOfFailure(attempt)]).toEqual([reference, code]);
      }
      const pair = (first: string, second: string) => () =>
        repository.updateReferences([
          { reference: first, from: null, to: one },
          { reference: second, from: null, to: two },
        ]);
      expect(await codeOfFailure(pair('refs/a/b', 'refs/a/b'))).toBe('UpdateRefused');
      expect(await codeOfFailure(pair('refs/a/b', 'refs/a/b/c'))).toBe('ReferenceInvalid');
      expect(await codeOfFailure(pair('refs/a/b/c', 'refs/a/b'))).toBe('ReferenceInvalid');
      expect(all()).toEqual(before);
    });

    it('loses nothing of twenty writers that move two references as one, while another packs', {
      timeout: 240_000,
    }, async () => {
      const { real, two, repository } = await start();
      const other = await place.use();
      await repository.updateReferences([{ reference: 'refs/heads/twin', from: null, to: two }]);
      let isDone = false;
      const packing = (async () => {
        for (let turn = 0; turn < 15 && !isDone; turn++)
          await real.gitAsync('pack-refs', '--all', '--prune').catch(() => undefined);
      })();
      const write = async (through: Repository, path: string) => {
        for (;;) {
          const [main, twin] = [await through.resolve('refs/heads/main'), await through.resolve('twin')];
          const commit = (parent: string) =>
            through.makeCommit({
              message: path,
              author,
              parents: [parent],
              changes: new Map([[path, path]]),
            });
          const code = await codeOfFailure(async () =>
            through.updateReferences([
              { reference: 'refs/heads/main', from: main!, to: await commit(main!) },
              { reference: 'refs/heads/twin', from: twin!, to: await commit(twin!) },
            ]),
          );
          if (code === undefined) return;
          expect(code).toBe('ReferenceMoved');
        }
      };
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => write(index % 2 === 0 ? repository : other, `f/${index}`)),
      );
      isDone = true;
      await packing;
      for (const reference of ['main', 'twin']) {
        expect(real.git('ls-tree', '-r', '--name-only', reference, 'f/').split('\n')).toHaveLength(20);
        expect(real.git('rev-list', '--count', reference)).toBe('22');
      }
      expect(real.git('rev-parse', 'main^{tree}')).toBe(real.git('rev-parse', 'twin^{tree}'));
      real.git('fsck', '--strict');
    });

    it('never waits for itself where two writers name the same references in another order', async () => {
      const { one, two, repository } = await start();
      const names = ['refs/p/1', 'refs/p/2', 'refs/p/3'];
      const create = (order: readonly string[]) =>
        codeOfFailure(() =>
          repository.updateReferences(order.map((reference) => ({ reference, from: null, to: one }))),
        );
      const codes = await Promise.all([create(names), create(names.toReversed()), create(names)]);
      expect(codes.filter((code) => code === undefined)).toHaveLength(1);
      expect(codes.filter((code) => code === 'ReferenceMoved')).toHaveLength(2);
      expect(all()).toEqual([`refs/heads/main ${two}`, ...names.map((reference) => `${reference} ${one}`)]);
    });

    it('opens twenty proposals at once under twenty numbers', { timeout: 240_000 }, async () => {
      const { one, two, repository } = await start();
      const open = async (content: string) => {
        const id = await repository.makeCommit({
          message: content,
          author,
          parents: [one],
          changes: new Map([['a', content]]),
        });
        for (let number = 1; ; number++) {
          const code = await codeOfFailure(() =>
            repository.updateReferences([
              { reference: `refs/proposals/${number}/head`, from: null, to: id },
              { reference: `refs/proposals/${number}/meta`, from: null, to: two },
            ]),
          );
          if (code === undefined) return;
          expect(code).toBe('ReferenceMoved');
          number = Math.floor((await repository.references('refs/proposals/')).size / 2);
        }
      };
      await Promise.all(Array.from({ length: 20 }, (_, index) => open(`proposal ${index}`)));
      const found = await repository.references('refs/proposals/');
      const heads = [...found].filter(([reference]) => reference.endsWith('/head')).map(([, id]) => id);
      expect(heads).toHaveLength(20);
      expect(new Set(heads).size).toBe(20);
      expect(found.size).toBe(40);
    });

    it('lists what any prefix reaches, and nothing for a prefix that is none', async () => {
      const { real, one, two, repository } = await start();
      for (let number = 1; number <= 30; number++)
        real.git('update-ref', `refs/proposals/${number}/head`, number % 2 === 0 ? one : two);
      real.git('pack-refs', '--all');
      real.git('update-ref', 'refs/proposals/3/head', one);
      real.git('update-ref', '-d', 'refs/proposals/4/head');
      real.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/heads/main');
      const judged = (prefix: string) => all().filter((line) => line.startsWith(prefix));
      for (const prefix of [
        'refs/proposals/',
        'refs/proposals/3',
        'refs/proposals/3/head',
        'refs/prop',
        'refs/',
        'refs',
        'r',
        '',
      ]) {
        const found = [...(await repository.references(prefix))].map(
          ([reference, id]) => `${reference} ${id}`,
        );
        expect([prefix, found]).toEqual([prefix, judged(prefix)]);
      }
      for (const prefix of [
        '/',
        'heads/',
        '-x/',
        '--format=x/',
        'refs/../',
        'refs/*/',
        'a\nb/',
        'refs/\0/',
        'refs//',
        '../',
      ]) {
        expect([prefix, (await repository.references(prefix)).size]).toEqual([prefix, 0]);
      }
    });

    it('lists whole while another packs', async () => {
      const { real, one, repository } = await start();
      const updates = Array.from({ length: 60 }, (_, index) => ({
        reference: `refs/proposals/${index}/head`,
        from: null,
        to: one,
      }));
      await repository.updateReferences(updates);
      let isDone = false;
      const packing = (async () => {
        for (let turn = 0; turn < 8; turn++) {
          await real.gitAsync('pack-refs', '--all', '--prune');
          for (const { reference } of updates.slice(0, 8))
            await real.gitAsync('update-ref', '--create-reflog', reference, one);
        }
        isDone = true;
      })();
      while (!isDone) expect((await repository.references('refs/proposals/')).size).toBe(60);
      await packing;
    });

    it('goes on after a lock that a crash left long ago, and waits for a fresh one', async () => {
      const { real, one, two, repository } = await start();
      const lock = join(real.path, '.git/refs/heads/main.lock');
      const move = () => repository.updateReferences([{ reference: 'refs/heads/main', from: two, to: one }]);
      writeFileSync(lock, '');
      expect(await codeOfFailure(move)).toBe('ReferenceLocked');
      expect(existsSync(lock)).toBe(true);
      const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
      utimesSync(lock, longAgo, longAgo);
      await move();
      expect(real.git('rev-parse', 'main')).toBe(one);
      expect(existsSync(lock)).toBe(false);
    });

    it('goes on after all the locks that a crash left of one transaction', async () => {
      const { real, one, two, repository } = await start();
      const names = ['refs/heads/main', 'refs/heads/other', 'refs/heads/twin'];
      for (const name of names.slice(1)) real.git('update-ref', name, two);
      const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
      for (const name of names) {
        const lock = join(real.path, '.git', `${name}.lock`);
        writeFileSync(lock, '');
        utimesSync(lock, longAgo, longAgo);
      }
      await repository.updateReferences(names.map((reference) => ({ reference, from: two, to: one })));
      expect(all()).toEqual(names.map((name) => `${name} ${one}`));
    });

    it('loses nothing and blocks nobody when a writer is killed at any moment', {
      timeout: 240_000,
    }, async () => {
      const { real, one, two, repository } = await start();
      for (const delay of [0, 20, 60, 80]) {
        await repository.resolve('refs/heads/main');
        const ours = childrenOf(real.path);
        const theirs = () => childrenOf(real.path).filter((pid) => !ours.includes(pid));
        const writer = spawn(
          process.execPath,
          ['--import', 'tsx', join(import.meta.dirname, '../fixtures/reference-writer.ts')],
          {
            env: {
              ...cleanEnvironment,
              IMPLEMENTATION: repository.implementation,
              PLACE: real.path,
              ONE: one,
              TWO: two,
            },
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        );
        await new Promise<void>((resolve) => writer.stdout.once('data', () => resolve()));
        await new Promise((resolve) => setTimeout(resolve, delay));
        const ended = new Promise((resolve) => writer.once('close', resolve));
        writer.kill('SIGKILL');
        // And sometimes git, which otherwise ends its work in peace.
        if (delay % 40 === 0) killAll(theirs());
        await ended;
        await until(() => theirs().length === 0);
        // Git says nothing of who holds its locks: time passes until they count as left.
        age(join(real.path, '.git'));
        const [main, twin] = [
          (await repository.resolve('refs/heads/main'))!,
          (await repository.resolve('refs/heads/twin')) ?? null,
        ];
        expect([one, two]).toContain(main);
        expect([null, one, two]).toContain(twin);
        await repository.updateReferences([
          { reference: 'refs/heads/main', from: main, to: two },
          { reference: 'refs/heads/twin', from: twin, to: two },
        ]);
      }
      real.git('fsck', '--strict');
    });

    it('says so when a reference cannot be written, and moves none', async () => {
      const { real, one, two, repository } = await start();
      mkdirSync(join(real.path, '.git/refs/zz'), { recursive: true });
      writeFileSync(join(real.path, '.git/refs/zz/blocked'), '');
      const attempt = repository.updateReferences([
        { reference: 'refs/heads/main', from: two, to: one },
        { reference: 'refs/zz/blocked/below', from: null, to: one },
      ]);
      await expect(attempt).rejects.toMatchObject({
        code: expect.stringMatching(/ReferenceInvalid|GitFailed/),
      });
      expect(real.git('rev-parse', 'main')).toBe(two);
      const left = readdirSync(join(real.path, '.git'), { recursive: true, encoding: 'utf8' });
      expect(left.filter((file) => file.endsWith('.lock'))).toEqual([]);
      expect(readFileSync(join(real.path, '.git/HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
    });
  });
}

/** Makes the locks below a folder look two hours old. */
function age(folder: string): void {
  const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.lock')) utimesSync(join(folder, file), longAgo, longAgo);
  }
}
