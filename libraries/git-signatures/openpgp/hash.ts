import { createHash, type Hash } from 'node:crypto';
import { unsupported } from '../refusal.ts';

export interface HashAlgorithm {
  /** As OpenSSL calls it. */
  readonly name: string;
  /** The bytes of salt that a signature of version 6 has with it (RFC 9580, table 23). */
  readonly saltSize: number;
  /** Collisions can be made: nobody gains trust by it, but a revocation still counts. */
  readonly isWeak: boolean;
}

const algorithms = new Map<number, HashAlgorithm>([
  [1, { name: 'md5', saltSize: 0, isWeak: true }],
  [2, { name: 'sha1', saltSize: 0, isWeak: true }],
  [3, { name: 'ripemd160', saltSize: 0, isWeak: true }],
  [8, { name: 'sha256', saltSize: 16, isWeak: false }],
  [9, { name: 'sha384', saltSize: 24, isWeak: false }],
  [10, { name: 'sha512', saltSize: 32, isWeak: false }],
  [11, { name: 'sha224', saltSize: 16, isWeak: true }],
  [12, { name: 'sha3-256', saltSize: 16, isWeak: false }],
  [14, { name: 'sha3-512', saltSize: 32, isWeak: false }],
]);

/** By its number in RFC 9580, section 9.5. */
export function hashAlgorithm(id: number): HashAlgorithm {
  const found = algorithms.get(id);
  if (found === undefined) throw unsupported(`the hash algorithm ${id} is not supported`);
  return found;
}

export function startHash({ name }: HashAlgorithm): Hash {
  try {
    return createHash(name);
  } catch {
    throw unsupported(`the hash ${name} is not offered by this machine's OpenSSL`);
  }
}
