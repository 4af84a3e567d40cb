import { describe, expect, it } from 'vitest';
import { parseKeyring, verifyCommit } from '../../../../libraries/git-signatures/openpgp/index.ts';
import * as handmade from './handmade.ts';
import { commitPayload, noon, withSignature } from './workshop.ts';

const primary = handmade.ed25519LegacyKey();
const subkey = handmade.ed25519LegacyKey();
const by = new handmade.Certifier(primary);
const start = [by.key, by.userId('Alice <alice@example.com>'), by.certification('Alice <alice@example.com>')];
const whole = handmade.publicKeys(...start);
const object = withSignature(commitPayload(), handmade.signMessage(primary, commitPayload()));

function verdict(keyring: string | Uint8Array): string {
  return verifyCommit({ object, keyring, at: noon }).verdict;
}

describe('a keyring', () => {
  it('lists its keys, whatever they are worth', () => {
    const keyring = parseKeyring(handmade.publicKeys(...start, by.subkey(subkey)));
    expect(keyring.keys).toEqual([
      {
        fingerprint: primary.fingerprint,
        userIds: ['Alice <alice@example.com>'],
        subkeys: [subkey.fingerprint],
      },
    ]);
    expect(verifyCommit({ object, keyring, at: noon }).verdict).toBe('good');
  });

  it('may be text or bytes, armored or not', () => {
    expect(verdict(whole)).toBe('good');
    expect(verdict(Buffer.from(whole))).toBe('good');
    expect(verdict(Buffer.concat(start))).toBe('good');
  });

  it('may be empty', () => {
    for (const nothing of ['', '\n\n', '# nobody yet\n', new Uint8Array()])
      expect(verdict(nothing)).toBe('untrusted');
  });

  it('may have comments between blocks, headers in them, and lines of Windows', () => {
    expect(verdict(`# Alice, until she leaves\n\n${whole}\n# end\n`)).toBe('good');
    expect(verdict(whole.replace('-----\n\n', '-----\nComment: of Alice\nVersion: 1\n\n'))).toBe('good');
    expect(verdict(whole.replaceAll('\n', ' \r\n'))).toBe('good');
  });

  it('reads lengths of packets in each form, old and new', () => {
    const body = primary.body;
    const forms = [
      Buffer.from([0x98, body.length]),
      Buffer.from([0x99, 0, body.length]),
      Buffer.from([0x9a, 0, 0, 0, body.length]),
      Buffer.from([0xc6, body.length]),
      Buffer.from([0xc6, 0xff, 0, 0, 0, body.length]),
    ];
    for (const header of forms)
      expect(verdict(Buffer.concat([header, body, ...start.slice(1)]))).toBe('good');
    const long = Buffer.from(`${'x'.repeat(300)} <alice@example.com>`);
    const twoBytes = Buffer.from([0xcd, 192 + ((long.length - 192) >> 8), (long.length - 192) & 255]);
    const packets = [by.key, twoBytes, long, by.certification(long.toString())];
    expect(verdict(Buffer.concat(packets))).toBe('good');
  });

  const damaged = handmade.publicKeys(...start).replace(/\n=.{4}\n/, '\n=AAAA\n');
  const secret = handmade.armored('PRIVATE KEY BLOCK', handmade.packet(5, Buffer.from('secret')));
  it.each([
    ['something else than keys', 'alice@example.com\n', 'NoPublicKey', 'line 1'],
    [
      'a begin line with a mistake',
      `${whole}----BEGIN PGP PUBLIC KEY BLOCK-----\n`,
      'NoPublicKey',
      /^line \d+$/,
    ],
    ['a signature', handmade.signMessage(primary, commitPayload()), 'NoPublicKey', 'line 1'],
    ['an armored secret key', secret, 'SecretKey', 'line 1'],
    [
      'a secret key packet',
      handmade.publicKeys(handmade.packet(5, Buffer.from('secret'))),
      'SecretKey',
      'block 1, byte 0',
    ],
    [
      'a secret subkey packet',
      handmade.publicKeys(...start, handmade.packet(7, Buffer.from('x'))),
      'SecretKey',
      /^block 1, byte \d+$/,
    ],
    ['a wrong checksum', `\n${damaged}`, 'MalformedArmor', 'line 2'],
    ['no end', whole.slice(0, -10), 'MalformedArmor', 'line 1'],
    ['no blank line', whole.replace('\n\n', '\n'), 'MalformedArmor', 'line 1'],
    ['letters that are not base64', whole.replace(/\n(.)/g, '\n!'), 'MalformedArmor', 'line 1'],
    [
      'a second block that is cut off',
      whole + handmade.publicKeys(by.key.subarray(0, 20)),
      'MalformedPacket',
      'block 2, byte 0',
    ],
    [
      'a partial length',
      handmade.publicKeys(Buffer.concat([Buffer.from([0xc6, 0xe0]), primary.body])),
      'MalformedPacket',
      'block 1, byte 0',
    ],
    [
      'an indeterminate length',
      handmade.publicKeys(Buffer.concat([Buffer.from([0x9b]), primary.body])),
      'MalformedPacket',
      'block 1, byte 0',
    ],
    ['a packet of type 0', handmade.publicKeys(Buffer.from([0xc0, 0])), 'MalformedPacket', 'block 1, byte 0'],
    [
      'bytes that are no packet',
      handmade.publicKeys(by.key, Buffer.from('hello')),
      'MalformedPacket',
      /byte \d+$/,
    ],
    [
      'a user id before the key',
      handmade.publicKeys(by.userId('alice')),
      'MalformedPacket',
      'block 1, byte 0',
    ],
    [
      'a message among the keys',
      handmade.publicKeys(...start, handmade.packet(11, Buffer.from('b'))),
      'MalformedPacket',
      /byte/,
    ],
    [
      'a key that is cut off',
      handmade.publicKeys(handmade.packet(6, primary.body.subarray(0, 20))),
      'MalformedKey',
      'block 1, byte 0',
    ],
    [
      'a key with trailing bytes',
      handmade.publicKeys(handmade.packet(6, Buffer.concat([primary.body, Buffer.from('x')]))),
      'MalformedKey',
      'block 1, byte 0',
    ],
    [
      'a revocation of a key that is not there',
      handmade.publicKeys(by.revocation()),
      'RevocationWithoutKey',
      'block 1, byte 0',
    ],
    [
      'a signature before the key',
      handmade.publicKeys(start[2] as Buffer),
      'MalformedPacket',
      'block 1, byte 0',
    ],
    [
      'a user id that is too long',
      handmade.publicKeys(by.key, by.userId('x'.repeat(3000))),
      'KeyringTooLarge',
      /byte/,
    ],
  ])('is refused with a code and a place: %s', (_name, keyring, code, where) => {
    let thrown: unknown;
    try {
      verifyCommit({ object, keyring });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'KeyringError', code });
    expect((thrown as { where: string }).where).toMatch(where);
    expect((thrown as Error).message).not.toMatch(/secret'|hello|xxx/);
  });

  it('takes a time in whole seconds only', () => {
    for (const at of [Number.NaN, -1, 0.5])
      expect(() => verifyCommit({ object, keyring: whole, at })).toThrow(TypeError);
  });

  it('is asked about this very moment, unless another is given', () => {
    const short = [
      by.key,
      by.userId('a'),
      by.certification('a', { hashed: [handmade.flags.sign, handmade.keyExpires(366 * 86_400)] }),
    ];
    const keyring = handmade.publicKeys(...short);
    expect(verifyCommit({ object, keyring, at: noon }).verdict).toBe('good');
    expect(verifyCommit({ object, keyring }).verdict).toBe('expired');
  });

  it('lets no key sign for two owners when one of them revoked it', () => {
    const other = handmade.ed25519LegacyKey();
    const byOther = new handmade.Certifier(other);
    const mine = [...start, by.subkey(subkey), by.binding(subkey)];
    const theirs = [
      byOther.key,
      byOther.userId('Bob'),
      byOther.certification('Bob'),
      byOther.subkey(subkey),
      byOther.binding(subkey),
    ];
    const commit = withSignature(commitPayload(), handmade.signMessage(subkey, commitPayload()));
    const ask = (...packets: Buffer[]) =>
      verifyCommit({ object: commit, keyring: handmade.publicKeys(...packets), at: noon });
    expect(ask(...mine, ...theirs).verdict).toBe('good');
    expect(ask(...mine, ...theirs, byOther.subkeyRevocation(subkey)).verdict).toBe('revoked');
    expect(ask(...mine, byOther.key, byOther.subkey(subkey)).userIds).toEqual(['Alice <alice@example.com>']);
  });
});

describe('other signatures than those of OpenPGP', () => {
  it.each([
    ['SSH', '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n', /SSH/],
    ['X.509', '-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----\n', /X\.509/],
    ['an OpenPGP message', handmade.armored('MESSAGE', Buffer.from('x')), /only detached/],
  ])('are not verified here: %s', (_name, armor, reason) => {
    const answer = verifyCommit({ object: withSignature(commitPayload(), armor), keyring: whole });
    expect(answer).toEqual({ verdict: 'unsupported', userIds: [], reason: expect.stringMatching(reason) });
  });

  it.each([
    ['an armor of keys', whole],
    ['two blocks', handmade.signMessage(primary, commitPayload()).repeat(2)],
    ['text behind', `${handmade.signMessage(primary, commitPayload())}more\n`],
    ['a certification', handmade.armored('SIGNATURE', start[2] as Buffer)],
    ['no packet', handmade.armored('SIGNATURE', Buffer.from('x'))],
    ['a standalone signature', handmade.signMessage(primary, commitPayload(), {}, 2)],
  ])('are bad: %s', (_name, armor) => {
    expect(verdict(whole)).toBe('good');
    const answer = verifyCommit({ object: withSignature(commitPayload(), armor), keyring: whole, at: noon });
    expect(answer.verdict).toBe('bad');
  });
});
