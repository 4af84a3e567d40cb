import { matchesPatternList, verifyCommit } from '../../libraries/ssh-signatures/index.ts';
import { signersTime } from './key-period.ts';
import { type CertificateAuthority, folded, type People, type Person } from './people.ts';
import { readSshKey } from './ssh-key.ts';

export interface SignerQuestion {
  /** The bytes of a commit object. */
  readonly object: Uint8Array;
  /** Who is said to have signed it. */
  readonly email: string;
  /** When the key must be valid, in milliseconds since 1970: never the signer's own clock. */
  readonly at: number;
}

/** Who signed, or in a few words why that is not shown: `the key is revoked`. */
export type CommitSigner = { readonly person: Person } | { readonly problem: string };

/**
 * Verifies the signature of a commit against the keys that teams list: it is good where a key of the very person to
 * whom the e-mail address belongs made it in the namespace `git`, or a key that an authority of one of their teams
 * certified for that address. Never throws for what is in the object.
 */
export function commitSigner({ object, email, at }: SignerQuestion, people: People): CommitSigner {
  const person = people.byEmail(email);
  const address = person?.emails.find((own) => folded(own) === folded(email));
  if (person === undefined || address === undefined) {
    return { problem: 'no member of a team has this e-mail address' };
  }
  const { verdict, reason } = verifyCommit({
    object,
    allowedSigners: allowedSigners(person, address, people),
    revoked: revokedKeys(people),
    principal: address,
    at: Math.floor(at / 1000),
  });
  return verdict === 'good' ? { person } : { problem: reason };
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

/** Whether an entry of revokedKeys means an SSH key; the others are fingerprints of OpenPGP keys. */
export function isSshRevocation(key: string): boolean {
  return /^(SHA256:|ssh-|ecdsa-|sk-)/.test(key.trim());
}
