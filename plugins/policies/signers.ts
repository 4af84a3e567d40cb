import { matchesPatternList, verifyCommit } from '../../libraries/git-signatures/ssh/index.ts';
import { signersTime } from './key-period.ts';
import { type CertificateAuthority, folded, type People, type Person } from './people.ts';
import { openPgpSigner } from './signers-openpgp.ts';
import { readSshKey } from './ssh-key.ts';

export interface SignerQuestion {
  /** The bytes of a commit object. */
  readonly object: Uint8Array;
  /** Who is said to have signed it. */
  readonly email: string;
  /** When the key must be valid, in milliseconds since 1970: never the signer's own clock. */
  readonly at: number;
}

/**
 * Who signed, or in a few words why that is not shown. `unsigned`: nobody did; `stranger`: no key of the person made it,
 * or no team knows the address; `bad`, `expired`, `revoked` and `unsupported` as the libraries say them.
 */
export type Signer =
  | { readonly person: Person; readonly fingerprint: string }
  | {
      readonly verdict: 'unsigned' | 'stranger' | 'bad' | 'expired' | 'revoked' | 'unsupported';
      /** `the key is revoked`. */
      readonly problem: string;
      /** Of the key that the signature names. */
      readonly fingerprint?: string;
    };

/**
 * Verifies the signature of a commit, by SSH or OpenPGP, against the keys that teams list: it is good where a key of the
 * very person to whom the e-mail address belongs made it, or an SSH key that an authority of one of their teams
 * certified for that address. Never throws for what is in the object.
 */
export function signerOf(question: SignerQuestion, people: People): Signer {
  const { object, email, at } = question;
  if (!isSigned(object)) return { verdict: 'unsigned', problem: 'it is not signed' };
  const person = people.byEmail(email);
  const address = person?.emails.find((own) => folded(own) === folded(email));
  if (person === undefined || address === undefined) {
    return { verdict: 'stranger', problem: 'no member of a team has this e-mail address' };
  }
  if (isSignedByOpenPgp(object)) return openPgpSigner(object, person, people, at);
  const {
    verdict,
    reason,
    fingerprint = '',
  } = verifyCommit({
    object,
    allowedSigners: allowedSigners(person, address, people),
    revoked: revokedKeys(people),
    principal: address,
    at: Math.floor(at / 1000),
  });
  if (verdict === 'good') return { person, fingerprint };
  const named = fingerprint === '' ? {} : { fingerprint };
  return { verdict: verdict === 'untrusted' ? 'stranger' : verdict, problem: reason, ...named };
}

/** Whether an entry of revokedKeys means an SSH key; the others are fingerprints of OpenPGP keys. */
export function isSshRevocation(key: string): boolean {
  return /^(SHA256:|ssh-|ecdsa-|sk-)/.test(key.trim());
}

/** Whether a header carries a signature, of whatever kind; the libraries then tell all else. */
function isSigned(object: Uint8Array): boolean {
  return headersOf(object).includes('\ngpgsig');
}

function isSignedByOpenPgp(object: Uint8Array): boolean {
  return /\ngpgsig(-sha256)? -----BEGIN PGP /.test(headersOf(object));
}

function headersOf(object: Uint8Array): string {
  const bytes = Buffer.from(object.buffer, object.byteOffset, object.byteLength);
  const end = bytes.indexOf('\n\n');
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

/** Only the lines that may speak for this address of the person: nobody else's key is ever asked. */
function allowedSigners(person: Person, address: string, people: People): string {
  const lines: string[] = [];
  for (const key of person.keys) if ('ssh' in key) lines.push(...signerLine(key, address, false));
  for (const team of person.teams) {
    for (const key of people.teams.get(team)?.spec.certificateAuthorities ?? []) {
      lines.push(...signerLine(key, address, true));
    }
  }
  return lines.join('\n');
}

function signerLine(listed: CertificateAuthority, address: string, isAuthority: boolean): string[] {
  const key = readSshKey(listed.ssh);
  if ('code' in key) return [];
  const principals = (listed.principals ?? ['*']).map(folded);
  if (!matchesPatternList(folded(address), principals)) return [];
  const options = [
    ...(isAuthority ? ['cert-authority'] : []),
    ...(listed.namespaces ? [`namespaces="${listed.namespaces.join(',')}"`] : []),
    ...(listed.validAfter ? [`valid-after="${signersTime(listed.validAfter) ?? '99991231Z'}"`] : []),
    ...(listed.validBefore ? [`valid-before="${signersTime(listed.validBefore) ?? '19700102Z'}"`] : []),
  ];
  return [`${address} ${options.join(',')} ${key.line}`];
}

/** Keys that any team revokes count nowhere. */
function revokedKeys(people: People): string {
  const lines: string[] = [];
  for (const { spec } of people.teams.values()) {
    for (const key of spec.revokedKeys ?? []) if (isSshRevocation(key)) lines.push(key.trim());
  }
  return lines.join('\n');
}
