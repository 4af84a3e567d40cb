import { bad } from '../refusal.ts';
import { PacketReader } from './packet-reader.ts';

/** Signature subpacket types (RFC 9580, section 5.2.3.7) that have a meaning here. */
export const subpacketTypes = {
  creationTime: 2,
  signatureExpiration: 3,
  keyExpiration: 9,
  revocationKey: 12,
  issuerKeyId: 16,
  notation: 20,
  keyFlags: 27,
  revocationReason: 29,
  embeddedSignature: 32,
  issuerFingerprint: 33,
} as const;

export interface Subpacket {
  readonly type: number;
  readonly isCritical: boolean;
  readonly body: Buffer;
}

/** A signature has a dozen; each costs memory of its own. */
const maxSubpackets = 1000;

/**
 * Types whose meaning does not matter to what is verified here, or is taken care of: they may be critical. The trust,
 * regular expression and target of another's signature, and recipients of mail, are none of them.
 */
const understood = new Set<number>([
  ...Object.values(subpacketTypes).filter((type) => type !== subpacketTypes.notation),
  4, // exportable certification
  7, // revocable
  11, // preferred ciphers
  21, // preferred hashes
  22, // preferred compression
  23, // key server preferences
  24, // preferred key server
  25, // primary user id
  26, // policy
  28, // signer's user id
  30, // features
  34, // preferred AEAD
  39, // preferred AEAD cipher suites
]);

/** Reads an area of subpackets (RFC 9580, section 5.2.3.7) to its end. */
export function readSubpackets(area: Buffer): Subpacket[] {
  const reader = new PacketReader(area, "the signature's area of subpackets");
  const found: Subpacket[] = [];
  while (!reader.isAtEnd) {
    const length = lengthOf(reader);
    if (length === 0) throw bad('the signature has a subpacket without a type');
    const first = reader.byte();
    if (found.length === maxSubpackets) throw bad('the signature has too many subpackets');
    found.push({ type: first & 0x7f, isCritical: (first & 0x80) !== 0, body: reader.bytes(length - 1) });
  }
  return found;
}

/** Whether the signer wants the signature to fail where the meaning of this subpacket is not known, and it is not. */
export function refusesReaders({ type, isCritical }: Subpacket): boolean {
  return isCritical && !understood.has(type);
}

function lengthOf(reader: PacketReader): number {
  const first = reader.byte();
  if (first < 192) return first;
  if (first < 255) return ((first - 192) << 8) + reader.byte() + 192;
  return reader.uint32();
}
