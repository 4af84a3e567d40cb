import { Refusal } from '../refusal.ts';
import type { Certificate, Subkey, UserId } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { checkKeySignature } from './key-signature.ts';
import { readSignaturePacket, type SignaturePacket, signatureTypes } from './signature-packet.ts';
import { subpacketTypes } from './subpacket.ts';

/** The signatures that a primary key really made about itself. */
export interface SelfSignatures {
  readonly directKey: readonly SignaturePacket[];
  readonly revocations: readonly SignaturePacket[];
  readonly userIds: readonly CheckedUserId[];
  /** Why a signature that would give trust was not taken, such as SHA-1; undefined if there is none such. */
  readonly refusal?: Refusal;
}

export interface CheckedUserId {
  readonly bytes: Buffer;
  readonly certifications: readonly SignaturePacket[];
  readonly revocations: readonly SignaturePacket[];
}

/** The signatures that a primary key really made about one of its subkeys. */
export interface SubkeySignatures {
  readonly bindings: readonly SignaturePacket[];
  readonly revocations: readonly SignaturePacket[];
  readonly refusal?: Refusal;
}

const selfSignatures = new WeakMap<Certificate, SelfSignatures>();
const subkeySignatures = new WeakMap<Subkey, SubkeySignatures>();

/** Verifies what stands behind a primary key, once for each certificate. */
export function selfSignaturesOf(certificate: Certificate): SelfSignatures {
  const known = selfSignatures.get(certificate);
  if (known !== undefined) return known;
  const { primary } = certificate;
  const refusals: Refusal[] = [];
  const checked: SelfSignatures = {
    directKey: rightOnes(primary, certificate.directKeySignatures, [primary.hashed], refusals),
    revocations: rightRevocations(primary, certificate.revocations, [primary.hashed]),
    userIds: [...certificate.userIds.values()].map((userId) => checkUserId(primary, userId, refusals)),
    refusal: refusals[0],
  };
  selfSignatures.set(certificate, checked);
  return checked;
}

/** Verifies what binds a subkey to the primary key, once for each subkey. */
export function subkeySignaturesOf(primary: KeyPacket, subkey: Subkey): SubkeySignatures {
  const known = subkeySignatures.get(subkey);
  if (known !== undefined) return known;
  const signed = [primary.hashed, subkey.key.hashed];
  const refusals: Refusal[] = [];
  const checked: SubkeySignatures = {
    bindings: rightOnes(primary, subkey.bindings, signed, refusals),
    revocations: rightRevocations(primary, subkey.revocations, signed),
    refusal: refusals[0],
  };
  subkeySignatures.set(subkey, checked);
  return checked;
}

/**
 * The signature in a subkey's binding by which the subkey says that it belongs to this primary key (RFC 9580, section
 * 5.2.1.8). Without it anybody could bind another's subkey to a key of his own. It verifies itself, so it may stand in
 * either area. Undefined if there is none, or none that verifies and is accepted.
 */
export function backSignature(
  primary: KeyPacket,
  subkey: KeyPacket,
  binding: SignaturePacket,
): SignaturePacket | undefined {
  const embedded = [...binding.hashed, ...binding.unhashed]
    .filter(({ type }) => type === subpacketTypes.embeddedSignature)
    .slice(0, maxBackSignatures);
  for (const { body } of embedded) {
    try {
      const signature = readSignaturePacket(body);
      if (signature.type !== signatureTypes.primaryKeyBinding || signature.objection !== undefined) continue;
      checkKeySignature(subkey, signature, [primary.hashed, subkey.hashed]);
      return signature;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return undefined;
}

/** Whether `revocation` is really by `revoker`, whom the key named for that. */
export function isRevocationBy(revoker: KeyPacket, primary: KeyPacket, revocation: SignaturePacket): boolean {
  return rightRevocations(revoker, [revocation], [primary.hashed]).length > 0;
}

const maxBackSignatures = 4;

function checkUserId(primary: KeyPacket, userId: UserId, refusals: Refusal[]): CheckedUserId {
  const { bytes } = userId;
  const prefix = Buffer.from([0xb4, 0, 0, 0, 0]);
  prefix.writeUInt32BE(bytes.length, 1);
  const signed = [primary.hashed, prefix, bytes];
  return {
    bytes,
    certifications: rightOnes(primary, userId.certifications, signed, refusals),
    revocations: rightRevocations(primary, userId.revocations, signed),
  };
}

function rightOnes(
  key: KeyPacket,
  signatures: readonly SignaturePacket[],
  signed: readonly Buffer[],
  refusals: Refusal[],
): SignaturePacket[] {
  return signatures.filter((signature) => {
    try {
      checkKeySignature(key, signature, signed);
      if (signature.objection !== undefined) throw signature.objection;
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.verdict === 'unsupported') refusals.push(error);
      return false;
    }
  });
}

/** Revocations count also with weak hashes and with what is critical and not known: they only take trust away. */
function rightRevocations(
  key: KeyPacket,
  signatures: readonly SignaturePacket[],
  signed: readonly Buffer[],
): SignaturePacket[] {
  return signatures.filter((signature) => {
    try {
      checkKeySignature(key, signature, signed, 'accepted');
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return false;
    }
  });
}
