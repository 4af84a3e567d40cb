import { defineKind, type Finding, type Related } from '../../core/plugin.ts';
import { type TeamSpec, teamSchema } from '../../schemas/generated/team.ts';
import { saysWho } from './people.ts';
import { memberIdentities, sharedIdentities } from './shared-identity.ts';
import { holdsPrivateKey } from './ssh-key.ts';
import { keyFindings, revocationFindings } from './team-keys.ts';

const everyTeam = 'Team/*';

/** People who may approve, with what shows that a review is theirs. */
export const teamKind = defineKind<TeamSpec>({
  kind: 'Team',
  plural: 'teams',
  description: 'People who may approve, with what shows that a review is theirs.',
  schema: teamSchema,
  path: 'teams/{name}.yaml',
  columns: [{ title: 'Description', pointer: '/spec/description' }],
  validationVersion: '1',

  references() {
    return [{ to: everyTeam, pointer: '/spec', optional: true, wakes: false }];
  },

  validate({ ref, spec }, related) {
    const leaked = privateKeys(spec);
    // Whatever else is wrong can wait: the other findings would lead eyes and tools to the key.
    if (leaked.length > 0) return leaked;
    const others = related.matching<TeamSpec>(everyTeam).filter((team) => team.ref !== ref);
    return [
      ...memberFindings(spec, related),
      ...keyFindings(spec),
      ...revocationFindings(spec),
      ...sharedIdentities(memberIdentities(spec), others),
    ];
  },
});

function privateKeys(spec: TeamSpec): readonly Finding[] {
  const texts: [pointer: string, text: string][] = [];
  for (const [index, member] of spec.members.entries()) {
    for (const [at, key] of (member.signingKeys ?? []).entries()) {
      texts.push([`/spec/members/${index}/signingKeys/${at}`, 'ssh' in key ? key.ssh : key.openpgp]);
    }
  }
  for (const [at, { ssh }] of (spec.certificateAuthorities ?? []).entries()) {
    texts.push([`/spec/certificateAuthorities/${at}`, ssh]);
  }
  for (const [at, key] of (spec.revokedKeys ?? []).entries()) texts.push([`/spec/revokedKeys/${at}`, key]);
  return texts
    .filter(([, text]) => holdsPrivateKey(text))
    .map(([pointer]) => ({
      code: 'PrivateKey',
      pointer,
      message: 'A PRIVATE KEY STANDS HERE: who can read the repository can now sign with it',
      hint: 'Make a new pair (ssh-keygen -t ed25519), list its public half (the .pub file), and stop using this one everywhere: deleting the line leaves it in the history.',
    }));
}

function memberFindings(spec: TeamSpec, related: Related): readonly Finding[] {
  const findings: Finding[] = [];
  const known = new Set<string>();
  for (const team of related.matching<TeamSpec>(everyTeam)) {
    for (const member of team.spec.members) if (saysWho(member)) known.add(member.name);
  }
  for (const [index, member] of spec.members.entries()) {
    const pointer = `/spec/members/${index}/name`;
    if (!saysWho(member) && !known.has(member.name)) {
      findings.push({
        code: 'UnknownMember',
        pointer,
        message: `nothing says who ${member.name} is: neither this team nor another has an e-mail address, an account or a key`,
        hint: 'Add emails, accounts or signingKeys here, or write the name as the team does that describes the person.',
      });
    }
    if (member.signingKeys !== undefined && member.emails === undefined) {
      findings.push({
        code: 'KeyWithoutEmail',
        pointer: `/spec/members/${index}/signingKeys`,
        message: `${member.name} has keys and no e-mail address, and signed reviews name their maker by address`,
        hint: 'Add emails: those that stand in the commits that are signed with these keys.',
      });
    }
  }
  if (spec.members.every(({ machine }) => machine === true)) {
    findings.push({
      code: 'NobodyToApprove',
      pointer: '/spec/members',
      severity: 'warning',
      message: 'all members of this team are programs, whose reviews never count',
      hint: 'Add a person, or ask for no approvals of this team.',
    });
  }
  return findings;
}
