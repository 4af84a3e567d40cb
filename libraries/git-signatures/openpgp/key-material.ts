import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { bad, unsupported } from '../refusal.ts';
import { bitsOf, PacketReader } from './packet-reader.ts';

/** The names under which verified keys are reported. */
export type KeyAlgorithm = 'ed25519' | 'ed448' | 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'rsa';

/** A public key that signatures can be verified with. */
export interface KeyMaterial {
  readonly algorithm: KeyAlgorithm;
  /** `rsa`: one number; `pair`: two numbers r and s; `raw`: bytes as they are. */
  readonly form: 'rsa' | 'pair' | 'raw';
  /** Bytes of the RSA modulus; of each of r and s; of the raw signature. */
  readonly size: number;
  readonly jwk: JsonWebKey;
}

const minModulusBits = 2048;
/** Larger keys do not exist in practice; OpenSSL verifies none. */
const maxModulusBits = 16_384;
/** Exponents are 65537 and at times 3; a long one only costs time. In bytes. */
const maxExponent = 8;

const curves: Record<string, { algorithm: KeyAlgorithm; jwk: string; size: number }> = {
  '2a8648ce3d030107': { algorithm: 'ecdsa-p256', jwk: 'P-256', size: 32 },
  '2b81040022': { algorithm: 'ecdsa-p384', jwk: 'P-384', size: 48 },
  '2b81040023': { algorithm: 'ecdsa-p521', jwk: 'P-521', size: 66 },
};
const ed25519Legacy = '2b06010401da470f01';

/**
 * Reads the part of a key that depends on its algorithm (RFC 9580, sections 5.5.5 and 9.1), to its end; ends in a
 * `Refusal`: `unsupported` for algorithms that do not sign or are not taken, `bad` for what is malformed.
 */
export function readKeyMaterial(algorithm: number, bytes: Buffer, keyVersion: number): KeyMaterial {
  const reader = new PacketReader(bytes, 'the key');
  const material = readByAlgorithm(algorithm, reader, keyVersion);
  reader.end();
  return material;
}

/** The key as Node's crypto takes it, or a `Refusal` where OpenSSL takes no such key: a point off its curve, … */
export function keyObject(material: KeyMaterial): KeyObject {
  try {
    return createPublicKey({ format: 'jwk', key: material.jwk });
  } catch {
    throw bad('the public key is not a valid key of its algorithm');
  }
}

function readByAlgorithm(algorithm: number, reader: PacketReader, keyVersion: number): KeyMaterial {
  switch (algorithm) {
    case 1:
    case 3:
      return readRsa(reader);
    case 17:
      throw unsupported('DSA is not accepted');
    case 19:
      return readEcdsa(reader);
    case 22:
      if (keyVersion !== 4) throw bad('a key of version 6 may not be one of EdDSALegacy');
      return readEdDsaLegacy(reader);
    case 27:
      return edwards('ed25519', 'Ed25519', reader.bytes(32), 'raw', 64);
    case 28:
      return edwards('ed448', 'Ed448', reader.bytes(57), 'raw', 114);
    default:
      throw unsupported(`the public-key algorithm ${algorithm} is not supported for signatures`);
  }
}

function readRsa(reader: PacketReader): KeyMaterial {
  const modulus = reader.mpi();
  const exponent = reader.mpi();
  const bits = bitsOf(modulus);
  if (bits > maxModulusBits) throw bad('the RSA modulus is too large');
  if (exponent.length > maxExponent) throw bad('the RSA exponent is too large');
  if (bits < minModulusBits) {
    throw unsupported(`RSA keys below ${minModulusBits} bits are not accepted (this one has ${bits})`);
  }
  const jwk = { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
  return { algorithm: 'rsa', form: 'rsa', size: modulus.length, jwk };
}

function readEcdsa(reader: PacketReader): KeyMaterial {
  const curve = curves[readCurveId(reader)];
  if (curve === undefined) throw unsupported('the elliptic curve is not supported');
  const { algorithm, size } = curve;
  const point = reader.mpi();
  if (point.length !== 1 + 2 * size || point[0] !== 4) throw bad('the key is not an uncompressed point');
  const x = point.subarray(1, 1 + size).toString('base64url');
  const y = point.subarray(1 + size).toString('base64url');
  return { algorithm, form: 'pair', size, jwk: { kty: 'EC', crv: curve.jwk, x, y } };
}

function readEdDsaLegacy(reader: PacketReader): KeyMaterial {
  if (readCurveId(reader) !== ed25519Legacy) throw unsupported('of EdDSALegacy only Ed25519 is supported');
  const point = reader.mpi();
  if (point.length !== 33 || point[0] !== 0x40) throw bad('an Ed25519 key must have 32 bytes behind 0x40');
  return edwards('ed25519', 'Ed25519', point.subarray(1), 'pair', 32);
}

function edwards(
  algorithm: KeyAlgorithm,
  crv: string,
  point: Buffer,
  form: 'raw' | 'pair',
  size: number,
): KeyMaterial {
  return { algorithm, form, size, jwk: { kty: 'OKP', crv, x: point.toString('base64url') } };
}

function readCurveId(reader: PacketReader): string {
  return reader.bytes(reader.byte()).toString('hex');
}
