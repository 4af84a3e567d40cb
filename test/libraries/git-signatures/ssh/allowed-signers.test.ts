import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  parseAllowedSigners,
  SignerFileError,
  verifyMessage,
} from '../../../../libraries/git-signatures/ssh/index.ts';
import * as handmade from './handmade.ts';
import { noon, Workshop, whyNoOracle } from './workshop.ts';

if (whyNoOracle !== undefined) console.warn(whyNoOracle);

const key = handmade.ed25519Key();
const message = Buffer.from('a message');
const signature = handmade.signMessage(key, message);

function verify(allowedSigners: string, principal?: string) {
  return verifyMessage({ message, signature, namespace: 'git', allowedSigners, principal, at: noon });
}

/** False for a file that cannot be read. */
function readable(work: () => boolean): boolean {
  try {
    return work();
  } catch (error) {
    expect(error).toBeInstanceOf(SignerFileError);
    return false;
  }
}

function problemOf(text: string): { line: number; message: string } {
  try {
    parseAllowedSigners(text);
  } catch (error) {
    if (error instanceof SignerFileError) return { line: error.line, message: error.message };
    throw error;
  }
  throw new Error('the file was accepted');
}

describe('parsing allowed signers', () => {
  it('reads principals, options, key and comment, and knows where they stood', () => {
    const text = [
      '# the team',
      '',
      `  alice@example.com,!mallory,"bob the builder" \tCert-Authority,namespaces="git,file",valid-after="20240101Z" ${key.line} a comment with "quotes"`,
    ];
    const { signers } = parseAllowedSigners(text.join('\n'));
    expect(signers).toHaveLength(1);
    expect(signers[0]).toMatchObject({
      line: 3,
      principals: ['alice@example.com', '!mallory', 'bob the builder'],
      isAuthority: true,
      namespaces: ['git', 'file'],
      validAfter: Date.UTC(2024, 0, 1) / 1000,
    });
  });

  it.each([
    ['20240229', 'Asia/Kolkata', Date.UTC(2024, 1, 28, 18, 30)],
    ['20240229Z', 'Asia/Kolkata', Date.UTC(2024, 1, 29)],
    ['20240229z', 'UTC', Date.UTC(2024, 1, 29)],
    ['20240229UTC', 'Asia/Kolkata', Date.UTC(2024, 1, 29)],
    ['202407011530', 'America/New_York', Date.UTC(2024, 6, 1, 19, 30)],
    ['202412011530', 'America/New_York', Date.UTC(2024, 11, 1, 20, 30)],
    ['20240701153059Z', 'America/New_York', Date.UTC(2024, 6, 1, 15, 30, 59)],
    ['99991231', 'UTC', Date.UTC(9999, 11, 31)],
  ])('reads the time %s in %s', (time, timezone, expected) => {
    const before = process.env.TZ;
    process.env.TZ = timezone;
    try {
      const { signers } = parseAllowedSigners(`alice valid-before="${time}" ${key.line}`);
      expect(signers[0]?.validBefore).toBe(expected / 1000);
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });

  it.each([
    ['a principal alone', 'alice'],
    ['a principal and a space', 'alice '],
    ['no principal', key.line],
    ['an empty principal', `alice,,bob ${key.line}`],
    ['quotes that do not close', `"alice ${key.line}`],
    ['quotes in the middle', `al"ic"e ${key.line}`],
    ['an unknown option', `alice no-touch-required ${key.line}`],
    ['an unknown option with a value', `alice until="2024" ${key.line}`],
    ['an unknown key type', `alice ssh-ed448 ${key.line.split(' ')[1]}`],
    ['a value without quotes', `alice valid-after=20240101 ${key.line}`],
    ['a value whose quotes do not close', `alice namespaces="git ${key.line}`],
    ['an option without its value', `alice namespaces ${key.line}`],
    ['a flag with a value', `alice cert-authority="yes" ${key.line}`],
    ['a comma at the end of the options', `alice namespaces="git", ${key.line}`],
    ['options without a comma between', `alice namespaces="git"cert-authority ${key.line}`],
    ['options and no key', 'alice namespaces="git"'],
    ['namespaces twice', `alice namespaces="git",namespaces="file" ${key.line}`],
    ['valid-after twice', `alice valid-after="20240101",valid-after="20240102" ${key.line}`],
    ['valid-before twice', `alice valid-before="20240101",valid-before="20240102" ${key.line}`],
    ['an end before the beginning', `alice valid-after="20240102Z",valid-before="20240101Z" ${key.line}`],
    ['a time of another form', `alice valid-after="2024-01-01" ${key.line}`],
    ['the 30th of February', `alice valid-after="20240230" ${key.line}`],
    ['the 24th hour', `alice valid-after="202401012400" ${key.line}`],
    ['a time before 1970', `alice valid-after="19691231" ${key.line}`],
    ['the beginning of 1970, which would mean none', `alice valid-after="19700101Z" ${key.line}`],
    ['a key that is not base64', 'alice ssh-ed25519 AAAA!'],
    ['a key that is cut off', `alice ${key.line.slice(0, -8)}`],
    ['a key of another type than named', `alice ssh-rsa ${key.line.split(' ')[1]}`],
    ['no key after the type', 'alice ssh-ed25519'],
  ])('refuses the whole file for %s, and names the line', (_name, line) => {
    const problem = problemOf(`# one\nbob ${key.line}\n\n${line}\n`);
    expect(problem.line).toBe(4);
    expect(problem.message).toMatch(/^line 4: /);
    expect(problem.message).not.toContain(key.line.split(' ')[1]);
    expect(() => verify(`bob ${key.line}\n${line}\n`)).toThrow(SignerFileError);
  });

  it('parses once for many questions', () => {
    const allowedSigners = parseAllowedSigners(`alice ${key.line}`);
    const question = { message, signature, namespace: 'git', allowedSigners, at: noon };
    expect(verifyMessage(question).verdict).toBe('good');
    expect(verifyMessage({ ...question, message: Buffer.from('another') }).verdict).toBe('bad');
  });

  it('takes hostile patterns in good time', () => {
    const pattern = `${'*a'.repeat(500)}b`;
    const started = performance.now();
    expect(verify(`${pattern} ${key.line}`, 'a'.repeat(5000)).verdict).toBe('untrusted');
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe.skipIf(whyNoOracle !== undefined)('allowed signers, as ssh-keygen reads them', () => {
  const workshop = new Workshop();
  afterAll(() => workshop.close());

  it('matches principals like ssh-keygen, whatever the patterns', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '@', '*', '?'), minLength: 1, maxLength: 5 });
    const entry = fc.tuple(fc.constantFrom('', '', '!'), pattern).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 4 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '@'), minLength: 1, maxLength: 5 }),
        (entries, principal) => {
          const allowedSigners = `${entries.join(',')} ${key.line}`;
          const oracle = workshop.askSshKeygen({ message, signature, allowedSigners, principal });
          expect(verify(allowedSigners, principal).verdict === 'good').toBe(oracle.isGood);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('reads options like ssh-keygen, whatever their order', () => {
    const option = fc.constantFrom(
      ...['cert-authority', 'namespaces="git"', 'namespaces="file"', 'Namespaces="g*,!git"', 'namespaces=""'],
      ...['valid-after="20230101"', 'valid-after="20300101Z"', 'valid-before="20300101"', 'valid-before="1"'],
      ...['VALID-BEFORE="20240101UTC"', 'namespaces="a\\"b,git"', 'x', 'namespaces=git', 'cert-authority=""'],
    );
    const spaces = fc.constantFrom(' ', '\t', '  ', ' \t ', '');
    fc.assert(
      fc.property(fc.array(option, { maxLength: 3 }), spaces, spaces, (options, first, second) => {
        const allowedSigners = `alice${first}${options.join(',')}${second}${key.line} comment\n`;
        const at = '20240701120000Z';
        const oracle = workshop.askSshKeygen({ message, signature, allowedSigners, principal: 'alice', at });
        const ours = readable(() => verify(allowedSigners, 'alice').verdict === 'good');
        expect(ours, `${allowedSigners} ${oracle.output}`).toBe(oracle.isGood);
      }),
      { numRuns: 150 },
    );
  });
});
