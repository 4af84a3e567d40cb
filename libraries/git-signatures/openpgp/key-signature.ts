import { createVerify, verify } from 'node:crypto';
import { bad, unsupported } from '../refusal.ts';
import { type HashAlgorithm, hashAlgorithm, startHash } from './hash.ts';
import { type KeyMaterial, keyObject } from './key-material.ts';
import { type KeyPacket, materialFor } from './key-packet.ts';
import { leftPadded, PacketReader } from './packet-reader.ts';
import type { SignaturePacket } from './signature-packet.ts';

/** RSA twice, ECDSA, EdDSALegacy, Ed25519, Ed448. */
const signingAlgorithms: readonly number[] = [1, 3, 19, 22, 27, 28];

/**
 * Verifies that `key` made `signature` about the bytes in `signed` (RFC 9580, sections 5.2.3 and 5.2.4); ends in a
 * `Refusal` if it did not. What the signature says about itself (times, flags, issuer) is the caller's to judge.
 * `weakHashes` is for revocations alone: a forged one only takes trust away.
 */
export function checkKeySignature(
  key: KeyPacket,
  signature: SignaturePacket,
  signed: readonly Uint8Array[],
  weakHashes: 'refused' | 'accepted' = 'refused',
): void {
  if (signature.version !== key.version) throw bad('the versions of key and signature differ');
  const isSameAlgorithm =
    signature.keyAlgorithm === key.algorithm || (isRsa(signature.keyAlgorithm) && isRsa(key.algorithm));
  if (!isSameAlgorithm) throw bad('the signature is of another algorithm than the key');
  const material = materialFor(key);
  const hash = hashAlgorithm(signature.hashAlgorithm);
  if (weakHashes === 'refused') refuseWeak(hash);
  if (signature.version === 6 && signature.salt.length !== hash.saltSize) {
    throw bad('the salt does not have the length that belongs to the hash');
  }
  const parts = [signature.salt, ...signed, signature.ownHashed, trailer(signature)];
  const digest = digestOf(hash, parts);
  if (weakHashes === 'refused' && digest.length < minDigest(material)) {
    throw unsupported(`the hash ${hash.name} is too short for a key of ${material.algorithm}`);
  }
  // Comparing two bytes first spares the public-key operation where signatures come in masses.
  if (
    !digest.subarray(0, 2).equals(signature.digestStart) ||
    !isRight(material, hash, parts, digest, signature)
  ) {
    throw bad('the signature does not match what it signs');
  }
}

/** Refuses algorithms that are never accepted, whosever key it is. */
export function checkAlgorithms({ keyAlgorithm, hashAlgorithm: hashId }: SignaturePacket): void {
  if (keyAlgorithm === 17) throw unsupported('DSA is not accepted');
  if (!signingAlgorithms.includes(keyAlgorithm)) {
    throw unsupported(`the public-key algorithm ${keyAlgorithm} is not supported for signatures`);
  }
  refuseWeak(hashAlgorithm(hashId));
}

function refuseWeak(hash: HashAlgorithm): void {
  if (hash.isWeak) throw unsupported(`signatures with ${hash.name.toUpperCase()} are not accepted`);
}

/** RSA, and RSA for signatures only. */
function isRsa(algorithm: number): boolean {
  return algorithm === 1 || algorithm === 3;
}

/** RFC 9580, sections 5.2.3.2 to 5.2.3.5: a hash may not be shorter than the order of the curve. In bytes. */
function minDigest({ algorithm, form, size }: KeyMaterial): number {
  if (algorithm === 'ed448') return 64;
  return form === 'pair' ? Math.min(size, 64) : 32;
}

/** RFC 9580, section 5.2.4: version, 0xff, and how many bytes of the packet were hashed. */
function trailer({ version, ownHashed }: SignaturePacket): Buffer {
  const bytes = Buffer.from([version, 0xff, 0, 0, 0, 0]);
  bytes.writeUInt32BE(ownHashed.length, 2);
  return bytes;
}

function digestOf(algorithm: HashAlgorithm, parts: readonly Uint8Array[]): Buffer {
  const hash = startHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function isRight(
  material: KeyMaterial,
  hash: HashAlgorithm,
  parts: readonly Uint8Array[],
  digest: Buffer,
  signature: SignaturePacket,
): boolean {
  const content = rawSignature(material, signature.content);
  const key = keyObject(material);
  try {
    // EdDSA signs the digest as its message; the others sign the message that has it.
    if (material.algorithm.startsWith('ed')) return verify(null, digest, key, content);
    const verifier = createVerify(hash.name);
    for (const part of parts) verifier.update(part);
    return verifier.verify({ key, dsaEncoding: 'ieee-p1363' }, content);
  } catch {
    throw bad('the signature cannot be verified with this key');
  }
}

/** The signature as Node's crypto takes it. */
function rawSignature({ form, size }: KeyMaterial, content: Buffer): Buffer {
  const reader = new PacketReader(content, 'the signature');
  switch (form) {
    case 'raw': {
      const raw = reader.bytes(size);
      reader.end();
      return raw;
    }
    case 'rsa': {
      const number = reader.mpi();
      reader.end();
      if (number.length > size) throw bad('the signature is longer than the RSA modulus');
      return leftPadded(number, size);
    }
    case 'pair': {
      const r = reader.mpi();
      const s = reader.mpi();
      reader.end();
      if (r.length > size || s.length > size) throw bad('the signature has a number that is too large');
      return Buffer.concat([leftPadded(r, size), leftPadded(s, size)]);
    }
  }
}
