import type { AllowedSigner, AllowedSigners } from './allowed-signers.ts';
import { matchesPattern, matchesPatternList } from './pattern-list.ts';
import type { PublicKey } from './public-key.ts';

export interface Authorization {
  readonly verdict: 'good' | 'untrusted' | 'expired';
  readonly principals: readonly string[];
  readonly reason: string;
}

interface Question {
  readonly key: PublicKey;
  readonly namespace: string;
  /** Seconds since 1970. */
  readonly at: number;
}

/** Why a line does not let a key sign. The higher `came`, the closer it was; the closest is what a person wants to read. */
interface Obstacle {
  readonly came: number;
  readonly verdict: 'untrusted' | 'expired';
  readonly reason: string;
}

/**
 * Who may sign with this key, by the allowed signers. With `principal`: whether that one may, as `ssh-keygen -Y verify`
 * answers. Without: as Git asks, which takes the names of the first line that holds the key at that time, whatever its
 * namespaces, and then wants a line that lets one of them sign.
 */
export function authorize(signers: AllowedSigners, question: Question, principal?: string): Authorization {
  const lines = signers.signers.filter((line) => holdsKey(line, question.key));
  if (lines.length === 0) {
    const reason = question.key.certificate
      ? 'no allowed signer is an authority that signed this certificate'
      : 'no allowed signer has this key';
    return { verdict: 'untrusted', principals: [], reason };
  }
  const names = principal === undefined ? namesFor(lines, question) : [principal];
  const principals = names.filter((name) =>
    lines.some((line) => obstacle(line, name, question) === undefined),
  );
  if (principals.length > 0) {
    return { verdict: 'good', principals, reason: `signed by ${principals.join(', ')}` };
  }
  const { verdict, reason } = closest(lines, names, question);
  return { verdict, principals: [], reason };
}

/** An authority's line holds what it certified; another line holds the very key, with or without a certificate. */
function holdsKey(line: AllowedSigner, key: PublicKey): boolean {
  if (line.listed.key === undefined) return false;
  const held = line.isAuthority ? key.certificate?.authority.blob : key.blob;
  return held?.equals(line.listed.blob) ?? false;
}

function namesFor(lines: readonly AllowedSigner[], question: Question): string[] {
  const first = lines.find(
    (line) => timeObstacle(line, question) === undefined && namesOf(line, question.key).length > 0,
  );
  const asked = first === undefined ? lines : [first];
  return [...new Set(asked.flatMap((line) => namesOf(line, question.key)))];
}

/** The names that a line stands for: a certificate's own that a pattern takes, or else the patterns themselves. */
function namesOf(line: AllowedSigner, key: PublicKey): string[] {
  const patterns = line.principals.filter((pattern) => !pattern.startsWith('!'));
  if (!line.isAuthority || key.certificate === undefined) return patterns;
  return key.certificate.principals.filter(
    (name) => isPlainName(name) && patterns.some((pattern) => matchesPattern(name, pattern)),
  );
}

/** Git cannot tell a name with a comma or a line break from two names. */
function isPlainName(name: string): boolean {
  return /^[^,\r\n]+$/.test(name);
}

function obstacle(line: AllowedSigner, name: string, question: Question): Obstacle | undefined {
  const { key, namespace } = question;
  if (!matchesPatternList(name, line.principals)) {
    return { came: 1, verdict: 'untrusted', reason: `line ${line.line} is not for this principal` };
  }
  if (line.isAuthority && key.certificate?.principals.includes(name) !== true) {
    return { came: 2, verdict: 'untrusted', reason: 'the certificate does not name this principal' };
  }
  if (line.namespaces !== undefined && !matchesPatternList(namespace, line.namespaces)) {
    const reason = `line ${line.line} does not allow the key to sign in the namespace '${namespace}'`;
    return { came: 3, verdict: 'untrusted', reason };
  }
  return timeObstacle(line, question);
}

function timeObstacle(line: AllowedSigner, { key, at }: Question): Obstacle | undefined {
  if (line.validAfter !== undefined && at < line.validAfter) {
    return expired(
      `line ${line.line} makes the key valid from ${iso(line.validAfter)}, and this is ${iso(at)}`,
    );
  }
  if (line.validBefore !== undefined && at > line.validBefore) {
    return expired(
      `line ${line.line} makes the key valid until ${iso(line.validBefore)}, and this is ${iso(at)}`,
    );
  }
  if (key.certificate === undefined) return undefined;
  const { validAfter, validBefore } = key.certificate;
  if (BigInt(at) < validAfter) {
    return expired(`the certificate is valid from ${iso(Number(validAfter))}, and this is ${iso(at)}`);
  }
  if (BigInt(at) >= validBefore) {
    return expired(`the certificate was valid until ${iso(Number(validBefore))}, and this is ${iso(at)}`);
  }
  return undefined;
}

function expired(reason: string): Obstacle {
  return { came: 4, verdict: 'expired', reason };
}

function closest(lines: readonly AllowedSigner[], names: readonly string[], question: Question): Obstacle {
  let best: Obstacle = {
    came: 0,
    verdict: 'untrusted',
    reason: 'no name of the certificate is one that its authority may certify',
  };
  for (const line of lines) {
    for (const name of names) {
      const found = obstacle(line, name, question);
      if (found !== undefined && found.came > best.came) best = found;
    }
  }
  return best;
}

/** Dates that a calendar cannot hold are told in seconds. */
function iso(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString().replace('.000Z', 'Z');
}
