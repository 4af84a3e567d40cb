import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPerson } from '../../../libraries/git/person.ts';
import { type GitRepository, makeRepository, temporaryFolder } from '../../fixtures/git-repository.ts';

let folder: ReturnType<typeof temporaryFolder>;
let real: GitRepository;
let home: string;

beforeEach(() => {
  folder = temporaryFolder();
  home = join(folder.path, 'home');
  mkdirSync(join(home, '.config/git'), { recursive: true });
  mkdirSync(join(home, 'bin'));
  real = makeRepository(join(home, 'work/registry'));
});
afterEach(() => folder.remove());

const base = () => ({ HOME: home, GIT_CONFIG_NOSYSTEM: '1', PATH: process.env.PATH });
/** A machine without git. */
const gitless = () => ({ ...base(), PATH: join(home, 'bin') });

/** What git itself says. */
function judged(role: 'AUTHOR' | 'COMMITTER', more: NodeJS.ProcessEnv): string {
  const command = ['-c', 'user.useConfigOnly=true', 'var', `GIT_${role}_IDENT`];
  const env = { ...base(), ...more };
  return execFileSync('git', command, { cwd: real.path, env })
    .toString()
    .replace(/ \d+ [+-]\d+\n$/, '');
}

describe.each(['by git', 'without git'])('the person at a machine, %s', (way) => {
  const read = (more: NodeJS.ProcessEnv = {}) =>
    readPerson({ folder: real.path, environment: { ...(way === 'by git' ? base() : gitless()), ...more } });

  async function agrees(more: NodeJS.ProcessEnv = {}): Promise<string> {
    const { author, committer } = await read(more);
    expect(`${author.name} <${author.email}>`).toBe(judged('AUTHOR', more));
    expect(`${committer.name} <${committer.email}>`).toBe(judged('COMMITTER', more));
    return `${author.name} <${author.email}>, ${committer.name} <${committer.email}>`;
  }

  it('is the one that git names: repository before person, role before user, environment before all', async () => {
    writeFileSync(join(home, '.config/git/config'), '[user]\nname = Old Name\nemail = old@example.org\n');
    await agrees();
    writeFileSync(join(home, '.gitconfig'), '[user]\nname = "Ada . "\nemail = <ada@example.org>\n');
    expect(await agrees()).toBe('Ada <ada@example.org>, Ada <ada@example.org>');
    real.git('config', 'user.email', 'ada@work.example.org');
    real.git('config', 'committer.name', 'The Committer');
    expect(await agrees()).toBe('Ada <ada@work.example.org>, The Committer <ada@work.example.org>');
    await agrees({ GIT_AUTHOR_NAME: 'Grace', GIT_COMMITTER_EMAIL: 'grace@example.org' });
    await agrees({ EMAIL: 'nobody@example.org' });
    const counted = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'User.Name', GIT_CONFIG_VALUE_0: 'Counted' };
    expect(await agrees(counted)).toContain('Counted <');
    const left = await read({ GIT_DIR: '/nowhere', GIT_AUTHOR_NAME: '' });
    expect(left.author).toEqual({ name: 'Ada', email: 'ada@work.example.org' });
  });

  it('follows includes, also those for some folders alone', async () => {
    const include = '[user]\nname = Ada\nemail = ada@example.org\n[include]\npath = more\n';
    writeFileSync(join(home, 'more'), '[user]\nname = Ada of more\n');
    writeFileSync(join(home, 'work.config'), '[user]\nemail = ada@work.example.org\n');
    for (const condition of [
      'gitdir:~/work/',
      'gitdir:~/play/',
      'gitdir/i:~/WORK/**',
      'gitdir:work/registry/.git',
      'gitdir:./work/',
      'gitdir:**/reg*/.git',
    ]) {
      writeFileSync(join(home, '.gitconfig'), `${include}[includeIf "${condition}"]\npath = ~/work.config\n`);
      await agrees();
    }
    writeFileSync(join(home, 'more'), '[include]\npath = more\n');
    if (way === 'without git') expect((await read()).author.name).toBe('Ada');
  });

  it('is never guessed', async () => {
    await expect(read()).rejects.toMatchObject({
      code: 'IdentityMissing',
      hint: expect.stringContaining('user.name'),
    });
    writeFileSync(join(home, '.gitconfig'), '[user]\nname = Ada\nemail =\n');
    await expect(read()).rejects.toMatchObject({
      code: 'IdentityMissing',
      hint: expect.stringContaining('user.email'),
    });
    expect((await read({ EMAIL: 'ada@example.org' })).author.email).toBe('ada@example.org');
  });

  it('is found in a bare repository, a linked work tree and a folder that is none', async () => {
    writeFileSync(join(home, '.gitconfig'), '[user]\nname = Ada\nemail = ada@example.org\n');
    real.git('config', 'user.name', 'Ada here');
    real.commit({ a: '1' });
    const linked = join(home, 'linked');
    real.git('worktree', 'add', '-q', linked);
    const bare = join(home, 'bare.git');
    real.git('clone', '-q', '--bare', real.path, bare);
    const environment = way === 'by git' ? base() : gitless();
    const nameAt = async (path: string) => (await readPerson({ folder: path, environment })).author.name;
    expect(await nameAt(linked)).toBe('Ada here');
    expect(await nameAt(bare)).toBe('Ada');
    expect(await nameAt(home)).toBe('Ada');
    symlinkSync(real.path, join(home, 'link'));
    expect(await nameAt(join(home, 'link'))).toBe('Ada here');
  });
});
