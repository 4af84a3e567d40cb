import type { Actor } from '../../core/capabilities/forge.ts';
import type { Resource } from '../../core/plugin.ts';
import type { TeamSpec } from '../../schemas/generated/team.ts';

export type Member = TeamSpec['members'][number];
export type SigningKey = NonNullable<Member['signingKeys']>[number];
export type CertificateAuthority = NonNullable<TeamSpec['certificateAuthorities']>[number];

/** Somebody whom teams name: one person however many teams they are in. */
export interface Person {
  readonly name: string;
  /** As written; compare with `People.byEmail`. */
  readonly emails: readonly string[];
  /** By the name of the forge's provider: `github` → `ada`. */
  readonly accounts: ReadonlyMap<string, string>;
  readonly keys: readonly SigningKey[];
  /** A program: it may author, its reviews never count. */
  readonly machine: boolean;
  /** Names of teams, sorted. */
  readonly teams: readonly string[];
}

/** Whether a member says who somebody is, and does not only name a member of another team. */
export function saysWho({ name: _, ...details }: Member): boolean {
  return Object.keys(details).length > 0;
}

/** How names, e-mail addresses and accounts are compared: case and look-alike forms of a letter do not count. */
export function folded(text: string): string {
  return text.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

/** How the account of a forge is compared. */
export function foldedAccount(forge: string, account: string): string {
  return `${forge}:${folded(account).replace(/^@/, '')}`;
}

/**
 * The people of a registry, from the teams of one commit. What two people claim belongs to nobody: valid teams have no
 * such thing, and a mistake must not let anybody in.
 */
export class People {
  readonly all: readonly Person[];
  readonly teams: ReadonlyMap<string, Resource<TeamSpec>>;
  readonly #byName = new Map<string, Person>();
  readonly #byEmail = new Map<string, Person | null>();
  readonly #byAccount = new Map<string, Person | null>();

  constructor(teams: Iterable<Resource<TeamSpec>>) {
    this.teams = new Map([...teams].map((team) => [team.metadata.name, team]));
    this.all = gather(this.teams);
    for (const person of this.all) {
      this.#byName.set(folded(person.name), person);
      for (const email of person.emails) claim(this.#byEmail, folded(email), person);
      for (const [forge, account] of person.accounts) {
        claim(this.#byAccount, foldedAccount(forge, account), person);
      }
    }
  }

  byName(name: string): Person | undefined {
    return this.#byName.get(folded(name));
  }

  byEmail(email: string): Person | undefined {
    return this.#byEmail.get(folded(email)) ?? undefined;
  }

  byAccount(forge: string, account: string): Person | undefined {
    return this.#byAccount.get(foldedAccount(forge, account)) ?? undefined;
  }

  /** The members of a team, without programs, in the order of their names. */
  team(name: string): readonly Person[] {
    return this.all.filter(({ teams, machine }) => !machine && teams.includes(name));
  }

  /**
   * Everybody whom an actor seems to be, by account, e-mail address or name. Nothing is proven: this is for keeping
   * authors from approving, never for letting somebody do something.
   */
  seeming(actor: Actor, forge: string): readonly Person[] {
    const { name, email, account } = actor;
    const found = new Set<Person | undefined>([this.byName(name)]);
    if (email !== undefined) found.add(this.byEmail(email));
    if (account !== undefined) found.add(this.byAccount(forge, account));
    found.delete(undefined);
    return [...found] as Person[];
  }
}

/** The people of the teams among these resources. */
export function peopleOf(resources: Iterable<Resource>): People {
  const teams: Resource<TeamSpec>[] = [];
  for (const resource of resources) if (resource.kind === 'Team') teams.push(resource as Resource<TeamSpec>);
  return new People(teams);
}

function gather(teams: ReadonlyMap<string, Resource<TeamSpec>>): readonly Person[] {
  const names = new Map<string, { member: Member; teams: Set<string> }>();
  for (const [team, { spec }] of [...teams].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const member of spec.members) {
      const key = folded(member.name);
      const known = names.get(key) ?? { member, teams: new Set() };
      known.teams.add(team);
      names.set(key, !saysWho(known.member) && saysWho(member) ? { ...known, member } : known);
    }
  }
  const people = [...names.values()].map(({ member, teams: own }) => ({
    name: member.name,
    emails: member.emails ?? [],
    accounts: new Map(Object.entries(member.accounts ?? {}).map(([forge, account = '']) => [forge, account])),
    keys: member.signingKeys ?? [],
    machine: member.machine ?? false,
    teams: [...own].sort(),
  }));
  return people.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function claim(index: Map<string, Person | null>, key: string, person: Person): void {
  const known = index.get(key);
  index.set(key, known === undefined || known === person ? person : null);
}
