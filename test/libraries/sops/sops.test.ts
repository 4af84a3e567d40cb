import { readFileSync } from 'node:fs';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../libraries/package-files/index.ts';
import {
  isEncryptedFile,
  openFile,
  readFile,
  resealFile,
  rewrapFile,
  rotateFile,
  type SealOptions,
  sealFile,
} from '../../../libraries/sops/index.ts';
import { awkwardJson, awkwardYaml } from './awkward-files.ts';

/** Written by sops 3.11.0 for this identity, which opens nothing else. */
const bySops = readFileSync(packageFile('test/libraries/sops/fixtures/by-sops.yaml'), 'utf8');
const itsIdentity = ['AGE-SECRET-KEY-1', 'RHA6CVH3JNXT232QGHL2HAPQRPZ6NRG5ENU6A6GGCPSM3HW4W5MQEDJFHG'].join(
  '',
);
const now = Date.parse('2026-03-01T09:30:00Z');

const identities: string[] = [];
const recipients: string[] = [];
beforeAll(async () => {
  for (let count = 0; count < 3; count++) {
    const identity = await generateIdentity();
    identities.push(identity);
    recipients.push(await identityToRecipient(identity));
  }
});

const open = (text: string, identity = identities.slice(0, 1)) => openFile(text, 'yaml', identity);
const seal = (text: string, more: Partial<SealOptions> = {}) =>
  sealFile(text, { format: 'yaml', groups: [recipients.slice(0, 1)], now, ...more });
const valuesOf = async (text: string) =>
  Object.fromEntries((await open(text)).values.map(({ path, value }) => [path.join('.'), value.text]));

describe('a file that sops wrote', () => {
  it('is opened: values with their types, lists, comments', async () => {
    const opened = await openFile(bySops, 'yaml', [itsIdentity]);
    expect(
      opened.values.map(({ path, value, isEncrypted }) => [
        path.join('.'),
        value.type,
        value.text,
        isEncrypted,
      ]),
    ).toEqual([
      ['password', 'str', 'swordfish', true],
      ['port', 'int', '5432', true],
      ['hosts.0', 'str', 'a.example', true],
      ['hosts.1', 'str', 'b.example', true],
      ['tls', 'bool', 'True', true],
      ['note_unencrypted', 'str', 'read me', false],
    ]);
    expect(opened.plaintext).toContain('# of the team\npassword: swordfish\nport: 5432\n');
    expect(opened.plaintext).toMatch(/# the second\n\s*- b\.example/);
    expect(opened.plaintext).not.toContain('ENC[');
  });

  it('keeps every ciphertext but that of what changed', async () => {
    const opened = await openFile(bySops, 'yaml', [itsIdentity]);
    const changed = resealFile(opened, opened.plaintext.replace('swordfish', 'marlin'), now);
    const ciphertexts = (text: string): readonly string[] =>
      text.split(/^sops:/m)[0]?.match(/ENC\[[^\]]*\]/g) ?? [];
    const [before, after] = [ciphertexts(bySops), ciphertexts(changed)];
    expect(before.length).toBe(7);
    expect(after.filter((one) => !before.includes(one))).toHaveLength(1);
    const again = await openFile(changed, 'yaml', [itsIdentity]);
    expect(again.values[0]?.value.text).toBe('marlin');
    expect(again.metadata.lastModified).toBe('2026-03-01T09:30:00Z');
  });

  it('is the same file where nothing changed', async () => {
    const opened = await openFile(bySops, 'yaml', [itsIdentity]);
    expect(resealFile(opened, opened.plaintext, now)).toBe(bySops);
  });
});

describe('a sealed file', () => {
  it.each([
    ['yaml', awkwardYaml],
    ['json', awkwardJson],
  ] as const)('opens to what it was: %s', async (format, plaintext) => {
    const sealed = await seal(plaintext, { format });
    expect(sealed).not.toMatch(/swordfish|x # beside/);
    const opened = await openFile(sealed, format, identities);
    const again = await openFile(await seal(opened.plaintext, { format }), format, identities);
    expect(again.plaintext).toBe(opened.plaintext);
    expect(opened.values.find(({ path }) => path.at(-1) === 'pass_word')?.value.text).toBe('swordfish');
  });

  it.each<[SealOptions['rule'], string[]]>([
    [{ type: 'encrypted_suffix', text: '_word' }, ['pass_word']],
    [{ type: 'unencrypted_suffix', text: '_word' }, ['user', 'list.0']],
    [{ type: 'encrypted_regex', text: '^(pass|li)' }, ['pass_word', 'list.0']],
    [{ type: 'unencrypted_regex', text: '^(pass|li)' }, ['user']],
  ])('encrypts what its rule says: %j', async (rule, encrypted) => {
    const sealed = await seal('user: ada\npass_word: x\nlist: [y]\n', { rule });
    const told = readFile(sealed, 'yaml').values.filter(({ isCiphertext }) => isCiphertext);
    expect(told.map(({ path }) => path.join('.'))).toEqual(encrypted);
    expect(await valuesOf(sealed)).toEqual({ user: 'ada', pass_word: 'x', 'list.0': 'y' });
  });

  it('is opened by any of its recipients, and by as many groups as are needed', async () => {
    const [a = '', b = '', c = ''] = recipients;
    const two = await seal('a: x\n', { groups: [[a, b]] });
    for (const identity of identities.slice(0, 2))
      expect((await open(two, [identity])).values).toHaveLength(1);
    await expect(open(two, identities.slice(2))).rejects.toMatchObject({ problem: 'noKey' });
    const groups = await seal('a: x\n', { groups: [[a], [b], [c]], threshold: 2 });
    for (const left of [0, 1, 2]) {
      const some = identities.filter((_, index) => index !== left);
      expect((await open(groups, some)).values).toHaveLength(1);
    }
    await expect(open(groups, identities.slice(0, 1))).rejects.toThrow(
      /1 identity opens 1 of the 2 groups that are needed/,
    );
  });

  it('has a new data key once it is rotated, and the same for other recipients', async () => {
    const opened = await open(await seal('a: x\n'));
    const rotated = await open(await rotateFile(opened, now));
    expect(Buffer.from(rotated.dataKey).equals(opened.dataKey)).toBe(false);
    expect(rotated.plaintext).toBe(opened.plaintext);
    const rewrapped = await rewrapFile(opened, [recipients.slice(1, 2)]);
    const other = await open(rewrapped, identities.slice(1, 2));
    expect(Buffer.from(other.dataKey).equals(opened.dataKey)).toBe(true);
    expect(other.values).toEqual(opened.values);
    await expect(open(rewrapped)).rejects.toMatchObject({ problem: 'noKey' });
  });

  it('is told from one that is not sealed', async () => {
    expect(isEncryptedFile(await seal('a: x\n'), 'yaml')).toBe(true);
    for (const text of ['a: x\n', '', '- a\n', 'a: [\n']) expect(isEncryptedFile(text, 'yaml')).toBe(false);
  });
});

describe('a file that somebody changed', () => {
  const plaintext =
    'user: ada\nword: x\nempty: ""\nlist: [p, q]\nother:\n  word: z\nnote_unencrypted: read me\nport: 1\n';
  const lineOf = (text: string, key: string) => new RegExp(`^ *${key}: .*\n`, 'm').exec(text)?.[0] ?? '';

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'two values of it swapped',
      (text) => text.replace(/user: (.*)\nword: (.*)\n/, 'user: $2\nword: $1\n'),
      /user was not encrypted for this place/,
    ],
    [
      'items of a list swapped',
      (text) => text.replace(/list: \[ (".*?"), (".*?") \]/, 'list: [ $2, $1 ]'),
      /MAC does not fit/,
    ],
    [
      'an item of a list removed',
      (text) => text.replace(/list: \[ (".*?"), (".*?") \]/, 'list: [ $1 ]'),
      /MAC does not fit/,
    ],
    [
      'an item of a list repeated',
      (text) => text.replace(/list: \[ (".*?"), /, 'list: [ $1, $1, '),
      /MAC does not fit/,
    ],
    ['a value removed', (text) => text.replace(lineOf(text, 'user'), ''), /MAC does not fit/],
    ['a value blanked', (text) => text.replace(lineOf(text, 'user'), 'user: ""\n'), /MAC does not fit/],
    [
      'a value in plain text',
      (text) => text.replace(lineOf(text, 'user'), 'user: eve\n'),
      /user should be encrypted and is not/,
    ],
    [
      'a number in plain text',
      (text) => text.replace(lineOf(text, 'port'), 'port: 2\n'),
      /port should be encrypted and is not/,
    ],
    ['an unencrypted value changed', (text) => text.replace('read me', 'read you'), /MAC does not fit/],
    ['an unencrypted value added', (text) => `a_unencrypted: b\n${text}`, /MAC does not fit/],
    [
      'ciphertext moved to another key',
      (text) => text.replace('other:\n', `${lineOf(text, 'word').replace('word', 'moved')}other:\n`),
      /moved was not encrypted for this place/,
    ],
    [
      'ciphertext moved to the same key elsewhere',
      (text) =>
        text.replace(
          /(other:\n +word: ).*\n/,
          (_, before) => before + lineOf(text, 'word').replace('word: ', ''),
        ),
      /other\.word was not encrypted for this place/,
    ],
    ['the MAC removed', (text) => text.replace(/^ +mac: .*\n/m, ''), /MAC is missing/],
    ['an empty MAC', (text) => text.replace(/^( +mac:) .*\n/m, '$1 ""\n'), /MAC is missing/],
    [
      'a value for its MAC',
      (text) => text.replace(/^( +mac:) .*\n/m, `$1 ${lineOf(text, 'user').replace('user: ', '')}`),
      /MAC or the time/,
    ],
    [
      'another time of change',
      (text) => text.replace(/lastmodified: .*/, 'lastmodified: "2027-01-01T00:00:00Z"'),
      /MAC or the time/,
    ],
    [
      'another rule',
      (text) => text.replace('unencrypted_suffix: _unencrypted', 'unencrypted_suffix: word'),
      /should be encrypted and is not/,
    ],
    [
      'a MAC over less',
      (text) =>
        text
          .replace('    version:', '    mac_only_encrypted: true\n    version:')
          .replace('  version:', '  mac_only_encrypted: true\n  version:'),
      /MAC does not fit/,
    ],
    [
      'a tag cut short',
      (text) =>
        text.replace(
          /(word: ENC.*tag:)([^,]*)/,
          (_, before, tag) => before + Buffer.from(tag, 'base64').subarray(0, 4).toString('base64'),
        ),
      /tag of word is cut short/,
    ],
    ['another type', (text) => text.replace(/(port: ENC.*type:)int/, '$1comment'), /MAC does not fit/],
  ])('is refused: %s', async (_, change, reason) => {
    const sealed = await seal(plaintext);
    expect(await valuesOf(sealed)).toMatchObject({ user: 'ada', 'other.word': 'z' });
    const changed = change(sealed);
    expect(changed).not.toBe(sealed);
    const failure = await open(changed).catch((error: unknown) => error);
    expect(failure).toMatchObject({ problem: 'tampered' });
    expect(String(failure)).toMatch(reason);
  });

  it('is refused with the MAC over encrypted values alone, too', async () => {
    const sealed = await seal(plaintext, { macOnlyEncrypted: true });
    expect((await open(sealed.replace('read me', 'read you'))).values).toHaveLength(8);
    const less = sealed.replace(/^ *mac_only_encrypted: true\n/m, '');
    expect(less).not.toBe(sealed);
    await expect(open(less)).rejects.toMatchObject({ problem: 'tampered' });
    const swapped = sealed.replace(/list: \[ (".*?"), (".*?") \]/, 'list: [ $2, $1 ]');
    await expect(open(swapped)).rejects.toMatchObject({ problem: 'tampered' });
  });

  it('is refused to the wrong key, which learns for whom it is', async () => {
    const sealed = await seal(plaintext);
    const failure = await open(sealed, identities.slice(1)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ problem: 'noKey' });
    expect(String(failure)).toContain(recipients[0]);
    const nonsense = await open(sealed, ['AGE-SECRET-KEY-1NONSENSE']).catch((error: unknown) =>
      String(error),
    );
    expect(nonsense).not.toContain('NONSENSE');
  });
});

describe('what cannot be sealed', () => {
  it.each([
    ['an alias', 'a: &x y\nb: *x\n', /anchor|alias/],
    ['a key that is no text', '1: x\n', /no text/],
    ['a key twice', 'a: x\na: y\n', /a stands twice/],
    ['a list', '- a\n', /not a map/],
    ['broken YAML', 'a: [swordfish\n', /no valid YAML/],
    ['a sealed file', 'a: x\nsops: {}\n', /has a key `sops` already/],
    ['nothing', '', /empty/],
    ['a hole without a bottom', `a: ${'['.repeat(60_000)}`, /nested too deeply|no valid YAML/],
  ])('is told: %s', async (_, text, reason) => {
    const failure = await seal(text).catch((error: unknown) => String(error));
    expect(failure).toMatch(reason);
    expect(failure).not.toContain('swordfish');
  });
});
