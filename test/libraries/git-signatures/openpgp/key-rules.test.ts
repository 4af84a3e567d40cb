import { afterAll, describe, expect, it } from 'vitest';
import { type Verdict, verifyCommit } from '../../../../libraries/git-signatures/openpgp/index.ts';
import * as handmade from './handmade.ts';
import { commitPayload, day, newYear, noon, Workshop, whyNoOracle, withSignature } from './workshop.ts';

if (whyNoOracle !== undefined) console.warn(`gpg is not asked: ${whyNoOracle}`);

interface Case {
  readonly packets: readonly Buffer[];
  readonly signer?: handmade.HandmadeKey;
  readonly wishes?: handmade.SignatureWishes;
  readonly verdict: Verdict;
  readonly reason?: RegExp;
  readonly at?: number;
  readonly email?: string;
  readonly userIds?: readonly string[];
  /** Why gpg answers otherwise; absent where it agrees. */
  readonly gpgDiffers?: string;
}

const alice = 'Alice <alice@example.com>';
const bob = 'Bob <bob@example.com>';
const primary = handmade.ed25519LegacyKey();
const subkey = handmade.ed25519LegacyKey();
const stranger = handmade.ed25519LegacyKey();
const rsa = handmade.rsaKey(2048);
const by = new handmade.Certifier(primary);
const byStranger = new handmade.Certifier(stranger);
const whole = handmade.certificate(primary);
const withoutFlags = by.certification(alice, { hashed: [] });
const certifyOnly = by.certification(alice, { hashed: [handmade.flags.certify] });
const start = [by.key, by.userId(alice), by.certification(alice)];

const cases: Record<string, () => Case> = {
  'a key that certifies and signs': () => ({ packets: [whole], verdict: 'good', userIds: [alice] }),
  'a key whose self-signature states no flags': () => ({
    packets: [by.key, by.userId(alice), withoutFlags],
    verdict: 'good',
  }),
  'a primary key that may only certify': () => ({
    packets: [by.key, by.userId(alice), certifyOnly],
    verdict: 'untrusted',
    reason: /may not sign/,
  }),
  'a key without any self-signature': () => ({
    packets: [by.key, by.userId(alice)],
    verdict: 'untrusted',
    reason: /no valid signature of its own/,
  }),
  'a key whose user id another certified': () => ({
    packets: [
      by.key,
      by.userId(alice),
      handmade.packet(
        2,
        handmade.signature(
          stranger,
          0x13,
          Buffer.concat([handmade.hashedKey(primary), handmade.hashedUserId(alice)]),
        ),
      ),
    ],
    verdict: 'untrusted',
  }),
  'a key whose self-signature is of another user id': () => ({
    packets: [by.key, by.userId(alice), by.certification(bob)],
    verdict: 'untrusted',
  }),
  'a key whose self-signature is with SHA-1': () => ({
    packets: [by.key, by.userId(alice), by.certification(alice, { hash: 'sha1' })],
    verdict: 'unsupported',
    reason: /in the key: .*SHA1/,
    gpgDiffers: 'it takes SHA-1 of the key itself',
  }),
  'a key whose only self-signature has a critical notation': () => ({
    packets: [
      by.key,
      by.userId(alice),
      by.certification(alice, {
        hashed: [handmade.flags.sign, handmade.subpacket(20, Buffer.from('800000000001000178', 'hex'), true)],
      }),
    ],
    verdict: 'unsupported',
  }),
  'a key whose only self-signature has an unknown critical subpacket': () => ({
    packets: [
      by.key,
      by.userId(alice),
      by.certification(alice, {
        hashed: [handmade.flags.sign, handmade.subpacket(99, Buffer.from('x'), true)],
      }),
    ],
    verdict: 'unsupported',
    reason: /critical subpacket of type 99/,
  }),
  'a self-signature with an unknown subpacket that is not critical': () => ({
    packets: [
      by.key,
      by.userId(alice),
      by.certification(alice, { hashed: [handmade.flags.sign, handmade.subpacket(99, Buffer.from('x'))] }),
    ],
    verdict: 'good',
  }),
  'a signature with an unknown critical subpacket': () => ({
    packets: [whole],
    wishes: { hashed: [handmade.subpacket(99, Buffer.from('x'), true)] },
    verdict: 'unsupported',
    reason: /critical subpacket of type 99/,
  }),
  'a signature with an unknown subpacket that is not critical': () => ({
    packets: [whole],
    wishes: { hashed: [handmade.subpacket(99, Buffer.from('x'))] },
    verdict: 'good',
  }),
  'a signature with an unknown unhashed subpacket': () => ({
    packets: [whole],
    wishes: { unhashed: [handmade.subpacket(99, Buffer.from('x'))] },
    verdict: 'unsupported',
    reason: /unsigned parts/,
    gpgDiffers: 'it does not look at it',
  }),
  'a signature whose time is not hashed': () => ({
    packets: [whole],
    wishes: { at: undefined, unhashed: [handmade.subpacket(2, handmade.uint32(noon))] },
    verdict: 'bad',
    reason: /does not say when/,
  }),
  'a signature with two times': () => ({
    packets: [whole],
    wishes: { hashed: [handmade.subpacket(2, handmade.uint32(noon - day))] },
    verdict: 'bad',
    reason: /two subpackets of type 2/,
    gpgDiffers: 'it takes one of them',
  }),
  'a signature that names its issuer only where it is not hashed': () => ({
    packets: [whole],
    wishes: {
      issuer: 'none',
      unhashed: [handmade.issuerKeyId(primary)],
    },
    verdict: 'good',
  }),
  'a signature that names no issuer': () => ({
    packets: [whole],
    wishes: { issuer: 'none' },
    verdict: 'untrusted',
  }),
  'a signature that names two issuers': () => ({
    packets: [whole],
    wishes: { unhashed: [handmade.issuerKeyId(stranger)] },
    verdict: 'untrusted',
    gpgDiffers: 'it takes the first',
  }),
  'a signature by another key than it names': () => ({
    packets: [whole],
    signer: { ...stranger, fingerprint: primary.fingerprint },
    verdict: 'bad',
  }),
  'a signature a little in the future': () => ({ packets: [whole], at: noon - 600, verdict: 'good' }),
  'a signature far in the future': () => ({
    packets: [whole],
    at: noon - day,
    verdict: 'expired',
    reason: /the signature is of 2024-07-01T12:00:00Z, and this is 2024-06-30/,
    gpgDiffers: 'it does not mind',
  }),
  'a signature in its last second': () => ({
    packets: [whole],
    wishes: { hashed: [handmade.subpacket(3, handmade.uint32(60))] },
    at: noon + 59,
    verdict: 'good',
  }),
  'a signature in the second after': () => ({
    packets: [whole],
    wishes: { hashed: [handmade.subpacket(3, handmade.uint32(60))] },
    at: noon + 60,
    verdict: 'expired',
  }),
  'a key in its last second': () => ({
    packets: [
      by.key,
      by.userId(alice),
      by.certification(alice, { hashed: [handmade.flags.sign, handmade.keyExpires(noon - newYear + 1)] }),
    ],
    verdict: 'good',
  }),
  'a key in the second after': () => ({
    packets: [
      by.key,
      by.userId(alice),
      by.certification(alice, { hashed: [handmade.flags.sign, handmade.keyExpires(noon - newYear)] }),
    ],
    verdict: 'expired',
    gpgDiffers: 'its keys live a second longer',
  }),
  'a key whose self-signature has expired': () => ({
    packets: [
      by.key,
      by.userId(alice),
      by.certification(alice, { hashed: [handmade.flags.sign, handmade.subpacket(3, handmade.uint32(day))] }),
    ],
    verdict: 'untrusted',
    gpgDiffers: 'it takes a user id that has expired',
  }),
  'a newer self-signature that ends the key': () => ({
    packets: [
      ...start,
      by.certification(alice, {
        at: newYear + day,
        hashed: [handmade.flags.sign, handmade.keyExpires(2 * day)],
      }),
    ],
    verdict: 'expired',
  }),
  'a newer self-signature that takes the right to sign': () => ({
    packets: [...start, by.certification(alice, { at: newYear + day, hashed: [handmade.flags.certify] })],
    verdict: 'untrusted',
  }),
  'a self-signature that comes only later': () => ({
    packets: [
      ...start,
      by.certification(alice, {
        at: noon + day,
        hashed: [handmade.flags.sign, handmade.keyExpires(2 * day)],
      }),
    ],
    verdict: 'good',
    gpgDiffers: 'it takes the newest, whatever the time',
  }),
  'an end in a direct key signature and none in the user id’s': () => ({
    packets: [
      by.key,
      by.directKey({ hashed: [handmade.flags.sign, handmade.keyExpires(2 * day)] }),
      by.userId(alice),
      by.certification(alice, { at: newYear + day }),
    ],
    verdict: 'expired',
  }),
  'a direct key signature without an end, and one in the user id’s': () => ({
    packets: [
      by.key,
      by.directKey({ at: newYear + day }),
      by.userId(alice),
      by.certification(alice, { hashed: [handmade.flags.sign, handmade.keyExpires(2 * day)] }),
    ],
    verdict: 'expired',
  }),
  'a direct key signature and no user id': () => ({
    packets: [by.key, by.directKey()],
    verdict: 'good',
    userIds: [],
    gpgDiffers: 'it imports no key without a user id',
  }),
  'a subkey with its back signature': () => ({
    packets: [...start, by.subkey(subkey), by.binding(subkey)],
    signer: subkey,
    verdict: 'good',
    userIds: [alice],
  }),
  'a subkey with its back signature in the hashed area': () => ({
    packets: [
      ...start,
      by.subkey(subkey),
      by.binding(subkey, { hashed: [handmade.flags.sign, handmade.subpacket(32, by.back(subkey))] }, 'none'),
    ],
    signer: subkey,
    verdict: 'good',
  }),
  'a subkey without a back signature': () => ({
    packets: [...start, by.subkey(subkey), by.binding(subkey, {}, 'none')],
    signer: subkey,
    verdict: 'untrusted',
    reason: /has not signed that it belongs/,
  }),
  'a subkey of another key, bound without its leave': () => ({
    packets: [...start, by.subkey(subkey), by.binding(subkey, {}, byStranger.back(subkey))],
    signer: subkey,
    verdict: 'untrusted',
  }),
  'a back signature by the primary key': () => ({
    packets: [
      ...start,
      by.subkey(subkey),
      by.binding(subkey, {}, new handmade.Certifier(primary).back({ ...subkey, sign: primary.sign })),
    ],
    signer: subkey,
    verdict: 'untrusted',
  }),
  'a back signature that is a plain signature': () => ({
    packets: [
      ...start,
      by.subkey(subkey),
      by.binding(
        subkey,
        {},
        handmade.signature(
          subkey,
          0x18,
          Buffer.concat([handmade.hashedKey(primary), handmade.hashedKey(subkey)]),
        ),
      ),
    ],
    signer: subkey,
    verdict: 'untrusted',
  }),
  'a back signature with SHA-1': () => ({
    packets: [...start, by.subkey(subkey), by.binding(subkey, {}, by.back(subkey, { hash: 'sha1' }))],
    signer: subkey,
    verdict: 'untrusted',
    gpgDiffers: 'it takes SHA-1 of the key itself',
  }),
  'a subkey without a binding': () => ({
    packets: [...start, by.subkey(subkey)],
    signer: subkey,
    verdict: 'untrusted',
    reason: /nothing valid binds/,
  }),
  'a subkey bound by another': () => ({
    packets: [...start, by.subkey(subkey), byStranger.binding(subkey)],
    signer: subkey,
    verdict: 'untrusted',
  }),
  'a subkey for encryption': () => ({
    packets: [...start, by.subkey(subkey), by.binding(subkey, { hashed: [handmade.flags.encrypt] })],
    signer: subkey,
    verdict: 'untrusted',
    reason: /the subkey may not sign/,
  }),
  'a subkey whose binding states no flags': () => ({
    packets: [...start, by.subkey(subkey), by.binding(subkey, { hashed: [] })],
    signer: subkey,
    verdict: 'untrusted',
    gpgDiffers: 'it lets every key sign that can',
  }),
  'a newer binding without the right to sign': () => ({
    packets: [
      ...start,
      by.subkey(subkey),
      by.binding(subkey),
      by.binding(subkey, { at: newYear + day, hashed: [handmade.flags.encrypt] }),
    ],
    signer: subkey,
    verdict: 'untrusted',
  }),
  'a subkey bound anew after it had expired': () => ({
    packets: [
      ...start,
      by.subkey(subkey),
      by.binding(subkey, { hashed: [handmade.flags.sign, handmade.keyExpires(day)] }),
      by.binding(subkey, { at: newYear + 2 * day }),
    ],
    signer: subkey,
    verdict: 'good',
  }),
  'a subkey bound again after it was revoked': () => ({
    packets: [
      ...start,
      by.subkey(subkey),
      by.binding(subkey),
      by.subkeyRevocation(subkey, { at: newYear + day }),
      by.binding(subkey, { at: newYear + 2 * day }),
    ],
    signer: subkey,
    verdict: 'revoked',
  }),
  'a subkey retired later': () => ({
    packets: [
      ...start,
      by.subkey(subkey),
      by.binding(subkey),
      by.subkeyRevocation(subkey, { at: noon + day, hashed: [handmade.reason(3)] }),
    ],
    signer: subkey,
    verdict: 'good',
    gpgDiffers: 'a revocation counts whatever the time',
  }),
  'a subkey of a revoked key': () => ({
    packets: [
      by.key,
      by.revocation(),
      by.userId(alice),
      by.certification(alice),
      by.subkey(subkey),
      by.binding(subkey),
    ],
    signer: subkey,
    verdict: 'revoked',
  }),
  'a key revoked with SHA-1': () => ({
    packets: [by.key, by.revocation({ hash: 'sha1' }), by.userId(alice), by.certification(alice)],
    verdict: 'revoked',
  }),
  'a key revoked with a reason that is not known': () => ({
    packets: [
      by.key,
      by.revocation({ at: noon + day, hashed: [handmade.reason(77)] }),
      by.userId(alice),
      by.certification(alice),
    ],
    verdict: 'revoked',
  }),
  'a key revoked at the end of its packets': () => ({
    packets: [...start, by.subkey(subkey), by.binding(subkey), by.revocation()],
    verdict: 'revoked',
  }),
  'a key revoked in another block of it': () => ({
    packets: [whole, by.key, by.revocation(), by.userId(alice)],
    verdict: 'revoked',
  }),
  'a revocation by a stranger': () => ({
    packets: [by.key, by.revocation({}, stranger), by.userId(alice), by.certification(alice)],
    verdict: 'good',
  }),
  'a revocation that pretends to be by the key': () => ({
    packets: [
      by.key,
      by.revocation({ issuer: handmade.issuerFingerprint(primary) }, stranger),
      by.userId(alice),
      by.certification(alice),
    ],
    verdict: 'good',
  }),
  'a revocation by the revoker that the key names': () => ({
    packets: [
      by.key,
      by.directKey({
        hashed: [
          handmade.subpacket(
            12,
            Buffer.concat([Buffer.from([0x80, 22]), Buffer.from(stranger.fingerprint, 'hex')]),
          ),
        ],
      }),
      by.revocation({}, stranger),
      by.userId(alice),
      by.certification(alice),
      handmade.certificate(stranger, bob),
    ],
    verdict: 'revoked',
    reason: /by its revoker/,
  }),
  'a revocation by a revoker whose key is not there': () => ({
    packets: [
      by.key,
      by.directKey({
        hashed: [
          handmade.subpacket(
            12,
            Buffer.concat([Buffer.from([0x80, 22]), Buffer.from(stranger.fingerprint, 'hex')]),
          ),
        ],
      }),
      by.revocation({}, stranger),
      by.userId(alice),
      by.certification(alice),
    ],
    verdict: 'revoked',
    reason: /may be revoked/,
    gpgDiffers: 'it takes no notice',
  }),
  'a user id revoked and certified again': () => ({
    packets: [
      ...start,
      by.userIdRevocation(alice, { at: newYear + day }),
      by.certification(alice, { at: newYear + 2 * day }),
    ],
    email: 'alice@example.com',
    verdict: 'good',
  }),
  'only a revoked user id': () => ({
    packets: [...start, by.userIdRevocation(alice, { at: newYear + day })],
    verdict: 'untrusted',
    gpgDiffers: 'it asks for no user id',
  }),
  'a user id that hides an address': () => ({
    packets: [
      by.key,
      by.userId('<bob@example.com> <alice@example.com>'),
      by.certification('<bob@example.com> <alice@example.com>'),
    ],
    email: 'alice@example.com',
    verdict: 'untrusted',
    gpgDiffers: 'Git asks for no address',
  }),
  'a user id that is an address alone': () => ({
    packets: [by.key, by.userId('alice@example.com'), by.certification('alice@example.com')],
    email: 'ALICE@example.com',
    verdict: 'good',
  }),
  'an RSA key of the algorithm for signatures only': () => ({
    packets: [handmade.certificate(rsa)],
    signer: rsa,
    verdict: 'good',
  }),
  'a packet that may be left out': () => ({
    packets: [...start.slice(0, 2), handmade.packet(12, Buffer.from('x')), start[2] as Buffer],
    verdict: 'good',
  }),
};

describe('what a key says about itself', () => {
  const workshop = whyNoOracle === undefined ? new Workshop() : undefined;
  const repository = workshop?.repository() ?? '';
  afterAll(() => workshop?.close());

  it.each(Object.keys(cases))('decides on %s', (name) => {
    const one = (cases[name] as () => Case)();
    const { packets, signer = primary, wishes, at = noon + day - 1, email } = one;
    const keyring = handmade.publicKeys(...packets);
    const object = withSignature(commitPayload(), handmade.signMessage(signer, commitPayload(), wishes));
    const time = one.at ?? (name.includes('second') ? noon : at);
    const ours = verifyCommit({ object, keyring, at: time, email });
    expect(ours.verdict, ours.reason).toBe(one.verdict);
    if (one.reason !== undefined) expect(ours.reason).toMatch(one.reason);
    if (one.userIds !== undefined) expect(ours.userIds).toEqual(one.userIds);
    if (workshop === undefined) return;
    const git = workshop.askGit(repository, workshop.store(repository, 'commit', object), {
      keyring,
      at: time,
    });
    expect(git.isGood, `${ours.reason}\n${git.output}`).toBe(
      (one.verdict === 'good') === (one.gpgDiffers === undefined),
    );
  });
});
