import type { Finding } from '../../core/plugin.ts';
import { matchesPatternList } from '../../libraries/git-signatures/ssh/index.ts';
import type { TeamSpec } from '../../schemas/generated/team.ts';
import { signersTime, type WrittenPeriod } from './key-period.ts';
import { folded } from './people.ts';
import { isSshRevocation } from './signers.ts';
import { readOpenPgpKey } from './signers-openpgp.ts';
import { readSshKey } from './ssh-key.ts';

/** What is wrong with the keys of the members and the authorities of a team. Never repeats a key. */
export function keyFindings(spec: TeamSpec): readonly Finding[] {
  const findings: Finding[] = [];
  const check = (
    key: WrittenPeriod & { ssh?: string; openpgp?: string; principals?: string[] },
    at: string,
    emails: readonly string[],
  ) => {
    findings.push(...textFindings(key, at), ...periodFindings(key, at));
    if (key.principals === undefined || emails.length === 0) return;
    const patterns = key.principals.map(folded);
    if (emails.some((email) => matchesPatternList(folded(email), patterns))) return;
    findings.push({
      code: 'UselessKey',
      pointer: `${at}/principals`,
      message: 'none of the e-mail addresses that it could sign for fits these principals',
      hint: 'Leave principals out: by default it signs for all addresses of its member.',
    });
  };
  for (const [index, { emails = [], signingKeys = [] }] of spec.members.entries()) {
    for (const [at, key] of signingKeys.entries()) {
      check(key, `/spec/members/${index}/signingKeys/${at}`, emails);
    }
  }
  for (const [at, authority] of (spec.certificateAuthorities ?? []).entries()) {
    // Members that another team describes have addresses too, which are not seen from here.
    check(authority, `/spec/certificateAuthorities/${at}`, []);
  }
  return findings;
}

/** What is wrong with the list of revoked keys. */
export function revocationFindings(spec: TeamSpec): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [index, text] of (spec.revokedKeys ?? []).entries()) {
    const pointer = `/spec/revokedKeys/${index}`;
    if (/^(SHA256:[A-Za-z0-9+/]{43}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/.test(text.trim())) continue;
    const key = isSshRevocation(text) ? readSshKey(text) : undefined;
    if (key !== undefined && (!('code' in key) || key.code === 'UnsupportedKey')) continue;
    findings.push({
      code: 'MalformedKey',
      pointer,
      message: 'this is neither a public key nor a fingerprint, so that nothing would be revoked',
      hint: 'Write the public key, SHA256:… as `ssh-keygen -l` prints it, or the 40 or 64 digits of an OpenPGP fingerprint.',
    });
  }
  return findings;
}

function textFindings(key: { ssh?: string; openpgp?: string }, at: string): readonly Finding[] {
  if (key.openpgp !== undefined) {
    const read = readOpenPgpKey(key.openpgp);
    if (!('code' in read)) return [];
    const hint = 'Paste what `gpg --armor --export ADDRESS` prints, as a block (`openpgp: |`).';
    return [{ ...read, pointer: `${at}/openpgp`, hint }];
  }
  const read = readSshKey(key.ssh ?? '');
  if (!('code' in read)) return [];
  return [
    {
      ...read,
      pointer: `${at}/ssh`,
      hint: 'Paste the line of the .pub file, such as ~/.ssh/id_ed25519.pub; options stand in fields beside it.',
    },
  ];
}

function periodFindings(key: WrittenPeriod, at: string): readonly Finding[] {
  const findings: Finding[] = [];
  for (const field of ['validAfter', 'validBefore'] as const) {
    const text = key[field];
    if (text === undefined || signersTime(text) !== undefined) continue;
    findings.push({
      code: 'InvalidPeriod',
      pointer: `${at}/${field}`,
      message: 'there is no such day or time',
      hint: 'Write 2026-01-31 or 2026-01-31T12:00:00Z, after 1970.',
    });
  }
  const [from, until] = [signersTime(key.validAfter ?? ''), signersTime(key.validBefore ?? '')];
  if (from !== undefined && until !== undefined && until <= from) {
    findings.push({
      code: 'InvalidPeriod',
      pointer: `${at}/validBefore`,
      message: 'the key would end before it begins to count',
      hint: 'Let validBefore be later than validAfter.',
    });
  }
  return findings;
}
