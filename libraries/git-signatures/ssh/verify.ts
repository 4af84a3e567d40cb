import { type SplitObject, splitCommit, splitTag } from '../git-object.ts';
import { bad, quoted, Refusal, unsupported } from '../refusal.ts';
import { type AllowedSigners, parseAllowedSigners } from './allowed-signers.ts';
import { authorize } from './authorization.ts';
import type { KeyType } from './key-material.ts';
import { type Assertion, checkKeySignature } from './key-signature.ts';
import { type Certificate, type PublicKey, readPublicKey } from './public-key.ts';
import { parseRevokedKeys, type RevokedKeys, whyRevoked } from './revoked-keys.ts';
import { readSshSignature, type SshSignature, signedData } from './sshsig.ts';

/**
 * - `good`: the signature is right, and an allowed signer made it.
 * - `unsigned`: there is no signature.
 * - `untrusted`: the signature is right, and no allowed signer may have made it.
 * - `bad`: the signature or the object is malformed, or does not match, or is for another purpose.
 * - `expired`: an allowed signer made it, outside the time in which the key or certificate is valid.
 * - `revoked`: the key, the certificate or its authority is revoked.
 * - `unsupported`: a scheme that is not verified here: OpenPGP, X.509, DSA, RSA with SHA-1 or below 2048 bits, …
 */
export type Verdict = 'good' | 'unsigned' | 'untrusted' | 'bad' | 'expired' | 'revoked' | 'unsupported';

export interface Verification {
  readonly verdict: Verdict;
  /**
   * Who signed, if `good`, else empty: the asked-for principal; or names of the certificate; or the patterns of the
   * line that holds the key, exactly as written there (`*@example.com` stays a pattern).
   */
  readonly principals: readonly string[];
  /** `SHA256:…` of the signing key, once the signature named one. Whose it is says only the verdict. */
  readonly fingerprint?: string;
  readonly keyType?: KeyType;
  /** What the certificate says, if the key came with one. To be believed only if the verdict is `good`. */
  readonly certificate?: { readonly authority: string; readonly keyId: string; readonly serial: bigint };
  /** One sentence for a person. */
  readonly reason: string;
}

export interface Trust {
  /** The text of an allowed_signers file, or what `parseAllowedSigners` made of it. */
  readonly allowedSigners: string | AllowedSigners;
  /** Revoked keys: a text or a KRL's bytes, or what `parseRevokedKeys` made of them. */
  readonly revoked?: string | Uint8Array | RevokedKeys;
  /** Only this one may have signed. */
  readonly principal?: string;
  /** `required`, unless said otherwise: a FIDO key must have been touched for each signature (no-touch-required keys fail). */
  readonly userPresence?: 'required' | 'optional';
}

export interface ObjectQuestion extends Trust {
  /** The raw object without Git's own header, as `git cat-file commit|tag` prints it. */
  readonly object: Uint8Array;
  /**
   * When keys and certificates must be valid, in whole seconds since 1970. Default: the committer's (tagger's) own
   * clock, as Git does. The signer chooses that time: pass the time of your own observation where keys expire.
   */
  readonly at?: number;
}

export interface MessageQuestion extends Trust {
  readonly message: Uint8Array;
  /** The armored signature: from `-----BEGIN SSH SIGNATURE-----` to the end line. */
  readonly signature: string | Uint8Array;
  /** What the signature must be for, such as `file`. */
  readonly namespace: string;
  /** When keys and certificates must be valid, in whole seconds since 1970. */
  readonly at: number;
}

/** Login restrictions say nothing about a signature; verify-required does. Any other critical option refuses. */
const loginOptions = ['force-command', 'source-address'];

/**
 * Verifies a commit that was signed with an SSH key, and answers as `git verify-commit` would, or stricter.
 *
 * @throws SignerFileError if the allowed signers or the revoked keys cannot be read, TypeError for a wrong `at`. Never
 * for what is in the object.
 */
export function verifyCommit(question: ObjectQuestion): Verification {
  return verifyObject(question, splitCommit, 'commit');
}

/** Verifies an annotated tag that was signed with an SSH key, like `git verify-tag`. Throws as `verifyCommit` does. */
export function verifyTag(question: ObjectQuestion): Verification {
  return verifyObject(question, splitTag, 'tag');
}

/** Verifies a detached signature (PROTOCOL.sshsig), like `ssh-keygen -Y verify`. Throws as `verifyCommit` does. */
export function verifyMessage(question: MessageQuestion): Verification {
  const trust = parseTrust(question);
  checkTime(question.at);
  const signature =
    typeof question.signature === 'string' ? Buffer.from(question.signature) : view(question.signature);
  return verifySignature(signature, question.message, question.namespace, question.at, trust);
}

interface ParsedTrust extends Trust {
  readonly allowedSigners: AllowedSigners;
  readonly revoked?: RevokedKeys;
}

function parseTrust(trust: Trust): ParsedTrust {
  const { allowedSigners, revoked, principal, userPresence } = trust;
  return {
    allowedSigners: typeof allowedSigners === 'string' ? parseAllowedSigners(allowedSigners) : allowedSigners,
    revoked:
      typeof revoked === 'string' || revoked instanceof Uint8Array ? parseRevokedKeys(revoked) : revoked,
    principal,
    userPresence,
  };
}

function verifyObject(
  question: ObjectQuestion,
  split: (object: Buffer) => SplitObject,
  noun: string,
): Verification {
  const trust = parseTrust(question);
  if (question.at !== undefined) checkTime(question.at);
  let parts: SplitObject;
  try {
    parts = split(view(question.object));
  } catch (error) {
    return refused(error);
  }
  const { payload, signature, time } = parts;
  if (signature === undefined) {
    return { verdict: 'unsigned', principals: [], reason: `the ${noun} has no signature` };
  }
  const at = question.at ?? time;
  if (at === undefined) return refused(bad(`the ${noun} does not say when it was made`));
  return verifySignature(signature, payload, 'git', at, trust);
}

function verifySignature(
  armor: Buffer,
  message: Uint8Array,
  namespace: string,
  at: number,
  trust: ParsedTrust,
): Verification {
  let key: PublicKey | undefined;
  try {
    checkScheme(armor);
    const signature = readSshSignature(armor);
    key = readPublicKey(signature.publicKey);
    checkSignature(key, signature, namespace, message, trust.userPresence !== 'optional');
  } catch (error) {
    return { ...refused(error), ...about(key) };
  }
  const revocation = trust.revoked && whyRevoked(key, trust.revoked);
  if (revocation !== undefined) {
    return { verdict: 'revoked', principals: [], reason: revocation, ...about(key) };
  }
  return { ...authorize(trust.allowedSigners, { key, namespace, at }, trust.principal), ...about(key) };
}

/** Tells other kinds of signatures by their first line, as Git does. */
function checkScheme(armor: Buffer): void {
  const start = armor.toString('latin1', 0, 64);
  if (/^-----BEGIN PGP (SIGNATURE|MESSAGE)-----/.test(start)) {
    throw unsupported('OpenPGP signatures are not verified here; sign with an SSH key (gpg.format=ssh)');
  }
  if (start.startsWith('-----BEGIN SIGNED MESSAGE-----')) {
    throw unsupported('X.509 signatures are not verified here; sign with an SSH key (gpg.format=ssh)');
  }
}

/** Everything that does not depend on whom we trust. */
function checkSignature(
  key: PublicKey,
  signature: SshSignature,
  namespace: string,
  message: Uint8Array,
  wantsPresence: boolean,
): void {
  if (signature.namespace !== namespace) {
    throw bad(`the signature is for the namespace ${quoted(signature.namespace)}, not for '${namespace}'`);
  }
  const data = signedData(namespace, signature.hash, message);
  const assertion = checkKeySignature(key, signature.signature, data);
  if (key.application !== undefined && wantsPresence && !assertion.userPresent) {
    throw bad('the security key signed without being touched');
  }
  if (key.certificate !== undefined) checkCertificate(key.certificate, assertion);
}

function checkCertificate(certificate: Certificate, assertion: Assertion): void {
  try {
    checkKeySignature(certificate.authority, certificate.signature, certificate.signed);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.verdict, `in the certificate: ${error.message}`);
    throw error;
  }
  if (certificate.role !== 1) throw bad('the certificate is not one for users');
  for (const option of certificate.criticalOptions) {
    if (option === 'verify-required') {
      if (!assertion.userVerified)
        throw bad('the certificate demands a PIN, and the signature was made without');
    } else if (!loginOptions.includes(option)) {
      throw unsupported(`the certificate has the critical option ${quoted(option)}, which is not known`);
    }
  }
}

function refused(error: unknown): Verification {
  if (!(error instanceof Refusal)) throw error;
  return { verdict: error.verdict, principals: [], reason: error.message };
}

function about(key: PublicKey | undefined): Pick<Verification, 'fingerprint' | 'keyType' | 'certificate'> {
  if (key === undefined) return {};
  const { fingerprint, type: keyType, certificate } = key;
  if (certificate === undefined) return { fingerprint, keyType };
  const { authority, keyId, serial } = certificate;
  return { fingerprint, keyType, certificate: { authority: authority.fingerprint, keyId, serial } };
}

function checkTime(at: number): void {
  if (!Number.isSafeInteger(at) || at < 0) throw new TypeError('at must be whole seconds since 1970');
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
