import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../../libraries/git/git-config.ts';
import { type GitRepository, makeRepository, temporaryFolder } from '../../fixtures/git-repository.ts';

describe('a configuration of git', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let real: GitRepository;

  beforeEach(() => {
    folder = temporaryFolder();
    real = makeRepository(join(folder.path, 'registry'));
  });
  afterEach(() => folder.remove());

  /** What the real git reads, or undefined where it refuses the file. */
  function judged(text: string): readonly string[] | undefined {
    const file = join(folder.path, 'config');
    writeFileSync(file, text);
    try {
      return real.git('config', '--null', '--file', file, '--list').split('\0').filter(Boolean);
    } catch {
      return undefined;
    }
  }

  const parsed = (text: string) => parseConfig(text).map(({ key, value }) => `${key}\n${value}`);
  /** Git writes a setting without a value as its key alone. */
  const whole = (entries: readonly string[]) =>
    entries.map((entry) => (entry.includes('\n') ? entry : `${entry}\ntrue`));

  it.each([
    '[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n',
    '[user] name = Ada ; a comment\n# another\n[User]\nEMAIL=ada@example.org#not mine\n',
    '[user]\nname = "Ada ; # Lovelace"  \nsigningKey = a\\\\b\\"c\\t\n',
    '[user]\nname = Ada \\\n  Lovelace\n[gpg "ssh"]\nprogram = "/opt/my programs/ssh"\n',
    '[gpg "SSH \\"x\\" \\\\ y"]\nprogram = x\n[gpg.Ssh]\nprogram = y\n',
    '[commit]\ngpgSign\n[a-b.c]d-e = f\n',
    '\ufeff[user]\r\nname = Ada\r\nemail =\r\n',
    '[user]\nname = a  b\t c "  d  " e\n',
    '[user]\nname = last line without an end',
    '[user]\nname = "quoted" and "again"\n\n\n[x]\n[y]z=1\n',
    '',
  ])('is read as git reads it: %j', (text) => {
    expect(parsed(text)).toEqual(whole(judged(text)!));
  });

  it('is read as git reads it, whatever stands in it', () => {
    const piece = fc.constantFrom(
      '[user]',
      '[gpg "ssh"]',
      'name',
      'x',
      '=',
      ' ',
      '\n',
      '\t',
      '"',
      '\\',
      '\\n',
      '#',
      ';',
      'ä',
      '\n[',
      ']',
      '.',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = `[a]\n${pieces.join('')}`;
        const expected = judged(text);
        if (expected !== undefined) expect(parsed(text)).toEqual(whole(expected));
        else parsed(text);
      }),
      { numRuns: 150 },
    );
  });
});
