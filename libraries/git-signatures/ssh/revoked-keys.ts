import { SignerFileError } from './error.ts';
import { parseKeyLine } from './key-line.ts';
import {
  isKeyRevocationList,
  type RevokedCertificates,
  readKeyRevocationList,
} from './key-revocation-list.ts';
import { type Certificate, fingerprintOf, type PublicKey } from './public-key.ts';

/** A parsed list of revoked keys: parse once, verify many. */
export interface RevokedKeys {
  /** `SHA256:…` of keys without their certificates. */
  readonly fingerprints: ReadonlySet<string>;
  /** SHA-1 digests of keys, in hexadecimal, as a KRL may list them. */
  readonly sha1: ReadonlySet<string>;
  readonly certificates: readonly RevokedCertificates[];
}

const maxBytes = 64 * 1024 * 1024;
const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}$/;

/**
 * Parses a list of revoked keys: a text with one public key (as in an authorized_keys file, without options) or one
 * `SHA256:…` fingerprint a line, `#` for comments; or the bytes of a binary KRL (PROTOCOL.krl). A certificate in the
 * text revokes its key, as it does for ssh-keygen.
 *
 * @throws SignerFileError if any line or section cannot be read: ssh-keygen would skip such a line, and with it a
 * revocation.
 */
export function parseRevokedKeys(list: string | Uint8Array): RevokedKeys {
  if (list.length > maxBytes) throw malformed(0, 'the list of revoked keys is too large');
  if (typeof list === 'string') return parseText(list);
  const bytes = Buffer.from(list.buffer, list.byteOffset, list.byteLength);
  if (isKeyRevocationList(bytes)) return readKeyRevocationList(bytes);
  return parseText(bytes.toString('utf8'));
}

/** Why a key is revoked, in words; undefined if it is not. A revoked authority revokes what it certified. */
export function whyRevoked(key: PublicKey, revoked: RevokedKeys): string | undefined {
  if (isListed(key, revoked)) return 'the key is revoked';
  const { certificate } = key;
  if (certificate === undefined) return undefined;
  if (isListed(certificate.authority, revoked)) return "the certificate's authority is revoked";
  const isRevoked = revoked.certificates.some((section) => revokesCertificate(section, certificate));
  return isRevoked ? 'the certificate is revoked' : undefined;
}

function parseText(text: string): RevokedKeys {
  if (text.startsWith('SSHKRL\n')) throw malformed(0, 'a binary KRL must be passed as bytes, not as text');
  const fingerprints = new Set<string>();
  text.split('\n').forEach((content, index) => {
    const line = content.trim();
    if (line === '' || line.startsWith('#')) return;
    const [first = ''] = line.split(/[ \t]/, 1);
    if (fingerprint.test(first)) {
      fingerprints.add(first);
      return;
    }
    const listed = parseKeyLine(line);
    if (typeof listed === 'string') throw malformed(index + 1, listed);
    fingerprints.add(listed.key?.fingerprint ?? fingerprintOf(listed.blob));
  });
  return { fingerprints, sha1: new Set(), certificates: [] };
}

function isListed(key: PublicKey, revoked: RevokedKeys): boolean {
  return revoked.fingerprints.has(key.fingerprint) || (revoked.sha1.size > 0 && revoked.sha1.has(key.sha1));
}

/** PROTOCOL.certkeys: a serial of zero means that the authority does not number its certificates. */
function revokesCertificate(section: RevokedCertificates, certificate: Certificate): boolean {
  if (section.authority !== undefined && !section.authority.equals(certificate.authority.blob)) return false;
  if (section.keyIds.has(certificate.keyId)) return true;
  return certificate.serial !== 0n && section.revokesSerial(certificate.serial);
}

function malformed(line: number, problem: string): SignerFileError {
  return new SignerFileError('RevokedKeys', line, problem);
}
