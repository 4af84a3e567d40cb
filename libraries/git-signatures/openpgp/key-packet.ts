import { createHash } from 'node:crypto';
import { bad, Refusal, unsupported } from '../refusal.ts';
import { type KeyMaterial, readKeyMaterial } from './key-material.ts';
import { PacketReader } from './packet-reader.ts';

/** A primary key or a subkey, as its packet says. */
export interface KeyPacket {
  readonly version: 4 | 6;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** The number of its algorithm (RFC 9580, section 9.1). */
  readonly algorithm: number;
  /** In upper-case hexadecimal, as gpg prints it: 40 digits for version 4, 64 for version 6. */
  readonly fingerprint: string;
  /** 16 digits of the fingerprint: the last of version 4, the first of version 6. */
  readonly keyId: string;
  /** What is hashed where a signature is made about the key: a prefix and the packet's body. */
  readonly hashed: Buffer;
  /** Or why no signature can be verified with it: an algorithm that is not accepted, or only encrypts. */
  readonly material: KeyMaterial | Refusal;
}

/** The largest RSA key is a tenth of it; fingerprints of version 4 count the length in two bytes. */
const maxKeyBytes = 20 * 1024;

/** The version of a key that is neither of version 4 nor 6. */
export class UnknownKeyVersion extends Error {}

/**
 * Reads the body of a public key or subkey packet (RFC 9580, section 5.5.2). Ends in a `Refusal` if it is malformed,
 * in an `UnknownKeyVersion` for other versions.
 */
export function readKeyPacket(body: Buffer): KeyPacket {
  if (body.length > maxKeyBytes) throw bad('the key is too large');
  const reader = new PacketReader(body, 'the key');
  const version = reader.byte();
  if (version !== 4 && version !== 6)
    throw new UnknownKeyVersion(`keys of version ${version} are not supported`);
  const createdAt = reader.uint32();
  const algorithm = reader.byte();
  if (version === 6 && reader.uint32() !== body.length - reader.offset) {
    throw bad('the key miscounts its own bytes');
  }
  const material = materialOf(algorithm, reader.rest(), version);
  const hashed = Buffer.concat([keyPrefix(version, body.length), body]);
  const digest = createHash(version === 4 ? 'sha1' : 'sha256')
    .update(hashed)
    .digest('hex')
    .toUpperCase();
  const keyId = keyIdOf(digest);
  return { version, createdAt, algorithm, fingerprint: digest, keyId, hashed, material };
}

/** The key id that belongs to a fingerprint of version 4 (40 digits) or 6 (64 digits). */
export function keyIdOf(fingerprint: string): string {
  return fingerprint.length === 40 ? fingerprint.slice(24) : fingerprint.slice(0, 16);
}

function materialOf(algorithm: number, bytes: Buffer, version: number): KeyMaterial | Refusal {
  try {
    return readKeyMaterial(algorithm, bytes, version);
  } catch (error) {
    if (error instanceof Refusal && error.verdict === 'unsupported') return error;
    throw error;
  }
}

/** RFC 9580, section 5.2.4: what stands before a key in all that is hashed. */
function keyPrefix(version: 4 | 6, length: number): Buffer {
  const prefix = Buffer.alloc(version === 4 ? 3 : 5);
  prefix[0] = version === 4 ? 0x99 : 0x9b;
  prefix.writeUIntBE(length, 1, prefix.length - 1);
  return prefix;
}

/** The key's material, if signatures can be verified with it; else a `Refusal`. */
export function materialFor({ material }: KeyPacket): KeyMaterial {
  if (material instanceof Refusal) throw unsupported(material.message);
  return material;
}
