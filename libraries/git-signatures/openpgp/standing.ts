import type { Certificate } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { type Holder, type Keyring, primaryKey } from './keyring.ts';
import {
  backSignature,
  type CheckedUserId,
  isRevocationBy,
  type SelfSignatures,
  selfSignaturesOf,
  subkeySignaturesOf,
} from './self-signatures.ts';
import { names, type SignaturePacket } from './signature-packet.ts';
import { subpacketTypes } from './subpacket.ts';
import { emailOf } from './user-id.ts';

/** Whether a key may sign at a time, and for whom. */
export interface Standing {
  readonly verdict: 'good' | 'untrusted' | 'expired' | 'revoked' | 'unsupported';
  readonly reason: string;
  /** User ids that count at that time. */
  readonly userIds: readonly Buffer[];
}

const maySign = 0x02;
/** RFC 9580, section 5.2.3.31: superseded, retired, no longer valid. Whatever was signed before stays right. */
const softReasons: readonly number[] = [1, 3, 32];

/** What the keyring says about the holder's right to sign at the time `at`, in seconds since 1970. */
export function standingOf(keyring: Keyring, holder: Holder, at: number): Standing {
  const { certificate, key } = holder;
  const { primary } = certificate;
  const self = selfSignaturesOf(certificate);
  const revocation = whyRevoked(keyring, certificate, self, at);
  if (revocation !== undefined) return refused('revoked', revocation);
  if (key !== primary) return standingOfSubkey(holder, self, at);
  const { verdict, reason, userIds, flags } = standingOfPrimary(primary, self, at);
  if (verdict === 'good' && flags !== undefined && (flags & maySign) === 0) {
    return refused('untrusted', 'the key may not sign, by its own key flags');
  }
  return { verdict, reason, userIds };
}

/** Those of the user ids that have this address. */
export function userIdsWith(userIds: readonly Buffer[], email: string): Buffer[] {
  return userIds.filter((bytes) => emailOf(bytes) === email.toLowerCase());
}

function standingOfPrimary(
  primary: KeyPacket,
  self: SelfSignatures,
  at: number,
): Standing & { flags?: number } {
  const direct = newestAt(self.directKey, at);
  const certified = self.userIds.flatMap((userId) => {
    const certification = validCertification(userId, at);
    return certification === undefined ? [] : [{ bytes: userId.bytes, certification }];
  });
  if (direct === undefined && certified.length === 0) {
    return self.refusal === undefined
      ? refused('untrusted', 'the key has no valid signature of its own')
      : refused('unsupported', `in the key: ${self.refusal.message}`);
  }
  // As gpg: the key's own signature speaks first, then the newest of the user ids'.
  const speakers = certified
    .map(({ certification }) => certification)
    .sort((a, b) => b.createdAt - a.createdAt);
  if (direct !== undefined) speakers.unshift(direct);
  const expiresAt = expiryOf(primary, speakers);
  if (expiresAt <= at) return refused('expired', `the key expired at ${isoTime(expiresAt)}`);
  const flags = speakers.map(flagsIn).find((found) => found !== undefined);
  return { verdict: 'good', reason: '', userIds: certified.map(({ bytes }) => bytes), flags };
}

function standingOfSubkey({ certificate, key }: Holder, self: SelfSignatures, at: number): Standing {
  const { primary, subkeys } = certificate;
  const subkey = subkeys.get(key.fingerprint);
  if (subkey === undefined) return refused('untrusted', 'the subkey is not one of this key');
  const { bindings, revocations, refusal } = subkeySignaturesOf(primary, subkey);
  const revocation = revocations.find((signature) => countsAt(signature, at));
  if (revocation !== undefined) return refused('revoked', `the subkey was revoked${sinceOf(revocation)}`);
  const standing = standingOfPrimary(primary, self, at);
  if (standing.verdict !== 'good') return standing;
  const binding = newestAt(bindings, at);
  if (binding === undefined) {
    return refusal === undefined
      ? refused('untrusted', 'nothing valid binds the subkey to its primary key')
      : refused('unsupported', `in the subkey's binding: ${refusal.message}`);
  }
  const expiresAt = expiryOf(key, [binding]);
  if (expiresAt <= at) return refused('expired', `the subkey expired at ${isoTime(expiresAt)}`);
  if (((flagsIn(binding) ?? 0) & maySign) === 0) {
    return refused('untrusted', 'the subkey may not sign, by its key flags');
  }
  const back = backSignature(primary, key, binding);
  if (back === undefined || newestAt([back], at) === undefined) {
    return refused('untrusted', 'the subkey has not signed that it belongs to its primary key');
  }
  return standing;
}

/** Key revocations by the key itself, or by a revoker whom it named. */
function whyRevoked(
  keyring: Keyring,
  { primary, revocations }: Certificate,
  self: SelfSignatures,
  at: number,
): string | undefined {
  const own = self.revocations.find((signature) => countsAt(signature, at));
  if (own !== undefined) return `the key was revoked${sinceOf(own)}`;
  const revokers = self.directKey.flatMap((signature) => revokersIn(signature));
  if (revokers.length === 0) return undefined;
  for (const revocation of revocations.filter((signature) => countsAt(signature, at))) {
    const revoker = revokers.find((one) => names(revocation.issuers, one));
    if (revoker === undefined) continue;
    const key = primaryKey(keyring, revoker.fingerprint);
    if (key === undefined) return 'the key may be revoked: its revoker is not in the keyring to tell';
    if (isRevocationBy(key, primary, revocation))
      return `the key was revoked by its revoker${sinceOf(revocation)}`;
  }
  return undefined;
}

/** RFC 9580, section 5.2.3.23, for keys of version 4; for version 6 it is gone. */
function revokersIn({ hashed }: SignaturePacket): { fingerprint: string; keyId: string }[] {
  return hashed
    .filter(({ type, body }) => type === subpacketTypes.revocationKey && body.length === 22)
    .map(({ body }) => body.toString('hex', 2).toUpperCase())
    .map((fingerprint) => ({ fingerprint, keyId: fingerprint.slice(24) }));
}

/** A revocation without a soft reason says that the key may have been another's all the time. */
function countsAt(revocation: SignaturePacket, at: number): boolean {
  const reason = revocation.hashed.find(({ type }) => type === subpacketTypes.revocationReason)?.body[0];
  const isSoft = revocation.objection === undefined && reason !== undefined && softReasons.includes(reason);
  return !isSoft || revocation.createdAt <= at;
}

/** The newest certification of a user id that counts, unless it has been revoked since. */
function validCertification(
  { certifications, revocations }: CheckedUserId,
  at: number,
): SignaturePacket | undefined {
  const newest = newestAt(certifications, at);
  if (newest === undefined) return undefined;
  const isRevoked = revocations.some(({ createdAt }) => createdAt >= newest.createdAt && createdAt <= at);
  return isRevoked ? undefined : newest;
}

/** The newest signature that was there at the time and had not expired. */
function newestAt(signatures: readonly SignaturePacket[], at: number): SignaturePacket | undefined {
  let newest: SignaturePacket | undefined;
  for (const signature of signatures) {
    if (signature.createdAt > at || signature.expiresAt <= at) continue;
    if (newest === undefined || signature.createdAt > newest.createdAt) newest = signature;
  }
  return newest;
}

/** When the key expires by the first of the signatures that says so, in seconds since 1970. */
function expiryOf({ createdAt }: KeyPacket, speakers: readonly SignaturePacket[]): number {
  const lifetime = speakers.find(({ keyLifetime }) => keyLifetime !== 0)?.keyLifetime;
  return lifetime === undefined ? Number.POSITIVE_INFINITY : createdAt + lifetime;
}

function flagsIn({ hashed }: SignaturePacket): number | undefined {
  const found = hashed.find(({ type }) => type === subpacketTypes.keyFlags);
  return found === undefined ? undefined : (found.body[0] ?? 0);
}

function sinceOf({ createdAt }: SignaturePacket): string {
  return createdAt === 0 ? '' : ` at ${isoTime(createdAt)}`;
}

/** A time in seconds since 1970, as people read it. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function refused(verdict: Exclude<Standing['verdict'], 'good'>, reason: string): Standing {
  return { verdict, reason, userIds: [] };
}
