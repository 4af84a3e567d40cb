import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Verdict, verifyCommit, verifyTag } from '../../../../libraries/git-signatures/ssh/index.ts';
import * as handmade from './handmade.ts';
import { commitPayload, type Key, noon, Workshop, whyNoOracle, withSignature } from './workshop.ts';

if (whyNoOracle !== undefined) console.warn(whyNoOracle);

const alice = 'alice@example.com';

interface Case {
  readonly object: Buffer;
  readonly allowedSigners: string;
  readonly revoked?: string | Uint8Array;
  readonly verdict: Verdict;
  readonly principals?: readonly string[];
  readonly reason?: RegExp;
  readonly timezone?: string;
  /** Git of today says good, we do not; a stricter git of tomorrow would agree with us. */
  readonly isStricter?: boolean;
}

interface Keys {
  readonly ed25519: Key;
  readonly other: Key;
  readonly ecdsa256: Key;
  readonly ecdsa384: Key;
  readonly ecdsa521: Key;
  readonly rsa: Key;
  readonly authority: Key;
}

describe.skipIf(whyNoOracle !== undefined)('verifying commits as git does', () => {
  const workshop = new Workshop();
  let repository: string;
  let keys: Keys;

  beforeAll(() => {
    repository = workshop.repository();
    keys = {
      ed25519: workshop.key('ed25519'),
      other: workshop.key('ed25519'),
      ecdsa256: workshop.key('ecdsa', 256),
      ecdsa384: workshop.key('ecdsa', 384),
      ecdsa521: workshop.key('ecdsa', 521),
      rsa: workshop.key('rsa', 2048),
      authority: workshop.key('ed25519'),
    };
  });
  afterAll(() => workshop.close());

  function signed(key: Key, payload = commitPayload(), namespace = 'git'): Buffer {
    return withSignature(payload, workshop.sign(key, payload, namespace));
  }

  function signedByHand(key: handmade.HandmadeKey, wishes: handmade.SignatureWishes = {}): Buffer {
    const payload = commitPayload();
    return withSignature(payload, handmade.signMessage(key, payload, wishes));
  }

  function replaced(object: Buffer, from: string, to: string): Buffer {
    expect(object.includes(from)).toBe(true);
    return Buffer.from(object.toString('latin1').replace(from, to), 'latin1');
  }

  function certified(wishes: Parameters<Workshop['certify']>[2] = {}): Buffer {
    return signed(workshop.certify(keys.authority, keys.ed25519, { principals: alice, ...wishes }));
  }

  const cases: Record<string, () => Case> = {
    'a good Ed25519 signature': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'good',
      principals: [alice],
    }),
    'a good ECDSA P-256 signature': () => ({
      object: signed(keys.ecdsa256),
      allowedSigners: `${alice} ${keys.ecdsa256.line}`,
      verdict: 'good',
    }),
    'a good ECDSA P-384 signature': () => ({
      object: signed(keys.ecdsa384),
      allowedSigners: `${alice} ${keys.ecdsa384.line}`,
      verdict: 'good',
    }),
    'a good ECDSA P-521 signature': () => ({
      object: signed(keys.ecdsa521),
      allowedSigners: `${alice} ${keys.ecdsa521.line}`,
      verdict: 'good',
    }),
    'a good RSA signature with SHA-512': () => ({
      object: signed(keys.rsa),
      allowedSigners: `${alice} ${keys.rsa.line}`,
      verdict: 'good',
    }),
    'a good RSA signature with SHA-256': () => {
      const key = handmade.rsaKey('rsa-sha2-256', 'sha256');
      return { object: signedByHand(key), allowedSigners: `${alice} ${key.line}`, verdict: 'good' };
    },
    'an RSA signature whose name and hash differ': () => {
      const key = handmade.rsaKey('rsa-sha2-512', 'sha256');
      return { object: signedByHand(key), allowedSigners: `${alice} ${key.line}`, verdict: 'bad' };
    },
    'an RSA signature with SHA-1': () => {
      const key = handmade.rsaKey('ssh-rsa', 'sha1');
      return {
        object: signedByHand(key),
        allowedSigners: `${alice} ${key.line}`,
        verdict: 'unsupported',
        reason: /SHA-1/,
      };
    },
    'an RSA key of 1024 bits': () => {
      const key = handmade.rsaKey('rsa-sha2-512', 'sha512', 1024);
      return {
        object: signedByHand(key),
        allowedSigners: `${alice} ${key.line}`,
        verdict: 'unsupported',
        reason: /2048/,
        isStricter: true,
      };
    },
    'a signature over the message hashed with SHA-256': () => {
      const key = handmade.ed25519Key();
      return {
        object: signedByHand(key, { hash: 'sha256' }),
        allowedSigners: `${alice} ${key.line}`,
        verdict: 'good',
      };
    },
    'a signature over the message hashed with SHA-1': () => {
      const key = handmade.ed25519Key();
      return {
        object: signedByHand(key, { hash: 'sha1' }),
        allowedSigners: `${alice} ${key.line}`,
        verdict: 'unsupported',
      };
    },
    'a reserved field with content': () => {
      const key = handmade.ed25519Key();
      return {
        object: signedByHand(key, { reserved: 'of the future' }),
        allowedSigners: `${alice} ${key.line}`,
        verdict: 'good',
      };
    },
    'a signature of a later version': () => {
      const key = handmade.ed25519Key();
      return {
        object: signedByHand(key, { version: 2 }),
        allowedSigners: `${alice} ${key.line}`,
        verdict: 'unsupported',
      };
    },
    'a signature of version 0': () => {
      const key = handmade.ed25519Key();
      return {
        object: signedByHand(key, { version: 0 }),
        allowedSigners: `${alice} ${key.line}`,
        verdict: 'unsupported',
        isStricter: true,
      };
    },
    'a signature with trailing bytes': () => {
      const key = handmade.ed25519Key();
      return {
        object: signedByHand(key, { trailing: 'x' }),
        allowedSigners: `${alice} ${key.line}`,
        verdict: 'bad',
        reason: /trailing/,
      };
    },
    'a signature for another namespace': () => ({
      object: signed(keys.ed25519, commitPayload(), 'file'),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
      reason: /'file'/,
    }),
    'a message changed after signing': () => ({
      object: replaced(signed(keys.ed25519), 'a message', 'A message'),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
    }),
    'a tree changed after signing': () => ({
      object: replaced(signed(keys.ed25519), 'tree 4b', 'tree 4c'),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
    }),
    'an author changed after signing': () => ({
      object: replaced(signed(keys.ed25519), 'author Alice', 'author Alicf'),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
    }),
    'a header added after signing': () => ({
      object: replaced(signed(keys.ed25519), 'gpgsig ', 'encoding latin1\ngpgsig '),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
    }),
    'no signature': () => ({
      object: commitPayload(),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'unsigned',
    }),
    'a key that nobody has': () => ({
      object: signed(keys.other),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'untrusted',
    }),
    'no allowed signers at all': () => ({
      object: signed(keys.ed25519),
      allowedSigners: '# nobody\n\n',
      verdict: 'untrusted',
    }),
    'the second of two keys of one principal': () => ({
      object: signed(keys.other),
      allowedSigners: `${alice} ${keys.ed25519.line}\n${alice} ${keys.other.line} of her laptop\n`,
      verdict: 'good',
    }),
    'wildcards in the principals': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `*@example.com,b?b@example.org ${keys.ed25519.line}`,
      verdict: 'good',
      principals: ['*@example.com', 'b?b@example.org'],
    }),
    'principals with an exclusion': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `!mallory@example.com,*@example.com ${keys.ed25519.line}`,
      verdict: 'good',
      principals: ['*@example.com'],
    }),
    'principals that exclude everybody they name': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `!*@example.com,*@example.com ${keys.ed25519.line}`,
      verdict: 'untrusted',
    }),
    'principals in quotes': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `"Alice Armel,alice@example.com"  ${keys.ed25519.line}`,
      verdict: 'good',
      principals: ['Alice Armel', alice],
    }),
    'a line for the namespace git': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} NAMESPACES="file,git" ${keys.ed25519.line}`,
      verdict: 'good',
    }),
    'a line for other namespaces': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} namespaces="file" ${keys.ed25519.line}`,
      verdict: 'untrusted',
      reason: /line 1 .*namespace 'git'/,
    }),
    'a line whose namespaces exclude git': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} namespaces="!git,*" ${keys.ed25519.line}`,
      verdict: 'untrusted',
    }),
    'a first line for other namespaces, then another person with the same key': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} namespaces="file" ${keys.ed25519.line}\nbob ${keys.ed25519.line}`,
      verdict: 'untrusted',
    }),
    'a first line for other namespaces, then the same person for git': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} namespaces="file" ${keys.ed25519.line}\n${alice} namespaces="git" ${keys.ed25519.line}`,
      verdict: 'good',
    }),
    'a key that has expired': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} valid-before="20240630Z" ${keys.ed25519.line}`,
      verdict: 'expired',
      reason: /until 2024-06-30T00:00:00Z, and this is 2024-07-01T12:00:00Z/,
    }),
    'a key that is not valid yet': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} valid-after="202407011201Z" ${keys.ed25519.line}`,
      verdict: 'expired',
      reason: /from 2024-07-01T12:01:00Z/,
    }),
    'a key in its last second': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} valid-after="20240701120000Z",valid-before="20240701120001Z" ${keys.ed25519.line}`,
      verdict: 'good',
    }),
    'the last second itself': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} valid-before="20240701120000Z" ${keys.ed25519.line}`,
      verdict: 'good',
    }),
    'a second after the last': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} valid-before="20240701115959Z" ${keys.ed25519.line}`,
      verdict: 'expired',
    }),
    'a time of the local zone that has come': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} valid-after="202407011729" ${keys.ed25519.line}`,
      timezone: 'Asia/Kolkata',
      verdict: 'good',
    }),
    'a time of the local zone that has not come': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} valid-after="202407011731" ${keys.ed25519.line}`,
      timezone: 'Asia/Kolkata',
      verdict: 'expired',
    }),
    'a date of a local zone with daylight saving': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} valid-before="20240701080001",valid-after="20240701075959" ${keys.ed25519.line}`,
      timezone: 'America/New_York',
      verdict: 'good',
    }),
    'an old line that expired, then the key again': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `alice-2023 valid-before="20231231Z" ${keys.ed25519.line}\n${alice} ${keys.ed25519.line}`,
      verdict: 'good',
      principals: [alice],
    }),
    'a revoked key': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      revoked: `# lost\n${keys.other.line}\n${keys.ed25519.line} lost in the train\n`,
      verdict: 'revoked',
    }),
    'another key revoked': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      revoked: `${keys.other.line}\n`,
      verdict: 'good',
    }),
    'a key that only signs as an authority': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} cert-authority ${keys.ed25519.line}`,
      verdict: 'untrusted',
    }),
    'a certificate of a trusted authority': () => ({
      object: certified(),
      allowedSigners: `*@example.com cert-authority ${keys.authority.line}`,
      verdict: 'good',
      principals: [alice],
    }),
    'a certificate with several names, of which the authority may certify one': () => ({
      object: certified({ principals: 'alice@elsewhere.org,alice@example.com,root' }),
      allowedSigners: `*@example.com cert-authority ${keys.authority.line}`,
      verdict: 'good',
      principals: [alice],
    }),
    'a certificate of an authority that is not one': () => ({
      object: certified(),
      allowedSigners: `*@example.com ${keys.authority.line}`,
      verdict: 'untrusted',
    }),
    'a certificate of an unknown authority': () => ({
      object: signed(workshop.certify(keys.other, keys.ed25519, { principals: alice })),
      allowedSigners: `*@example.com cert-authority ${keys.authority.line}`,
      verdict: 'untrusted',
    }),
    'a certificate whose bare key is allowed': () => ({
      object: certified(),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'untrusted',
    }),
    'a certificate with names beyond its authority': () => ({
      object: certified({ principals: 'alice@elsewhere.org' }),
      allowedSigners: `*@example.com cert-authority ${keys.authority.line}`,
      verdict: 'untrusted',
    }),
    'a certificate with a name that the line excludes': () => ({
      object: certified(),
      allowedSigners: `!alice@*,*@example.com cert-authority ${keys.authority.line}`,
      verdict: 'untrusted',
    }),
    'a certificate without names': () => ({
      object: certified({ principals: undefined }),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      verdict: 'untrusted',
    }),
    'a certificate that expired before the commit': () => ({
      object: certified({ validity: '20240101:20240630' }),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      verdict: 'expired',
    }),
    'a certificate that has expired since': () => ({
      object: certified({ validity: '20240101:20240801' }),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      verdict: 'good',
    }),
    'a certificate that was made after the commit': () => ({
      object: certified({ validity: '20240801:20290101' }),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      verdict: 'expired',
    }),
    'a certificate for hosts': () => ({
      object: certified({ host: true }),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      verdict: 'bad',
      reason: /users/,
    }),
    'a certificate with restrictions for logins': () => ({
      object: certified({ options: ['force-command=/bin/true', 'source-address=10.0.0.0/8', 'clear'] }),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      verdict: 'good',
    }),
    'a certificate with a critical option that nobody knows': () => ({
      object: certified({ options: ['critical:only-on-mondays@example.com=yes'] }),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      verdict: 'unsupported',
      reason: /only-on-mondays@example.com/,
      isStricter: true,
    }),
    'a certificate with an extension that nobody knows': () => ({
      object: certified({ options: ['extension:nice@example.com=yes'] }),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      verdict: 'good',
    }),
    'a certificate of an RSA authority': () => {
      const certificate = workshop.certify(keys.rsa, keys.ecdsa384, { principals: alice });
      return {
        object: signed(certificate),
        allowedSigners: `* cert-authority ${keys.rsa.line}`,
        verdict: 'good',
      };
    },
    'a certificate that an RSA authority signed with SHA-1': () => {
      const authority = handmade.rsaKey('ssh-rsa', 'sha1');
      return {
        object: signedByHand(handmade.certify(authority, handmade.ed25519Key())),
        allowedSigners: `* cert-authority ${authority.line}`,
        verdict: 'unsupported',
        reason: /certificate: .*SHA-1/,
        isStricter: true,
      };
    },
    'a certificate for an RSA key by an ECDSA authority': () => {
      const certificate = workshop.certify(keys.ecdsa256, keys.rsa, { principals: alice });
      return {
        object: signed(certificate),
        allowedSigners: `* cert-authority ${keys.ecdsa256.line}`,
        verdict: 'good',
      };
    },
    'a certificate that somebody else signed in the name of the authority': () => {
      const authority = handmade.ed25519Key();
      const forger = { ...authority, sign: handmade.ed25519Key().sign };
      return {
        object: signedByHand(handmade.certify(forger, handmade.ed25519Key())),
        allowedSigners: `* cert-authority ${authority.line}`,
        verdict: 'bad',
      };
    },
    'a certificate whose authority is a certificate': () => {
      const root = handmade.ed25519Key();
      const middle = handmade.certify(root, handmade.ed25519Key());
      return {
        object: signedByHand(handmade.certify(middle, handmade.ed25519Key())),
        allowedSigners: `* cert-authority ${root.line}`,
        verdict: 'bad',
      };
    },
    'a certificate with a name that holds a comma': () => {
      const authority = handmade.ed25519Key();
      return {
        object: signedByHand(
          handmade.certify(authority, handmade.ed25519Key(), { principals: ['mallory,alice@example.com'] }),
        ),
        allowedSigners: `*@example.com cert-authority ${authority.line}`,
        verdict: 'untrusted',
      };
    },
    'a certificate with trailing bytes': () => {
      const authority = handmade.ed25519Key();
      return {
        object: signedByHand(handmade.certify(authority, handmade.ed25519Key(), { trailing: 'x' })),
        allowedSigners: `* cert-authority ${authority.line}`,
        verdict: 'bad',
      };
    },
    'a certificate whose key is revoked': () => ({
      object: certified(),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      revoked: `${keys.ed25519.line}\n`,
      verdict: 'revoked',
    }),
    'a certificate whose authority is revoked': () => ({
      object: certified(),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
      revoked: `${keys.authority.line}\n`,
      verdict: 'revoked',
    }),
    'a bare key that is revoked by its certificate': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      revoked: `${workshop.certify(keys.authority, keys.ed25519, { principals: alice }).line}\n`,
      verdict: 'revoked',
    }),
    'a line that holds the certificate itself': () => {
      const certificate = workshop.certify(keys.authority, keys.ed25519, { principals: alice });
      return { object: signed(certificate), allowedSigners: `bob ${certificate.line}`, verdict: 'good' };
    },
    'a line that holds a certificate which has expired': () => {
      const certificate = workshop.certify(keys.authority, keys.ed25519, { validity: '20240101:20240102' });
      return {
        object: signed(certificate),
        allowedSigners: `bob ${certificate.line}`,
        verdict: 'expired',
        isStricter: true,
      };
    },
    'a file with Windows line ends': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `# team\r\n${alice} ${keys.ed25519.line} laptop\r\n`,
      verdict: 'good',
    }),
    'a key of a type that is not supported beside the right one': () => ({
      object: signed(keys.ed25519),
      allowedSigners: `${alice} ${keys.ed25519.line}\nold ssh-dss ${handmade.string('ssh-dss').toString('base64')}`,
      verdict: 'good',
    }),
    'a commit with a merged tag, an encoding and unknown headers': () => ({
      object: signed(
        keys.ed25519,
        commitPayload({
          headers: 'encoding latin1\nmergetag object 1\n type commit\n \n text\nHG:extra a:b\n',
        }),
      ),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'good',
    }),
    'a message with NUL, without a newline at its end, and with a signature in its text': () => ({
      object: signed(
        keys.ed25519,
        commitPayload({ message: 'a\n-----BEGIN PGP SIGNATURE-----\ngpgsig x\n\0b' }),
      ),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'good',
    }),
    'an empty message': () => ({
      object: signed(keys.ed25519, commitPayload({ message: '' })),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'good',
    }),
    'an OpenPGP signature': () => ({
      object: withSignature(
        commitPayload(),
        '-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n',
      ),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'unsupported',
      reason: /OpenPGP/,
    }),
    'an X.509 signature': () => ({
      object: withSignature(
        commitPayload(),
        '-----BEGIN SIGNED MESSAGE-----\nMIIE\n-----END SIGNED MESSAGE-----\n',
      ),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'unsupported',
      reason: /X\.509/,
    }),
    'a signature header with other text': () => ({
      object: withSignature(commitPayload(), 'trust me'),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
    }),
    'a signature of a commit of the other format': () => {
      const payload = commitPayload();
      return {
        object: withSignature(payload, workshop.sign(keys.ed25519, payload), 'gpgsig-sha256'),
        allowedSigners: `${alice} ${keys.ed25519.line}`,
        verdict: 'unsigned',
      };
    },
    'a second signature header': () => {
      const once = signed(keys.ed25519);
      return {
        object: withSignature(once, workshop.sign(keys.other, commitPayload())),
        allowedSigners: `${alice} ${keys.ed25519.line}`,
        verdict: 'bad',
        isStricter: true,
      };
    },
    'a header that git would leave out of what it verifies': () => ({
      object: replaced(signed(keys.ed25519), 'gpgsig ', 'gpgsig-note read me as signed\ngpgsig '),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
      isStricter: true,
    }),
    'a signed commit with two trees': () => ({
      object: signed(keys.ed25519, commitPayload({ headers: `tree ${'0'.repeat(40)}\n` })),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
      isStricter: true,
    }),
    'base64 with spaces': () => ({
      object: replaced(signed(keys.ed25519), 'U1NI', 'U1 NI'),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
      isStricter: true,
    }),
    'text behind the signature': () => ({
      object: replaced(
        signed(keys.ed25519),
        'END SSH SIGNATURE-----\n',
        'END SSH SIGNATURE-----\n and more\n',
      ),
      allowedSigners: `${alice} ${keys.ed25519.line}`,
      verdict: 'bad',
      isStricter: true,
    }),
  };

  for (const [name, make] of Object.entries(cases)) {
    it(`answers like git: ${name}`, () => {
      const { object, allowedSigners, revoked, verdict, principals, reason, timezone, isStricter } = make();
      const git = workshop.askGit(repository, workshop.store(repository, 'commit', object), {
        allowedSigners,
        revoked,
        timezone,
      });
      const ours = inTimezone(timezone, () => verifyCommit({ object, allowedSigners, revoked }));
      expect(ours.verdict, ours.reason).toBe(verdict);
      if (isStricter) expect(verdict).not.toBe('good');
      else expect(git.isGood, git.output).toBe(verdict === 'good');
      if (principals !== undefined) expect(ours.principals).toEqual(principals);
      if (reason !== undefined) expect(ours.reason).toMatch(reason);
      if (ours.verdict === 'good') expect(git.output).toContain(ours.fingerprint);
      else expect(ours.principals).toEqual([]);
    });
  }

  it('verifies what git commit and git tag sign, root, merge and tag', () => {
    const git = (folder: string, ...rest: string[]) =>
      workshop.run('git', [
        ...['-C', folder, '-c', 'gpg.format=ssh', '-c', `user.signingKey=${keys.ed25519.path}.pub`],
        ...rest,
      ]);
    for (const format of ['sha1', 'sha256'] as const) {
      const folder = workshop.repository(format);
      writeFileSync(join(folder, 'a.txt'), 'a');
      git(folder, 'add', '.');
      git(folder, 'commit', '-q', '-S', '-m', 'feat: begin ✨');
      git(folder, 'checkout', '-q', '-b', 'side');
      git(folder, 'commit', '-q', '-S', '--allow-empty', '-m', 'side');
      git(folder, 'checkout', '-q', 'main');
      git(folder, 'merge', '-q', '-S', '--no-ff', '-m', 'merge side', 'side');
      git(folder, 'tag', '-s', '-m', 'first\n\nrelease', 'v1');
      git(folder, 'tag', '-a', '-m', 'not signed', 'v0');
      const allowedSigners = `${alice} ${keys.ed25519.line}`;
      for (const name of ['main', 'side', 'main~1']) {
        const ours = verifyCommit({ object: workshop.object(folder, name), allowedSigners });
        expect(ours).toMatchObject({ verdict: 'good', principals: [alice], keyType: 'ssh-ed25519' });
        expect(workshop.askGit(folder, name, { allowedSigners }).isGood).toBe(true);
      }
      const tag = workshop.object(folder, 'v1');
      expect(verifyTag({ object: tag, allowedSigners })).toMatchObject({
        verdict: 'good',
        principals: [alice],
      });
      expect(workshop.askGit(folder, 'v1', { allowedSigners }, 'verify-tag').isGood).toBe(true);
      expect(verifyTag({ object: workshop.object(folder, 'v0'), allowedSigners }).verdict).toBe('unsigned');

      const changed = replaced(tag, 'release', 'Release');
      const name = workshop.store(folder, 'tag', changed);
      expect(verifyTag({ object: changed, allowedSigners }).verdict).toBe('bad');
      expect(workshop.askGit(folder, name, { allowedSigners }, 'verify-tag').isGood).toBe(false);
      expect(verifyTag({ object: workshop.object(folder, 'main'), allowedSigners }).verdict).toBe('bad');
      expect(verifyCommit({ object: tag, allowedSigners }).verdict).toBe('bad');
    }
  });

  it('reads tags as git does: with two signatures, other headers, and none of a tagger', () => {
    const text = (tagger: string) =>
      Buffer.from(`object ${'4'.repeat(40)}\ntype commit\ntag v1\n${tagger}\nrelease\n`);
    const payload = text(`tagger Alice <alice@example.com> ${noon} +0000\n`);
    const sign = (key: Key, content: Buffer) =>
      Buffer.concat([content, Buffer.from(workshop.sign(key, content))]);
    const allowedSigners = `${alice} valid-after="20240101Z",valid-before="20241231Z" ${keys.ed25519.line}`;
    const once = sign(keys.ed25519, payload);
    const tags: [Buffer, Verdict][] = [
      [once, 'good'],
      [sign(keys.ed25519, once), 'good'],
      [sign(keys.other, once), 'untrusted'],
      [withSignature(once, workshop.sign(keys.other, payload), 'gpgsig-sha256'), 'good'],
      [
        sign(keys.ed25519, text(`tagger Alice <alice@example.com> ${noon - 365 * 86_400} +0000\n`)),
        'expired',
      ],
      [Buffer.concat([once, Buffer.from('more\n')]), 'bad'],
    ];
    for (const [object, verdict] of tags) {
      const ours = verifyTag({ object, allowedSigners });
      const git = workshop.askGit(
        repository,
        workshop.store(repository, 'tag', object),
        { allowedSigners },
        'verify-tag',
      );
      expect(ours.verdict, ours.reason).toBe(verdict);
      if (verdict !== 'bad') expect(git.isGood, git.output).toBe(verdict === 'good');
    }
  });

  it('wants the principal that it is asked for, whoever else may use the key', () => {
    const object = signed(keys.ed25519);
    const allowedSigners = `bob,alice@* ${keys.ed25519.line}`;
    expect(verifyCommit({ object, allowedSigners, principal: alice })).toMatchObject({
      verdict: 'good',
      principals: [alice],
    });
    expect(verifyCommit({ object, allowedSigners, principal: 'carol' })).toMatchObject({
      verdict: 'untrusted',
      principals: [],
    });
  });

  it('takes no principal that the certificate does not name, whoever its authority may certify', () => {
    const allowedSigners = `* cert-authority ${keys.authority.line}`;
    const object = certified({ principals: 'alice@example.com,carol' });
    expect(verifyCommit({ object, allowedSigners, principal: 'carol' }).principals).toEqual(['carol']);
    expect(verifyCommit({ object, allowedSigners, principal: 'bob' })).toMatchObject({
      verdict: 'untrusted',
      reason: 'the certificate does not name this principal',
    });
  });

  it('takes the time it is told instead of the committer’s', () => {
    const object = signed(keys.ed25519);
    const allowedSigners = `${alice} valid-before="20241231Z" ${keys.ed25519.line}`;
    expect(verifyCommit({ object, allowedSigners }).verdict).toBe('good');
    expect(verifyCommit({ object, allowedSigners, at: noon + 365 * 86_400 }).verdict).toBe('expired');
    expect(() => verifyCommit({ object, allowedSigners, at: Number.NaN })).toThrow(TypeError);
  });

  it('names key, type and certificate for the record', () => {
    const certificate = workshop.certify(keys.authority, keys.ed25519, {
      principals: alice,
      serial: 77,
      id: 'alice laptop',
    });
    const print = (key: Key) =>
      workshop
        .run('ssh-keygen', ['-l', '-f', `${key.path}.pub`])
        .toString()
        .split(' ')[1];
    const answer = verifyCommit({
      object: signed(certificate),
      allowedSigners: `* cert-authority ${keys.authority.line}`,
    });
    expect(answer).toEqual({
      verdict: 'good',
      principals: [alice],
      fingerprint: print(keys.ed25519),
      keyType: 'ssh-ed25519',
      certificate: { authority: print(keys.authority), keyId: 'alice laptop', serial: 77n },
      reason: 'signed by alice@example.com',
    });
    expect(readFileSync(`${certificate.path}.pub`, 'utf8')).toContain('-cert-v01');
  });
});

/** Dates follow the variable at once. */
function inTimezone<T>(timezone: string | undefined, work: () => T): T {
  const before = process.env.TZ;
  if (timezone !== undefined) process.env.TZ = timezone;
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}
