import { describe, expect, it } from 'vitest';
import {
  parseKeyring,
  verifyCommit,
  verifyMessage,
} from '../../../../libraries/git-signatures/openpgp/index.ts';
import * as handmade from './handmade.ts';
import { commitPayload, noon, withSignature } from './workshop.ts';

const algorithms: Record<string, (version: 4 | 6) => handmade.HandmadeKey> = {
  Ed25519: (version) => handmade.ed25519Key({ version }),
  Ed448: (version) => handmade.ed448Key({ version }),
  'ECDSA P-256': (version) => handmade.ecdsaKey('P-256', { version }),
  'ECDSA P-384': (version) => handmade.ecdsaKey('P-384', { version }),
  'ECDSA P-521': (version) => handmade.ecdsaKey('P-521', { version }),
  'RSA 2048': (version) => handmade.rsaKey(2048, { version }),
};

describe.each([4, 6] as const)('keys and signatures of version %i', (version) => {
  it.each(Object.keys(algorithms))('are good with %s', (name) => {
    const key = (algorithms[name] as (version: 4 | 6) => handmade.HandmadeKey)(version);
    const keyring = handmade.publicKeys(handmade.certificate(key));
    const object = withSignature(commitPayload(), handmade.signMessage(key, commitPayload()));
    expect(verifyCommit({ object, keyring, at: noon })).toMatchObject({
      verdict: 'good',
      userIds: ['Alice <alice@example.com>'],
      fingerprint: key.fingerprint,
      primaryFingerprint: key.fingerprint,
      signedAt: noon,
    });
    const changed = withSignature(
      commitPayload({ message: 'another' }),
      handmade.signMessage(key, commitPayload()),
    );
    expect(verifyCommit({ object: changed, keyring, at: noon }).verdict).toBe('bad');
  });

  it('are good with each hash that is long enough for the key, and no other', () => {
    const keys = {
      ed25519: handmade.ed25519Key({ version }),
      ed448: handmade.ed448Key({ version }),
      p521: handmade.ecdsaKey('P-521', { version }),
    };
    const verdicts = Object.entries(keys).map(([name, key]) => {
      const keyring = parseKeyring(handmade.publicKeys(handmade.certificate(key)));
      const answers = (
        ['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512'] as const
      ).filter((hash) => {
        const signature = handmade.signMessage(key, commitPayload(), { hash });
        const { verdict } = verifyMessage({ message: commitPayload(), signature, keyring, at: noon });
        expect(['good', 'unsupported']).toContain(verdict);
        return verdict === 'good';
      });
      return [name, answers];
    });
    expect(Object.fromEntries(verdicts)).toEqual({
      ed25519: ['sha256', 'sha384', 'sha512', 'sha3-256', 'sha3-512'],
      ed448: ['sha512', 'sha3-512'],
      p521: ['sha512', 'sha3-512'],
    });
  });
});

describe('versions that do not go together', () => {
  const [old, modern] = [handmade.ed25519Key(), handmade.ed25519Key({ version: 6 })];

  it('are no match: a key of one and a signature of the other', () => {
    for (const [key, other] of [
      [old, modern],
      [modern, old],
    ] as const) {
      const lying = { ...other, sign: key.sign };
      const issuer = handmade.issuerFingerprint(key);
      const signature = handmade.signMessage(lying, commitPayload(), { issuer });
      const keyring = handmade.publicKeys(handmade.certificate(key));
      expect(verifyMessage({ message: commitPayload(), signature, keyring, at: noon })).toMatchObject({
        verdict: 'bad',
        reason: 'the versions of key and signature differ',
      });
    }
  });

  it('are refused: a salt of another length than the hash asks for', () => {
    const keyring = handmade.publicKeys(handmade.certificate(modern));
    const signature = handmade.signMessage(modern, commitPayload(), { saltSize: 16 });
    expect(verifyMessage({ message: commitPayload(), signature, keyring, at: noon })).toMatchObject({
      verdict: 'bad',
      reason: expect.stringContaining('salt'),
    });
  });

  it('are refused: signatures of version 3 and 5', () => {
    for (const version of [3, 5]) {
      const body = handmade.signature(old, 0, commitPayload());
      body[0] = version;
      const signature = handmade.armored('SIGNATURE', handmade.packet(2, body));
      const keyring = handmade.publicKeys(handmade.certificate(old));
      expect(verifyMessage({ message: commitPayload(), signature, keyring, at: noon }).verdict).toBe(
        'unsupported',
      );
    }
  });

  it('are an error in a keyring: a key of version 5', () => {
    const body = Buffer.from(old.body);
    body[0] = 5;
    expect(() => parseKeyring(handmade.publicKeys(handmade.packet(6, body)))).toThrow(
      expect.objectContaining({ code: 'UnsupportedKeyVersion', where: 'block 1, byte 0' }),
    );
  });
});

// RFC 9580, appendices A.3 and A.6: made by others than us.
const rfcCertificate = `-----BEGIN PGP PUBLIC KEY BLOCK-----

xioGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laPCsQYf
GwoAAABCBYJjh3/jAwsJBwUVCg4IDAIWAAKbAwIeCSIhBssYbE8GCaaX5NUt+mxy
KwwfHifBilZwj2Ul7Ce62azJBScJAgcCAAAAAK0oIBA+LX0ifsDm185Ecds2v8lw
gyU2kCcUmKfvBXbAf6rhRYWzuQOwEn7E/aLwIwRaLsdry0+VcallHhSu4RN6HWaE
QsiPlR4zxP/TP7mhfVEe7XWPxtnMUMtf15OyA51YBM4qBmOHf+MZAAAAIIaTJINn
+eUBXbki+PSAld2nhJh/LVmFsS+60WyvXkQ1wpsGGBsKAAAALAWCY4d/4wKbDCIh
BssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce62azJAAAAAAQBIKbpGG2dWTX8
j+VjFM21J0hqWlEg+bdiojWnKfA5AQpWUWtnNwDEM0g12vYxoWM8Y81W+bHBw805
I8kWVkXU6vFOi+HWvv/ira7ofJu16NnoUkhclkUrk0mXubZvyl4GBg==
-----END PGP PUBLIC KEY BLOCK-----
`;
const rfcSignature = `-----BEGIN PGP SIGNATURE-----

wpgGARsKAAAAKQWCY5ijYyIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce6
2azJAAAAAGk2IHZJX1AhiJD39eLuPBgiUU9wUA9VHYblySHkBONKU/usJ9BvuAqo
/FvLFuGWMbKAdA+epq7V4HOtAPlBWmU8QOd6aud+aSunHQaaEJ+iTFjP2OMW0KBr
NK2ay45cX1IVAQ==
-----END PGP SIGNATURE-----
`;

describe('the samples of RFC 9580', () => {
  it('are good: a text signed by a key of version 6, whatever its lines end in', () => {
    const text = 'What we need from the grocery store:\n\n- tofu\n- vegetables\n- noodles\n';
    for (const message of [text, text.replaceAll('\n', '\r\n')]) {
      expect(
        verifyMessage({ message: Buffer.from(message), signature: rfcSignature, keyring: rfcCertificate }),
      ).toEqual({
        verdict: 'good',
        userIds: [],
        fingerprint: 'CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9',
        keyId: 'CB186C4F0609A697',
        primaryFingerprint: 'CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9',
        algorithm: 'ed25519',
        signedAt: Date.UTC(2022, 11, 13, 16, 8, 3) / 1000,
        reason: expect.stringContaining('CB186C'),
      });
    }
    const message = Buffer.from(text.replace('tofu', 'meat'));
    expect(verifyMessage({ message, signature: rfcSignature, keyring: rfcCertificate }).verdict).toBe('bad');
  });
});
