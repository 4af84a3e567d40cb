import { createHash } from 'node:crypto';
import { bad, quoted, unsupported } from '../refusal.ts';
import { type KeyContent, type KeyType, readKeyContent } from './key-material.ts';
import { WireReader, wireString } from './wire.ts';

/** A key as it stands in signatures and files, with its certificate if it came with one. */
export interface PublicKey extends KeyContent {
  readonly type: KeyType;
  /** The whole key as it came: with its certificate, if it has one. */
  readonly blob: Buffer;
  /** `SHA256:…` of the key alone, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** SHA-1 of the key alone, in hexadecimal; only KRLs name keys by it. */
  readonly sha1: string;
  readonly certificate?: Certificate;
}

/** What an authority says about a key (PROTOCOL.certkeys). Times are seconds since 1970. */
export interface Certificate {
  readonly serial: bigint;
  /** 1 for users, 2 for hosts. */
  readonly role: number;
  readonly keyId: string;
  readonly principals: readonly string[];
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly criticalOptions: readonly string[];
  readonly authority: PublicKey;
  /** What the authority signed: everything before its signature. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** As many as OpenSSH takes. */
const maxPrincipals = 256;
const certificateSuffix = '-cert-v01@openssh.com';

const plainTypes = new Map<string, KeyType>(
  (
    [
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'ssh-rsa',
      'sk-ssh-ed25519@openssh.com',
      'sk-ecdsa-sha2-nistp256@openssh.com',
    ] satisfies KeyType[]
  ).map((type) => [type, type]),
);

const certificateTypes = new Map<string, KeyType>(
  [...plainTypes.values()].map((type) => [type.replace(/@openssh\.com$/, '') + certificateSuffix, type]),
);

/**
 * Reads a public key or a certificate in its wire form (RFC 4253 section 6.6, RFC 5656, RFC 8709, PROTOCOL.u2f,
 * PROTOCOL.certkeys). Nothing is verified yet, the signature of a certificate included.
 */
export function readPublicKey(blob: Buffer): PublicKey {
  const reader = new WireReader(blob, 'the public key');
  const name = reader.text();
  const plain = plainTypes.get(name);
  const type = plain ?? certificateTypes.get(name);
  if (type === undefined) throw unsupported(`keys of type ${quoted(name)} are not supported`);
  if (plain !== undefined) {
    const key = readKeyContent(type, reader);
    reader.end();
    return { type, blob, ...digestsOf(blob), ...key };
  }
  reader.string(); // the nonce, which only makes certificates differ
  const start = reader.offset;
  const key = readKeyContent(type, reader);
  const plainBlob = Buffer.concat([wireString(type), blob.subarray(start, reader.offset)]);
  const certificate = readCertificate(blob, reader);
  return { type, blob, ...digestsOf(plainBlob), ...key, certificate };
}

/** Whether a line of a file may begin a key with this word: also types that are known and not supported. */
export function isKeyTypeName(name: string): boolean {
  return (
    plainTypes.has(name) ||
    certificateTypes.has(name) ||
    name === 'ssh-dss' ||
    name === `ssh-dss${certificateSuffix}`
  );
}

/** `SHA256:` and the digest in base64 without padding, as ssh-keygen prints fingerprints. */
export function fingerprintOf(plainBlob: Uint8Array): string {
  const digest = createHash('sha256').update(plainBlob).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

function digestsOf(plainBlob: Buffer): Pick<PublicKey, 'fingerprint' | 'sha1'> {
  return { fingerprint: fingerprintOf(plainBlob), sha1: createHash('sha1').update(plainBlob).digest('hex') };
}

/**
 * Reads what follows the key in the certificate `blob`, to its end. The authority's signature is not verified here.
 * An authority that is itself certified is refused: PROTOCOL.certkeys knows no chains.
 */
function readCertificate(blob: Buffer, reader: WireReader): Certificate {
  const serial = reader.uint64();
  const role = reader.uint32();
  const keyId = reader.text();
  const principals = readPrincipals(reader.string());
  const validAfter = reader.uint64();
  const validBefore = reader.uint64();
  const criticalOptions = readOptionNames(reader.string());
  readOptionNames(reader.string()); // extensions: they allow logins more, and say nothing about signatures
  reader.string(); // reserved
  const authorityBlob = reader.string();
  const signed = blob.subarray(0, reader.offset);
  const signature = reader.string();
  reader.end();
  if (isCertificate(authorityBlob)) throw bad('the certificate is signed by a certificate');
  const authority = readPublicKey(authorityBlob);
  return {
    serial,
    role,
    keyId,
    principals,
    validAfter,
    validBefore,
    criticalOptions,
    authority,
    signed,
    signature,
  };
}

function readPrincipals(bytes: Buffer): string[] {
  const reader = new WireReader(bytes, "the certificate's list of principals");
  const principals: string[] = [];
  while (!reader.isAtEnd) {
    if (principals.length === maxPrincipals) throw bad('the certificate has too many principals');
    principals.push(reader.text());
  }
  return principals;
}

function readOptionNames(bytes: Buffer): string[] {
  const reader = new WireReader(bytes, "the certificate's options");
  const names: string[] = [];
  while (!reader.isAtEnd) {
    const name = reader.text();
    reader.string();
    names.push(name);
  }
  return names;
}

/** Asked before reading on, so that certificates inside certificates cannot nest. */
function isCertificate(blob: Buffer): boolean {
  return new WireReader(blob, "the authority's key").text().includes('-cert-v0');
}
