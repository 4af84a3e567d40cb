import type { Finding, Resource } from '../../core/plugin.ts';
import type { TeamSpec } from '../../schemas/generated/team.ts';
import { folded, foldedAccount, saysWho } from './people.ts';
import { readOpenPgpKey } from './signers-openpgp.ts';
import { readSshKey } from './ssh-key.ts';

/** Something that shows who somebody is, and that one person alone may have. */
interface Identity {
  readonly member: string;
  /** For comparing: `email ada@example.com`. */
  readonly key: string;
  /** For people: `the e-mail address ada@example.com`. A key is named by its fingerprint. */
  readonly words: string;
  readonly pointer: string;
}

/** All that the members of a team show themselves by. Their names too: a person is described once in a registry. */
export function memberIdentities(spec: TeamSpec): readonly Identity[] {
  const known = identities.get(spec);
  if (known !== undefined) return known;
  const found = spec.members.flatMap((member, index) => {
    const at = `/spec/members/${index}`;
    const own: Omit<Identity, 'member'>[] = [];
    own.push({ key: `name ${folded(member.name)}`, words: `the name ${member.name}`, pointer: `${at}/name` });
    for (const [index, email] of (member.emails ?? []).entries()) {
      const words = `the e-mail address ${email}`;
      own.push({ key: `email ${folded(email)}`, words, pointer: `${at}/emails/${index}` });
    }
    for (const [forge, account = ''] of Object.entries(member.accounts ?? {})) {
      const words = `the ${forge} account ${account}`;
      own.push({
        key: `account ${foldedAccount(forge, account)}`,
        words,
        pointer: `${at}/accounts/${forge}`,
      });
    }
    for (const [index, key] of (member.signingKeys ?? []).entries()) {
      const pointer = `${at}/signingKeys/${index}`;
      const read = 'ssh' in key ? readSshKey(key.ssh) : readOpenPgpKey(key.openpgp);
      if ('code' in read) continue;
      const { fingerprint } = read;
      own.push({ key: `key ${fingerprint}`, words: `the key ${fingerprint}`, pointer });
    }
    return own.map((identity) => ({ ...identity, member: member.name }));
  });
  identities.set(spec, found);
  return found;
}

/** Frozen specs are looked at once, however many teams compare themselves with them. */
const identities = new WeakMap<TeamSpec, readonly Identity[]>();

/** What two people of the registry show themselves by, told at both places. */
export function sharedIdentities(
  own: readonly Identity[],
  others: readonly Resource<TeamSpec>[],
): readonly Finding[] {
  const findings: Finding[] = [];
  const first = new Map<string, Identity>();
  for (const identity of own) {
    const before = first.get(identity.key);
    if (before === undefined) first.set(identity.key, identity);
    else if (before.key.startsWith('name ')) findings.push(listedTwice(identity));
    else if (before.member !== identity.member) findings.push(shared(identity, before.member, 'this team'));
  }
  for (const { metadata, spec } of others) {
    const described = new Set(spec.members.filter(saysWho).map(({ name }) => folded(name)));
    for (const theirs of memberIdentities(spec)) {
      const identity = first.get(theirs.key);
      if (identity === undefined) continue;
      if (!theirs.key.startsWith('name ')) {
        if (theirs.member !== identity.member) {
          findings.push(shared(identity, theirs.member, `team ${metadata.name}`));
        }
      } else if (theirs.member !== identity.member) {
        findings.push(otherLetters(identity, theirs.member, metadata.name));
      } else if (described.has(folded(theirs.member)) && own.some((one) => isDetail(one, identity))) {
        findings.push(describedTwice(identity, metadata.name));
      }
    }
  }
  return findings;
}

function isDetail(one: Identity, identity: Identity): boolean {
  return one.member === identity.member && one !== identity;
}

function shared({ words, member, pointer }: Identity, other: string, where: string): Finding {
  return {
    code: 'SharedIdentity',
    pointer,
    message: `${words} belongs to ${member} here and to ${other} in ${where}: nobody could tell whose review it is`,
    hint: 'Leave it with one of them. Who has it may count as one person only.',
  };
}

function listedTwice({ member, pointer }: Identity): Finding {
  return {
    code: 'MemberTwice',
    pointer,
    message: `${member} stands twice in this team`,
    hint: 'Write one entry with all e-mail addresses, accounts and keys; another person needs another name.',
  };
}

function otherLetters({ member, pointer }: Identity, other: string, team: string): Finding {
  return {
    code: 'MemberTwice',
    pointer,
    message: `${member} is written ${other} in team ${team}, and they cannot be told apart`,
    hint: 'Write the name of one person the same way everywhere; another person needs another name.',
  };
}

function describedTwice({ member, pointer }: Identity, team: string): Finding {
  return {
    code: 'MemberTwice',
    pointer,
    message: `${member} is described here and in team ${team}`,
    hint: 'Describe a person in one team; in the others write the name alone.',
  };
}
