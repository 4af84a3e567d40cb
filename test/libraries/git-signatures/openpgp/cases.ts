import type { Verdict } from '../../../../libraries/git-signatures/openpgp/index.ts';
import { commitPayload, day, newYear, noon, type Workshop, withSignature } from './workshop.ts';

/** A signed commit, the keys at hand, and what is to be said about it. */
export interface Case {
  readonly object: Buffer;
  readonly keyring: string;
  /** When it is looked at; noon of the commit's day unless said otherwise. */
  readonly at?: number;
  readonly email?: string;
  readonly verdict: Verdict;
  readonly reason?: RegExp;
  readonly userIds?: readonly string[];
  /** gpg says good, we do not. */
  readonly isStricter?: boolean;
  /** We say good, gpg does not: it takes no account of when something was revoked. */
  readonly isAboutThePast?: boolean;
}

export const alice = 'Alice Ärmel <alice@example.com>';
const bob = 'Bob <bob@example.com>';

/**
 * Cases whose keys and signatures are all made by gpg. The clock that made the keys stood at 2024-01-01.
 */
export function gpgCases(workshop: Workshop): Record<string, () => Case> {
  const made = new Map<string, string>();
  /** A key that several cases use, made once. */
  const key = (name: string, make: () => string): string => {
    const print = made.get(name) ?? make();
    made.set(name, print);
    return print;
  };
  const plain = () => key('plain', () => workshop.key(alice, 'ed25519'));
  const other = () => key('other', () => workshop.key(bob, 'ed25519'));
  const withSubkey = (algorithm: string) =>
    key(`subkey ${algorithm}`, () => {
      const print = workshop.key(alice, algorithm, 'cert');
      workshop.subkey(print, algorithm.startsWith('nist') ? `${algorithm}/ecdsa` : algorithm);
      return print;
    });
  const signed = (print: string, options: readonly string[] = [], at = noon): Buffer =>
    withSignature(commitPayload(), workshop.sign(print, commitPayload(), { at, options }));
  const simple = (print: string, rest: Partial<Case> = {}): Case => ({
    object: rest.object ?? signed(print),
    keyring: rest.keyring ?? workshop.exported(print),
    verdict: 'good',
    ...rest,
  });
  const revoked = (print: string, answers: readonly string[], rest: Partial<Case>): Case => {
    const object = signed(print);
    workshop.edit(print, answers, noon + day);
    return simple(print, { object, ...rest });
  };

  return {
    'a good signature of a primary Ed25519 key': () => simple(plain(), { userIds: [alice] }),
    'a good signature of an Ed25519 subkey': () => simple(withSubkey('ed25519')),
    'a good signature of an RSA subkey': () => simple(withSubkey('rsa3072')),
    'a good signature of a P-256 subkey': () => simple(withSubkey('nistp256')),
    'a good signature of a P-384 subkey': () => simple(withSubkey('nistp384')),
    'a good signature of a P-521 subkey': () => simple(withSubkey('nistp521')),
    'a key with an encryption subkey': () => {
      const print = workshop.key(alice, 'ed25519');
      workshop.subkey(print, 'cv25519', 'encr');
      return simple(print);
    },
    'SHA-256 and SHA-384 by a P-384 key': () => {
      const object = signed(withSubkey('nistp384'), ['--digest-algo', 'SHA384']);
      return simple(withSubkey('nistp384'), { object });
    },
    'a key that is not in the keyring': () =>
      simple(other(), { keyring: workshop.exported(plain()), verdict: 'untrusted', reason: /names no key/ }),
    'an empty keyring': () => simple(plain(), { keyring: '', verdict: 'untrusted' }),
    'one of several keys': () => simple(plain(), { keyring: workshop.exported(other(), plain()) }),
    'one of several blocks': () =>
      simple(plain(), { keyring: workshop.exported(other()) + workshop.exported(plain()) }),
    'a message changed after signing': () => {
      const object = Buffer.from(
        signed(plain()).toString('latin1').replace('a message', 'A message'),
        'latin1',
      );
      return simple(plain(), { object, verdict: 'bad' });
    },
    'a tree changed after signing': () => {
      const object = Buffer.from(signed(plain()).toString('latin1').replace('tree 4b', 'tree 4c'), 'latin1');
      return simple(plain(), { object, verdict: 'bad' });
    },
    'no signature': () => simple(plain(), { object: commitPayload(), verdict: 'unsigned' }),
    'a signature with a comment in its armor': () =>
      simple(plain(), { object: signed(plain(), ['--comment', 'made at home', '--emit-version']) }),
    'a signature without a checksum': () => {
      const object = Buffer.from(
        signed(plain())
          .toString('latin1')
          .replace(/\n =[^\n]{4}\n/, '\n'),
        'latin1',
      );
      return simple(plain(), { object });
    },
    'a signature with a wrong checksum': () => {
      const object = Buffer.from(
        signed(plain())
          .toString('latin1')
          .replace(/\n =[^\n]{4}\n/, '\n =AAAA\n'),
        'latin1',
      );
      return simple(plain(), { object, verdict: 'bad', reason: /checksum/ });
    },
    'a notation': () =>
      simple(plain(), { object: signed(plain(), ['--sig-notation', 'ticket@example.com=7']) }),
    'a critical notation': () =>
      simple(plain(), {
        object: signed(plain(), ['--sig-notation', '!ticket@example.com=7']),
        verdict: 'unsupported',
        reason: /notation/,
      }),
    'a critical policy address, and a signer named': () =>
      simple(plain(), {
        object: signed(plain(), [
          '--sig-policy-url',
          '!https://example.com',
          '--sender',
          'alice@example.com',
        ]),
      }),
    'SHA-1': () =>
      simple(plain(), {
        object: signed(withSubkey('rsa3072'), ['--digest-algo', 'SHA1']),
        keyring: workshop.exported(withSubkey('rsa3072')),
        verdict: 'unsupported',
        reason: /SHA1/,
        isStricter: true,
      }),
    'an RSA key of 1024 bits': () =>
      simple(workshop.key(alice, 'rsa1024'), { verdict: 'unsupported', reason: /2048/, isStricter: true }),
    'a DSA key': () =>
      simple(workshop.key(alice, 'dsa2048'), { verdict: 'unsupported', reason: /DSA/, isStricter: true }),
    'a curve that is not supported': () =>
      simple(workshop.key(alice, 'secp256k1'), { verdict: 'unsupported', reason: /curve/, isStricter: true }),
    'a signature of a text': () =>
      simple(plain(), {
        object: signed(plain(), ['--textmode']),
        verdict: 'unsupported',
        reason: /texts/,
        isStricter: true,
      }),
    'signatures of two keys': () => {
      const armor = workshop.sign(plain(), commitPayload(), { options: ['-u', other()] });
      return simple(plain(), {
        object: withSignature(commitPayload(), armor),
        keyring: workshop.exported(plain(), other()),
        verdict: 'unsupported',
        reason: /more than one/,
      });
    },
    'a signature that has expired': () =>
      simple(plain(), {
        object: signed(plain(), ['--default-sig-expire', '1d']),
        at: noon + day,
        verdict: 'expired',
        reason: /the signature expired at 2024-07-02T12:00:00Z/,
      }),
    'a signature in its last second': () =>
      simple(plain(), { object: signed(plain(), ['--default-sig-expire', '1d']), at: noon + day - 1 }),
    'a signature older than its key': () =>
      simple(plain(), {
        object: signed(plain(), ['--ignore-time-conflict', '--ignore-valid-from'], newYear - day),
        verdict: 'expired',
        reason: /older than its key/,
      }),
    'a key that has expired': () => {
      const print = key('a year', () => workshop.key(alice, 'ed25519', 'sign', '1y'));
      return simple(print, { at: noon + 365 * day, verdict: 'expired', reason: /the key expired/ });
    },
    'a key that had not expired then': () => {
      const print = key('a year', () => workshop.key(alice, 'ed25519', 'sign', '1y'));
      return simple(print, { at: noon + day });
    },
    'a key whose life was prolonged': () => {
      const print = workshop.key(alice, 'ed25519', 'sign', '1y');
      workshop.gpg(['--quick-set-expire', print, '3y'], { at: noon });
      return simple(print, { at: noon + 365 * day });
    },
    'a key whose life was shortened': () => {
      const print = workshop.key(alice, 'ed25519', 'sign', '3y');
      const object = signed(print);
      workshop.gpg(['--quick-set-expire', print, '1d'], { at: noon });
      return simple(print, { object, at: noon + 2 * day, verdict: 'expired' });
    },
    'a subkey that has expired': () => {
      const print = workshop.key(alice, 'ed25519', 'cert');
      workshop.subkey(print, 'ed25519', 'sign', '1y');
      return simple(print, { at: noon + 365 * day, verdict: 'expired', reason: /the subkey expired/ });
    },
    'a subkey of a primary key that has expired': () => {
      const print = workshop.key(alice, 'ed25519', 'cert', '1y');
      workshop.subkey(print, 'ed25519');
      return simple(print, { at: noon + 365 * day, verdict: 'expired', reason: /the key expired/ });
    },
    'a revoked key, for no reason': () =>
      revoked(workshop.key(alice, 'ed25519'), ['revkey', 'y', '0', '', 'y', 'save'], {
        at: noon + 2 * day,
        verdict: 'revoked',
        reason: /revoked at 2024-07-02/,
      }),
    'a key revoked as compromised, long before': () =>
      revoked(workshop.key(alice, 'ed25519'), ['revkey', 'y', '1', '', 'y', 'save'], { verdict: 'revoked' }),
    'a key superseded before': () =>
      revoked(workshop.key(alice, 'ed25519'), ['revkey', 'y', '2', '', 'y', 'save'], {
        at: noon + 2 * day,
        verdict: 'revoked',
      }),
    'a key superseded later': () =>
      revoked(workshop.key(alice, 'ed25519'), ['revkey', 'y', '2', '', 'y', 'save'], {
        verdict: 'good',
        isAboutThePast: true,
      }),
    'a key revoked by the certificate that was made with it': () => {
      const print = workshop.key(alice, 'ed25519');
      return simple(print, {
        keyring: workshop.exported(print) + workshop.revocation(print),
        verdict: 'revoked',
      });
    },
    'a revoked subkey': () => {
      const print = workshop.key(alice, 'ed25519', 'cert');
      workshop.subkey(print, 'ed25519');
      return revoked(print, ['key 1', 'revkey', 'y', '1', '', 'y', 'save'], {
        at: noon + 2 * day,
        verdict: 'revoked',
        reason: /the subkey was revoked/,
      });
    },
    'a second subkey, with the first one revoked': () => {
      const print = workshop.key(alice, 'ed25519', 'cert');
      workshop.subkey(print, 'ed25519');
      workshop.edit(print, ['key 1', 'revkey', 'y', '1', '', 'y', 'save'], newYear + day);
      workshop.subkey(print, 'ed25519', 'sign', 'never', newYear + 2 * day);
      return simple(print);
    },
    'a revoked user id beside one that is not': () => {
      const print = workshop.key(alice, 'ed25519');
      workshop.gpg(['--quick-add-uid', print, bob]);
      workshop.gpg(['--quick-revoke-uid', print, bob], { at: newYear + day });
      return simple(print, { userIds: [alice] });
    },
    'the address of a revoked user id': () => {
      const print = workshop.key(alice, 'ed25519');
      workshop.gpg(['--quick-add-uid', print, bob]);
      workshop.gpg(['--quick-revoke-uid', print, bob], { at: newYear + day });
      return simple(print, { email: 'bob@example.com', verdict: 'untrusted', isStricter: true });
    },
    'the address of one of two user ids': () => {
      const print = workshop.key(alice, 'ed25519');
      workshop.gpg(['--quick-add-uid', print, bob]);
      return simple(print, { email: 'Bob@Example.com', userIds: [bob] });
    },
    'the address of nobody': () =>
      simple(plain(), { email: 'carol@example.com', verdict: 'untrusted', isStricter: true }),
    'a key certified by another': () => {
      const print = workshop.key(alice, 'ed25519');
      workshop.gpg(['--default-key', workshop.key(bob, 'ed25519', 'cert'), '--quick-sign-key', print], {
        at: newYear + day,
      });
      return simple(print);
    },
  };
}
