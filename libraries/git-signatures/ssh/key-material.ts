import { bad } from '../refusal.ts';
import type { WireReader } from './wire.ts';

/** The key types that this library verifies, by their names without a certificate. */
export type KeyType =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'ssh-rsa'
  | 'sk-ssh-ed25519@openssh.com'
  | 'sk-ecdsa-sha2-nistp256@openssh.com';

/** RFC 5656 gives each curve one hash; `size` is the bytes of a coordinate. */
export interface Curve {
  readonly name: string;
  readonly jwk: string;
  readonly hash: string;
  readonly size: number;
}

export type KeyMaterial =
  | { readonly kind: 'ed25519'; readonly point: Buffer }
  | { readonly kind: 'ecdsa'; readonly curve: Curve; readonly x: Buffer; readonly y: Buffer }
  | { readonly kind: 'rsa'; readonly exponent: Buffer; readonly modulus: Buffer };

/** Larger keys do not exist in practice; OpenSSL verifies none. In bytes. */
const maxModulus = 2048;
/** Exponents are 65537 and at times 3; a long one only costs time. In bytes. */
const maxExponent = 8;

/** What a key consists of, beside its type. */
export interface KeyContent {
  readonly material: KeyMaterial;
  /** The FIDO application, for the two sk types (PROTOCOL.u2f). */
  readonly application?: Buffer;
}

const curves: Record<string, Curve> = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', jwk: 'P-256', hash: 'sha256', size: 32 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', jwk: 'P-384', hash: 'sha384', size: 48 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', jwk: 'P-521', hash: 'sha512', size: 66 },
};

/** Reads the part of a key that is the same with and without a certificate, at the reader's place. */
export function readKeyContent(type: KeyType, reader: WireReader): KeyContent {
  switch (type) {
    case 'ssh-ed25519':
      return { material: readEd25519(reader) };
    case 'sk-ssh-ed25519@openssh.com':
      return { material: readEd25519(reader), application: reader.string() };
    case 'ssh-rsa':
      return { material: readRsa(reader) };
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return { material: readEcdsa('ecdsa-sha2-nistp256', reader), application: reader.string() };
    default:
      return { material: readEcdsa(type, reader) };
  }
}

function readEd25519(reader: WireReader): KeyMaterial {
  const point = reader.string();
  if (point.length !== 32) throw bad('an Ed25519 key must have 32 bytes');
  return { kind: 'ed25519', point };
}

function readEcdsa(type: string, reader: WireReader): KeyMaterial {
  const curve = curves[type] as Curve;
  if (reader.text() !== curve.name) throw bad(`the key names another curve than ${curve.name}`);
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.size || point[0] !== 4) {
    throw bad(`the key is not an uncompressed point of ${curve.name}`);
  }
  return {
    kind: 'ecdsa',
    curve,
    x: point.subarray(1, 1 + curve.size),
    y: point.subarray(1 + curve.size),
  };
}

function readRsa(reader: WireReader): KeyMaterial {
  const exponent = reader.mpint();
  const modulus = reader.mpint();
  if (exponent.length > maxExponent) throw bad('the RSA exponent is too large');
  if (modulus.length > maxModulus) throw bad('the RSA modulus is too large');
  return { kind: 'rsa', exponent, modulus };
}
