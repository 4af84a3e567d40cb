import { KeyringError } from './error.ts';
import type { KeyPacket } from './key-packet.ts';
import { names, type SignaturePacket, signatureTypes } from './signature-packet.ts';

/**
 * A primary key with what stands behind it: the signatures it seems to have made about itself, sorted by what they are
 * about and not verified. Certifications by others say nothing here: who is in the keyring is trusted.
 */
export interface Certificate {
  readonly primary: KeyPacket;
  readonly directKeySignatures: SignaturePacket[];
  /** Also by others, whom the key may have named as its revokers. */
  readonly revocations: SignaturePacket[];
  /** By their bytes. */
  readonly userIds: Map<string, UserId>;
  /** By their fingerprints. */
  readonly subkeys: Map<string, Subkey>;
}

export interface UserId {
  readonly bytes: Buffer;
  readonly certifications: SignaturePacket[];
  readonly revocations: SignaturePacket[];
}

export interface Subkey {
  readonly key: KeyPacket;
  readonly bindings: SignaturePacket[];
  readonly revocations: SignaturePacket[];
}

/** What the signatures that follow are about. */
export type Place = UserId | Subkey | undefined;

/** Keys that were renewed each month for decades have some hundred. */
const maxSignatures = 1000;
const maxUserIds = 1000;
const maxSubkeys = 1000;
/** As gpg. */
const maxUserIdBytes = 2048;

export function newCertificate(primary: KeyPacket): Certificate {
  return { primary, directKeySignatures: [], revocations: [], userIds: new Map(), subkeys: new Map() };
}

/** The user id with these bytes, added if it is new: blocks of one key are read as one. */
export function userIdOf({ userIds }: Certificate, bytes: Buffer, where: string): UserId {
  if (bytes.length > maxUserIdBytes) throw tooLarge(where, 'the user id is too long');
  const known = userIds.get(bytes.toString('latin1'));
  if (known !== undefined) return known;
  if (userIds.size === maxUserIds) throw tooLarge(where, 'the key has too many user ids');
  const userId = { bytes, certifications: [], revocations: [] };
  userIds.set(bytes.toString('latin1'), userId);
  return userId;
}

/** The subkey, added if it is new. */
export function subkeyOf({ subkeys }: Certificate, key: KeyPacket, where: string): Subkey {
  const known = subkeys.get(key.fingerprint);
  if (known !== undefined) return known;
  if (subkeys.size === maxSubkeys) throw tooLarge(where, 'the key has too many subkeys');
  const subkey = { key, bindings: [], revocations: [] };
  subkeys.set(key.fingerprint, subkey);
  return subkey;
}

/** Puts a signature where it belongs, or nowhere: another's certification, or one that has no meaning in its place. */
export function place(certificate: Certificate, at: Place, signature: SignaturePacket, where: string): void {
  const list = listFor(certificate, at, signature);
  if (list === undefined) return;
  if (list.length === maxSignatures) throw tooLarge(where, 'the key has too many signatures');
  list.push(signature);
}

function listFor(
  certificate: Certificate,
  at: Place,
  signature: SignaturePacket,
): SignaturePacket[] | undefined {
  const { type } = signature;
  // A revocation of the key counts wherever it stands, and whoever seems to have made it.
  if (type === signatureTypes.keyRevocation) return certificate.revocations;
  if (!names(signature.issuers, certificate.primary)) return undefined;
  if (type === signatureTypes.directKey) return certificate.directKeySignatures;
  if (at === undefined) return undefined;
  if ('key' in at) {
    if (type === signatureTypes.subkeyBinding) return at.bindings;
    return type === signatureTypes.subkeyRevocation ? at.revocations : undefined;
  }
  if (signatureTypes.certifications.includes(type)) return at.certifications;
  return type === signatureTypes.certificationRevocation ? at.revocations : undefined;
}

function tooLarge(where: string, problem: string): KeyringError {
  return new KeyringError('KeyringTooLarge', where, problem);
}
