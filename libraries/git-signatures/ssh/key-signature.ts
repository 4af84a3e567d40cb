import { createHash, createPublicKey, verify } from 'node:crypto';
import { bad, quoted, unsupported } from '../refusal.ts';
import type { KeyMaterial } from './key-material.ts';
import type { PublicKey } from './public-key.ts';
import { WireReader } from './wire.ts';

/** What a FIDO authenticator asserts with a signature (PROTOCOL.u2f). Both are false for other keys. */
export interface Assertion {
  /** Somebody touched the authenticator. */
  readonly userPresent: boolean;
  /** It knows who: by PIN or fingerprint. */
  readonly userVerified: boolean;
}

const minModulusBits = 2048;
const rsaHashes: Record<string, string> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };

/**
 * Verifies one SSH signature (RFC 4253 section 6.6, RFC 5656, RFC 8332, RFC 8709, PROTOCOL.u2f) over `data` and says
 * what it asserts; ends in a `Refusal` if it does not verify. RSA with SHA-1 and RSA below 2048 bits are unsupported.
 */
export function checkKeySignature(key: PublicKey, signature: Buffer, data: Buffer): Assertion {
  const reader = new WireReader(signature, 'the signature');
  const algorithm = reader.text();
  const hash = hashOf(key, algorithm);
  const content = reader.string();
  if (key.application === undefined) {
    reader.end();
    checkMaterial(key.material, hash, content, data);
    return { userPresent: false, userVerified: false };
  }
  const flagsAndCounter = reader.bytes(5);
  reader.end();
  checkMaterial(key.material, hash, content, assertedData(key.application, flagsAndCounter, data));
  const flags = flagsAndCounter.readUInt8();
  return { userPresent: (flags & 1) !== 0, userVerified: (flags & 4) !== 0 };
}

/** The hash that the algorithm's name stands for; Ed25519 has its own inside. */
function hashOf(key: PublicKey, algorithm: string): string | null {
  if (key.material.kind === 'rsa') {
    const hash = rsaHashes[algorithm];
    if (hash !== undefined) return hash;
    throw algorithm === 'ssh-rsa'
      ? unsupported('RSA signatures with SHA-1 (ssh-rsa) are not accepted')
      : unsupported(`RSA signatures of type ${quoted(algorithm)} are not supported`);
  }
  if (algorithm.startsWith('webauthn-')) throw unsupported('WebAuthn signatures are not supported');
  if (algorithm !== key.type) throw bad(`a key of type ${key.type} does not sign as ${quoted(algorithm)}`);
  return key.material.kind === 'ecdsa' ? key.material.curve.hash : null;
}

/** PROTOCOL.u2f: SHA256(application) || flags || counter || SHA256(message). */
function assertedData(application: Buffer, flagsAndCounter: Buffer, data: Buffer): Buffer {
  return Buffer.concat([sha256(application), flagsAndCounter, sha256(data)]);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function checkMaterial(material: KeyMaterial, hash: string | null, content: Buffer, data: Buffer): void {
  const signature = rawSignature(material, content);
  if (!isSignatureOf(material, hash, signature, data))
    throw bad('the signature does not match what it signs');
}

/** The signature as Node's crypto takes it. */
function rawSignature(material: KeyMaterial, content: Buffer): Buffer {
  switch (material.kind) {
    case 'ed25519':
      if (content.length !== 64) throw bad('an Ed25519 signature must have 64 bytes');
      return content;
    case 'rsa':
      // RFC 8332: some signers leave out leading zeros.
      if (content.length > material.modulus.length) throw bad('the signature is longer than the RSA modulus');
      return leftPadded(content, material.modulus.length);
    case 'ecdsa': {
      const reader = new WireReader(content, 'the ECDSA signature');
      const r = reader.mpint();
      const s = reader.mpint();
      reader.end();
      const { size } = material.curve;
      if (r.length > size || s.length > size) throw bad('the ECDSA signature has a number that is too large');
      return Buffer.concat([leftPadded(r, size), leftPadded(s, size)]);
    }
  }
}

function leftPadded(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
}

function isSignatureOf(material: KeyMaterial, hash: string | null, signature: Buffer, data: Buffer): boolean {
  const jwk = jwkOf(material);
  try {
    const key = createPublicKey({ format: 'jwk', key: jwk });
    return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    // OpenSSL takes no such key: a point that is not on its curve, an even modulus.
    throw bad('the public key is not a valid key of its type');
  }
}

function jwkOf(material: KeyMaterial): Record<string, string> {
  switch (material.kind) {
    case 'ed25519':
      return { kty: 'OKP', crv: 'Ed25519', x: material.point.toString('base64url') };
    case 'ecdsa':
      return {
        kty: 'EC',
        crv: material.curve.jwk,
        x: material.x.toString('base64url'),
        y: material.y.toString('base64url'),
      };
    case 'rsa': {
      const bits = material.modulus.length * 8 - Math.clz32(material.modulus[0] as number) + 24;
      if (bits < minModulusBits) {
        throw unsupported(`RSA keys below ${minModulusBits} bits are not accepted (this one has ${bits})`);
      }
      return {
        kty: 'RSA',
        n: material.modulus.toString('base64url'),
        e: material.exponent.toString('base64url'),
      };
    }
  }
}
