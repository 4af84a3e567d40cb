import { bad, type Refusal, unsupported } from '../refusal.ts';
import { keyIdOf } from './key-packet.ts';
import { PacketReader } from './packet-reader.ts';
import { readSubpackets, refusesReaders, type Subpacket, subpacketTypes } from './subpacket.ts';

/** Signature types (RFC 9580, section 5.2.1) that have a meaning here. */
export const signatureTypes = {
  binary: 0x00,
  text: 0x01,
  certifications: [0x10, 0x11, 0x12, 0x13] as readonly number[],
  subkeyBinding: 0x18,
  primaryKeyBinding: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

/** A signature of version 4 or 6, read and not yet verified. Only what is `hashed` is the signer's word. */
export interface SignaturePacket {
  readonly version: 4 | 6;
  readonly type: number;
  readonly keyAlgorithm: number;
  readonly hashAlgorithm: number;
  readonly hashed: readonly Subpacket[];
  readonly unhashed: readonly Subpacket[];
  /** Seconds since 1970; 0 if the signature does not say, which `objection` then tells. */
  readonly createdAt: number;
  /** Seconds since 1970 from which on it does not count; Infinity if it does not end. */
  readonly expiresAt: number;
  /** How long the key lives from its own creation on, in seconds; 0 if the signature does not say. */
  readonly keyLifetime: number;
  /** Whom it names, in either area: fingerprints (40 or 64 digits) and key ids (16), in upper-case hexadecimal. */
  readonly issuers: readonly string[];
  /** Why nobody may gain trust by this signature, whether it verifies or not. */
  readonly objection?: Refusal;
  /** The packet's bytes that are hashed after what is signed. */
  readonly ownHashed: Buffer;
  readonly salt: Buffer;
  /** The first two bytes of the digest. */
  readonly digestStart: Buffer;
  /** The part that depends on the algorithm. */
  readonly content: Buffer;
}

/**
 * Reads the body of a signature packet (RFC 9580, section 5.2.3). Ends in a `Refusal`: `unsupported` for other
 * versions, `bad` for what is malformed.
 */
export function readSignaturePacket(body: Buffer): SignaturePacket {
  const reader = new PacketReader(body, 'the signature');
  const version = reader.byte();
  if (version !== 4 && version !== 6) throw unsupported(`signatures of version ${version} are not supported`);
  const type = reader.byte();
  const keyAlgorithm = reader.byte();
  const hashAlgorithm = reader.byte();
  const count = () => (version === 4 ? reader.uint16() : reader.uint32());
  const hashed = readSubpackets(reader.bytes(count()));
  const ownHashed = body.subarray(0, reader.offset);
  const unhashed = readSubpackets(reader.bytes(count()));
  const digestStart = reader.bytes(2);
  const salt = version === 6 ? reader.bytes(reader.byte()) : Buffer.alloc(0);
  const createdAt = timeIn(hashed, subpacketTypes.creationTime);
  const lifetime = timeIn(hashed, subpacketTypes.signatureExpiration) ?? 0;
  return {
    version,
    type,
    keyAlgorithm,
    hashAlgorithm,
    hashed,
    unhashed,
    createdAt: createdAt ?? 0,
    expiresAt: lifetime === 0 ? Number.POSITIVE_INFINITY : (createdAt ?? 0) + lifetime,
    keyLifetime: timeIn(hashed, subpacketTypes.keyExpiration) ?? 0,
    issuers: [...hashed, ...unhashed].flatMap((subpacket) => issuerOf(subpacket) ?? []),
    objection: objectionTo(hashed, createdAt),
    ownHashed,
    salt,
    digestStart,
    content: reader.rest(),
  };
}

/** The value of a subpacket that holds four bytes of seconds; undefined if there is none. */
function timeIn(area: readonly Subpacket[], type: number): number | undefined {
  const found = area.find((subpacket) => subpacket.type === type);
  if (found === undefined) return undefined;
  if (found.body.length !== 4) throw bad('the signature has a time that is not four bytes');
  return found.body.readUInt32BE();
}

/** Whether a signature that names these issuers may be one of the key. All must agree; none is no answer. */
export function names(issuers: readonly string[], key: { fingerprint: string; keyId: string }): boolean {
  return issuers.length > 0 && issuers.every((issuer) => issuer === key.fingerprint || issuer === key.keyId);
}

function issuerOf({ type, body }: Subpacket): string | undefined {
  if (type === subpacketTypes.issuerKeyId) {
    if (body.length !== 8) throw bad('the signature has a key id that is not eight bytes');
    return body.toString('hex').toUpperCase();
  }
  if (type !== subpacketTypes.issuerFingerprint) return undefined;
  const isWhole = (body[0] === 4 && body.length === 21) || (body[0] === 6 && body.length === 33);
  if (!isWhole) throw bad('the signature has a fingerprint that is neither of version 4 nor 6');
  return body.toString('hex', 1).toUpperCase();
}

/** Types of which a second one would leave open which counts. */
const single: readonly number[] = [
  subpacketTypes.creationTime,
  subpacketTypes.signatureExpiration,
  subpacketTypes.keyExpiration,
  subpacketTypes.keyFlags,
  subpacketTypes.revocationReason,
];

function objectionTo(hashed: readonly Subpacket[], createdAt: number | undefined): Refusal | undefined {
  if (createdAt === undefined) return bad('the signature does not say when it was made');
  const twice = single.find((type) => hashed.filter((subpacket) => subpacket.type === type).length > 1);
  if (twice !== undefined) return bad(`the signature has two subpackets of type ${twice}`);
  const unknown = hashed.find(refusesReaders);
  if (unknown === undefined) return undefined;
  return unknown.type === subpacketTypes.notation
    ? unsupported('the signature has a critical notation, and none is known')
    : unsupported(`the signature has a critical subpacket of type ${unknown.type}, which is not known`);
}

/** The first issuer that tells most: a fingerprint before a key id. */
export function mostTelling(issuers: readonly string[]): { fingerprint?: string; keyId?: string } {
  const fingerprint = issuers.find((issuer) => issuer.length > 16);
  const keyId = fingerprint === undefined ? issuers[0] : keyIdOf(fingerprint);
  return { ...(fingerprint === undefined ? {} : { fingerprint }), ...(keyId === undefined ? {} : { keyId }) };
}
