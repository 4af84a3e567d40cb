import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatFile } from '../../../libraries/git/cat-file.ts';
import { gitEnvironment } from '../../../libraries/git/git-command.ts';
import { childrenOf, killAll } from '../../fixtures/git-processes.ts';
import {
  cleanEnvironment,
  type GitRepository,
  makeRepository,
  temporaryFolder,
} from '../../fixtures/git-repository.ts';

const info = async (catFile: CatFile, name: string) => (await catFile.info([name]))[0];
const contents = async (catFile: CatFile, name: string) => (await catFile.contents([name]))[0];

describe('the long-lived cat-file', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let real: GitRepository;
  let catFile: CatFile;

  beforeEach(() => {
    folder = temporaryFolder();
    real = makeRepository(join(folder.path, 'registry'));
    const gitFolder = join(real.path, '.git');
    catFile = new CatFile(gitFolder, { ...gitEnvironment(cleanEnvironment), GIT_DIR: gitFolder });
  });
  afterEach(async () => {
    await catFile.close();
    folder.remove();
  });

  it('answers in order, whatever the mixture of questions', async () => {
    real.commit({ 'a.yaml': 'a\nb\n', 'empty.yaml': '', 'large.bin': Buffer.alloc(1_000_000, '\n') });
    const answers = await Promise.all([
      contents(catFile, 'main:a.yaml'),
      info(catFile, 'main:large.bin'),
      contents(catFile, 'nothing at all'),
      contents(catFile, 'main:large.bin'),
      contents(catFile, 'main:empty.yaml'),
      info(catFile, 'main'),
    ]);
    expect(answers[0]?.bytes.toString()).toBe('a\nb\n');
    expect(answers[1]).toMatchObject({ type: 'blob', size: 1_000_000 });
    expect(answers[2]).toBeUndefined();
    expect(answers[3]?.bytes.equals(Buffer.alloc(1_000_000, '\n'))).toBe(true);
    expect(answers[4]?.bytes).toHaveLength(0);
    expect(answers[5]).toMatchObject({ id: real.git('rev-parse', 'main'), type: 'commit' });
  });

  it('uses one process for all of it', async (context) => {
    context.skip(process.platform !== 'linux', 'finds the process by /proc');
    real.commit({ 'a.yaml': 'a' });
    for (let turn = 0; turn < 50; turn++) await info(catFile, 'main');
    expect(childrenOf(real.path)).toHaveLength(1);
  });

  it('asks again what a killed process did not answer', async (context) => {
    context.skip(process.platform !== 'linux', 'finds the process by /proc');
    real.commit({ 'large.bin': Buffer.alloc(20_000_000, 'x'), 'a.yaml': 'a' });
    await info(catFile, 'main');
    const asked = Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        contents(catFile, index % 2 ? 'main:a.yaml' : 'main:large.bin'),
      ),
    );
    killAll(childrenOf(real.path));
    const answers = await asked;
    expect(answers.map((answer) => answer?.size)).toEqual(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? 1 : 20_000_000)),
    );
  });

  it('lives through many kills in a row', async (context) => {
    context.skip(process.platform !== 'linux', 'finds the process by /proc');
    const commit = real.commit({ 'a.yaml': 'a' });
    for (let turn = 0; turn < 10; turn++) {
      expect((await info(catFile, 'main'))?.id).toBe(commit);
      killAll(childrenOf(real.path));
    }
    expect((await info(catFile, 'main'))?.id).toBe(commit);
  });

  it('gives up on an object that kills the process each time, and not on the others', async () => {
    real.commit({ 'a.yaml': 'whole', 'b.yaml': randomBytes(50_000) });
    const damaged = real.git('rev-parse', 'main:b.yaml');
    real.damage(damaged);
    const bad = contents(catFile, damaged);
    const good = contents(catFile, 'main:a.yaml');
    await expect(bad).rejects.toMatchObject({ code: 'ObjectUnreadable', where: damaged });
    expect((await good)?.bytes.toString()).toBe('whole');
  });

  it('answers nothing more after it was closed', async (context) => {
    context.skip(process.platform !== 'linux', 'finds the process by /proc');
    real.commit({ 'a.yaml': 'a' });
    await info(catFile, 'main');
    await catFile.close();
    expect(childrenOf(real.path)).toEqual([]);
    await expect(info(catFile, 'main')).rejects.toMatchObject({ code: 'RepositoryClosed' });
  });

  it('says that there is no git where there is none', async () => {
    const lost = new CatFile(join(real.path, '.git'), { PATH: '/nowhere' });
    await expect(info(lost, 'main')).rejects.toMatchObject({ code: 'GitMissing' });
    await lost.close();
  });
});
