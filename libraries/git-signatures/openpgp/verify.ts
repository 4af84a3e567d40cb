import { type SplitObject, splitCommit, splitTag } from '../git-object.ts';
import { bad, quoted, Refusal, unsupported } from '../refusal.ts';
import { linesOf, readBlock } from './armor.ts';
import type { KeyAlgorithm } from './key-material.ts';
import { checkAlgorithms, checkKeySignature } from './key-signature.ts';
import { type Holder, holdersOf, type Keyring, parseKeyring } from './keyring.ts';
import { packetTypes, readPackets } from './packet.ts';
import {
  mostTelling,
  readSignaturePacket,
  type SignaturePacket,
  signatureTypes,
} from './signature-packet.ts';
import { isoTime, standingOf, userIdsWith } from './standing.ts';
import { subpacketTypes } from './subpacket.ts';
import { textOf } from './user-id.ts';

/**
 * - `good`: the signature is right, and a key of the keyring made it that may sign.
 * - `unsigned`: there is no signature.
 * - `untrusted`: no key of the keyring made it, or one that may not: not for this address, not for signing, not bound.
 * - `bad`: the signature or the object is malformed, or does not match.
 * - `expired`: the signature, the key or the subkey is outside the time in which it is valid.
 * - `revoked`: the key or the subkey is revoked.
 * - `unsupported`: a scheme that is not verified here: SSH, X.509, DSA, SHA-1, RSA below 2048 bits, …
 */
export type Verdict = 'good' | 'unsigned' | 'untrusted' | 'bad' | 'expired' | 'revoked' | 'unsupported';

export interface Verification {
  readonly verdict: Verdict;
  /** If `good`: the valid user ids of the key; with `email`, those with that address. Else empty. */
  readonly userIds: readonly string[];
  /** Of the key or subkey that the signature names, in upper-case hexadecimal. Whose it is says only the verdict. */
  readonly fingerprint?: string;
  /** The same, where a signature names no more than that. */
  readonly keyId?: string;
  /** Of the primary key, once the signature is known to be of a key in the keyring. */
  readonly primaryFingerprint?: string;
  readonly algorithm?: KeyAlgorithm;
  /** When it was signed, by the signer's own clock, in seconds since 1970; once the signature is known to be right. */
  readonly signedAt?: number;
  /** One sentence for a person. */
  readonly reason: string;
}

export interface Trust {
  /** Public keys as text or bytes, or what `parseKeyring` made of them. Whoever is in it may sign. */
  readonly keyring: string | Uint8Array | Keyring;
  /** Only a key with a valid user id of this address may have signed. Case does not matter. */
  readonly email?: string;
  /**
   * When the key must be valid, in whole seconds since 1970. Default: now, as gpg does. Pass the time at which you saw
   * the object to ask about the past; the signer's own clock is no answer, because the signer sets it.
   */
  readonly at?: number;
}

export interface ObjectQuestion extends Trust {
  /** The raw object without Git's own header, as `git cat-file commit|tag` prints it. */
  readonly object: Uint8Array;
}

export interface MessageQuestion extends Trust {
  readonly message: Uint8Array;
  /** The armored detached signature: from `-----BEGIN PGP SIGNATURE-----` to the end line. */
  readonly signature: string | Uint8Array;
}

/** Largest armored signature that is read, in bytes: one with the largest RSA key is a tenth of it. */
const maxArmorBytes = 64 * 1024;
/** Clocks of signers are not exact. In seconds. */
const clockTolerance = 15 * 60;
/** What may stand where the signer's word does not reach; anybody could have put anything else there. */
const unhashedTypes: readonly number[] = [subpacketTypes.issuerKeyId, subpacketTypes.issuerFingerprint];

/**
 * Verifies a commit that was signed with OpenPGP, and answers as `git verify-commit` would, or stricter.
 *
 * @throws KeyringError if the keyring cannot be read, TypeError for a wrong `at`. Never for what is in the object.
 */
export function verifyCommit(question: ObjectQuestion): Verification {
  return verifyObject(question, splitCommit, 'commit');
}

/** Verifies an annotated tag that was signed with OpenPGP, like `git verify-tag`. Throws as `verifyCommit` does. */
export function verifyTag(question: ObjectQuestion): Verification {
  return verifyObject(question, splitTag, 'tag');
}

/** Verifies a detached signature, like `gpg --verify`: of the bytes, or of a text. Throws as `verifyCommit` does. */
export function verifyMessage(question: MessageQuestion): Verification {
  const trust = parseTrust(question);
  const { signature } = question;
  const armor = typeof signature === 'string' ? Buffer.from(signature) : view(signature);
  return verifySignature(armor, question.message, [signatureTypes.binary, signatureTypes.text], trust);
}

interface ParsedTrust {
  readonly keyring: Keyring;
  readonly email?: string;
  readonly at: number;
}

function parseTrust({ keyring, email, at = Math.floor(Date.now() / 1000) }: Trust): ParsedTrust {
  if (!Number.isSafeInteger(at) || at < 0) throw new TypeError('at must be whole seconds since 1970');
  const isText = typeof keyring === 'string' || keyring instanceof Uint8Array;
  return { keyring: isText ? parseKeyring(keyring) : keyring, email, at };
}

function verifyObject(
  question: ObjectQuestion,
  split: (object: Buffer) => SplitObject,
  noun: string,
): Verification {
  const trust = parseTrust(question);
  let parts: SplitObject;
  try {
    parts = split(view(question.object));
  } catch (error) {
    return refused(error);
  }
  const { payload, signature, time } = parts;
  if (signature === undefined) {
    return { verdict: 'unsigned', userIds: [], reason: `the ${noun} has no signature` };
  }
  if (time === undefined) return refused(bad(`the ${noun} does not say who made it and when`));
  // A signature of a text also holds for other ends of lines, and so for other objects. Git makes none.
  return verifySignature(signature, payload, [signatureTypes.binary], trust);
}

function verifySignature(
  armor: Buffer,
  message: Uint8Array,
  types: readonly number[],
  trust: ParsedTrust,
): Verification {
  let signature: SignaturePacket;
  try {
    checkScheme(armor);
    signature = readSignature(armor);
  } catch (error) {
    return refused(error);
  }
  const named = mostTelling(signature.issuers);
  const holders = holdersOf(trust.keyring, signature.issuers);
  try {
    checkPurpose(signature, types);
  } catch (error) {
    return { ...refused(error), ...named };
  }
  if (holders.length === 0) {
    const reason = 'the signature names no key of the keyring, and could not be verified';
    return { verdict: 'untrusted', userIds: [], reason, ...named };
  }
  const signed = signature.type === signatureTypes.text ? withLineEnds(view(message)) : message;
  const answers = holders.map((holder) => judge(holder, signature, signed, trust));
  return mostTrue(answers);
}

/** Several keys may have the key id that a signature names, and one subkey may belong to several keys. */
function mostTrue(answers: readonly Verification[]): Verification {
  const right = answers.filter(({ signedAt }) => signedAt !== undefined);
  const [first] = right.length > 0 ? right : answers;
  const revoked = right.find(({ verdict }) => verdict === 'revoked');
  return (revoked ?? right.find(({ verdict }) => verdict === 'good') ?? first) as Verification;
}

function judge(
  { certificate, key }: Holder,
  signature: SignaturePacket,
  signed: Uint8Array,
  { keyring, email, at }: ParsedTrust,
): Verification {
  const algorithm = key.material instanceof Refusal ? {} : { algorithm: key.material.algorithm };
  const named = { fingerprint: key.fingerprint, keyId: key.keyId, ...algorithm };
  try {
    checkKeySignature(key, signature, [signed]);
  } catch (error) {
    return { ...refused(error), ...named };
  }
  const about = {
    ...named,
    primaryFingerprint: certificate.primary.fingerprint,
    signedAt: signature.createdAt,
  };
  const { verdict, reason, userIds } = standingOf(keyring, { certificate, key }, at);
  if (verdict !== 'good') return { verdict, userIds: [], reason, ...about };
  const time = whyOutOfTime(signature, key.createdAt, at);
  if (time !== undefined) return { verdict: 'expired', userIds: [], reason: time, ...about };
  const matching = email === undefined ? userIds : userIdsWith(userIds, email);
  if (email !== undefined && matching.length === 0) {
    return {
      verdict: 'untrusted',
      userIds: [],
      reason: `the key has no valid user id of ${quoted(email)}`,
      ...about,
    };
  }
  const texts = matching.map(textOf);
  return {
    verdict: 'good',
    userIds: texts,
    reason: `signed by ${texts[0] ?? `the key ${key.fingerprint}`}`,
    ...about,
  };
}

function whyOutOfTime(
  { createdAt, expiresAt }: SignaturePacket,
  keyCreatedAt: number,
  at: number,
): string | undefined {
  if (createdAt < keyCreatedAt) return 'the signature is older than its key';
  if (createdAt > at + clockTolerance) {
    return `the signature is of ${isoTime(createdAt)}, and this is ${isoTime(at)}`;
  }
  return expiresAt <= at ? `the signature expired at ${isoTime(expiresAt)}` : undefined;
}

/** Tells other kinds of signatures by their first line, as Git does. */
function checkScheme(armor: Buffer): void {
  const start = armor.toString('latin1', 0, 64);
  if (start.startsWith('-----BEGIN SSH SIGNATURE-----')) {
    throw unsupported('SSH signatures are not verified here; sign with an OpenPGP key (gpg.format=openpgp)');
  }
  if (start.startsWith('-----BEGIN SIGNED MESSAGE-----')) {
    throw unsupported(
      'X.509 signatures are not verified here; sign with an OpenPGP key (gpg.format=openpgp)',
    );
  }
  if (start.startsWith('-----BEGIN PGP MESSAGE-----')) {
    throw unsupported('OpenPGP messages are not verified here, only detached signatures');
  }
}

/** One armored block with nothing around it, and in it one signature. */
function readSignature(armor: Buffer): SignaturePacket {
  if (armor.length > maxArmorBytes) throw bad(`the signature is larger than ${maxArmorBytes} bytes`);
  const lines = linesOf(armor.toString('latin1'));
  const { block, end } = readBlock(lines, 0);
  if (block.label !== 'PGP SIGNATURE') throw bad('the armored block holds something else than a signature');
  if (end !== lines.length - 1) throw bad('there is something behind the signature');
  const packets = readPackets(block.content);
  const first = packets.next().value;
  if (first?.type !== packetTypes.signature) throw bad('the armored block does not begin with a signature');
  if (packets.next().done !== true) throw unsupported('there is more than one packet in the signature');
  return readSignaturePacket(first.body);
}

/** Everything that does not depend on whom we trust. */
function checkPurpose(signature: SignaturePacket, types: readonly number[]): void {
  const { type } = signature;
  if (!types.includes(type)) {
    throw type === signatureTypes.text
      ? unsupported('signatures of texts are not accepted for Git objects')
      : bad(`the signature is of type ${type}, which says nothing about these bytes`);
  }
  checkAlgorithms(signature);
  if (signature.objection !== undefined) throw signature.objection;
  if (signature.unhashed.some(({ type, isCritical }) => isCritical || !unhashedTypes.includes(type))) {
    throw unsupported('the signature has unsigned parts that are not known');
  }
}

/** RFC 9580, section 5.2.1.2: lines of a text end in CR and LF. */
function withLineEnds(text: Buffer): Buffer {
  return Buffer.from(text.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}

function refused(error: unknown): Verification {
  if (!(error instanceof Refusal)) throw error;
  return { verdict: error.verdict, userIds: [], reason: error.message };
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
