import { KeyringError, parseKeyring, verifyCommit } from '../../libraries/git-signatures/openpgp/index.ts';
import { signersTime } from './key-period.ts';
import type { People, Person } from './people.ts';
import type { Signer } from './signers.ts';
import type { KeyProblem } from './ssh-key.ts';

/** An OpenPGP public key as teams list them. */
export interface OpenPgpKey {
  /** Of the primary key, in upper-case hexadecimal. */
  readonly fingerprint: string;
  readonly keyring: ReturnType<typeof parseKeyring>;
}

/** Reads the armor of one public key. Whether it may sign shows when it has signed something. */
export function readOpenPgpKey(text: string): OpenPgpKey | KeyProblem {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const read = readNew(text);
  if (kept.size === maxKept) kept.clear();
  kept.set(text, read);
  return read;
}

/** Teams are asked again and again about the same keys. */
const kept = new Map<string, OpenPgpKey | KeyProblem>();
const maxKept = 1000;

function readNew(text: string): OpenPgpKey | KeyProblem {
  try {
    const keyring = parseKeyring(text);
    const [key, ...others] = keyring.keys;
    if (key === undefined) return malformed('there is no armored block');
    if (others.length > 0) return malformed('it holds several keys, and each needs an entry of its own');
    return { fingerprint: key.fingerprint, keyring };
  } catch (thrown) {
    if (!(thrown instanceof KeyringError)) throw thrown;
    return malformed(thrown.message);
  }
}

function malformed(problem: string): KeyProblem {
  return { code: 'MalformedKey', message: `this is no OpenPGP public key: ${problem}` };
}

/**
 * Who signed a commit with OpenPGP: the person, if one of their keys did that counts at the time (milliseconds since
 * 1970). What the key itself says about addresses does not matter: the team says whose it is.
 */
export function openPgpSigner(object: Uint8Array, person: Person, people: People, at: number): Signer {
  const revoked = revokedFingerprints(people);
  let answer: Signer = { verdict: 'stranger', problem: `no key of ${person.name} made the signature` };
  for (const listed of person.keys) {
    if (!('openpgp' in listed)) continue;
    const key = readOpenPgpKey(listed.openpgp);
    if ('code' in key) continue;
    const { keyring } = key;
    const { verdict, reason, fingerprint, primaryFingerprint } = verifyCommit({
      object,
      keyring,
      at: Math.floor(at / 1000),
    });
    const named = fingerprint === undefined ? {} : { fingerprint };
    // Not this key: another one may know it.
    if (verdict === 'untrusted' && primaryFingerprint === undefined) {
      answer = { ...answer, ...named };
      continue;
    }
    if (verdict !== 'good') {
      return { verdict: verdict === 'untrusted' ? 'stranger' : verdict, problem: reason, ...named };
    }
    if ([fingerprint, primaryFingerprint].some((print) => print !== undefined && revoked.has(print))) {
      return { verdict: 'revoked', problem: 'a team lists the key as revoked', ...named };
    }
    const outside = whyOutside(listed, at);
    if (outside !== undefined) return { verdict: 'expired', problem: outside, ...named };
    return { person, fingerprint: fingerprint ?? key.fingerprint };
  }
  return answer;
}

/** Keys that any team revokes count nowhere: primary keys and subkeys. */
function revokedFingerprints(people: People): ReadonlySet<string> {
  const prints = new Set<string>();
  for (const { spec } of people.teams.values()) {
    for (const key of spec.revokedKeys ?? []) prints.add(key.trim().toUpperCase());
  }
  return prints;
}

/** A time that is on no calendar lets the key count never. */
function whyOutside(
  { validAfter, validBefore }: { readonly validAfter?: string; readonly validBefore?: string },
  at: number,
): string | undefined {
  const now = `${new Date(at).toISOString().replaceAll(/[-:TZ]|\.\d+/g, '')}Z`;
  if (validAfter !== undefined && now < (signersTime(validAfter) ?? '9')) {
    return `the key counts from ${validAfter} on`;
  }
  if (validBefore !== undefined && now > (signersTime(validBefore) ?? '0')) {
    return `the key counted until ${validBefore}`;
  }
  return undefined;
}
