import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { userName } from '../../cli/user-name.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-who-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Of somebody with this `.gitconfig`, whom the machine calls ada. */
function environmentOf(settings: string, more: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(folder, '.gitconfig'), settings);
  const { PATH = '' } = process.env;
  return { PATH, HOME: folder, USER: 'ada', GIT_CONFIG_NOSYSTEM: '1', ...more };
}

const ofAda = '[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n';

describe('who says something at the command line', () => {
  it('is who commits there', async () => {
    const environment = environmentOf(ofAda);
    expect(await userName({ environment, folder })).toBe('Ada Lovelace <ada@example.org>');
    const git = (...words: string[]) => execFileSync('git', words, { cwd: folder, env: environment });
    git('init', '-q', 'registry');
    git('-C', 'registry', 'config', 'user.email', 'ada@yard.example');
    const inside = join(folder, 'registry');
    expect(await userName({ environment, folder: inside })).toBe('Ada Lovelace <ada@yard.example>');
  });

  it('is who the environment says, as for a commit', async () => {
    const environment = environmentOf(ofAda, { GIT_AUTHOR_NAME: 'Bo', GIT_AUTHOR_EMAIL: 'bo@example.org' });
    expect(await userName({ environment, folder })).toBe('Bo <bo@example.org>');
  });

  it.each([
    ['Git knows nobody', ''],
    ['Git knows half of them', '[user]\n\tname = Ada Lovelace\n'],
    ['the settings cannot be read', '[user\n'],
    ['the name is longer than the API takes', `${ofAda}\tname = ${'Ada '.repeat(80)}\n`],
  ])('is as the machine calls them where %s', async (_, settings) => {
    expect(await userName({ environment: environmentOf(settings), folder })).toBe('ada');
  });

  it('is someone where nobody knows more', async () => {
    const environment = { ...environmentOf(''), USER: undefined };
    expect(await userName({ environment, folder })).toBe('someone at the command line');
  });
});
