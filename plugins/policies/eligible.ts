import type { PolicySpec } from '../../schemas/generated/policy.ts';
import type { People, Person } from './people.ts';

export type Whom = NonNullable<NonNullable<PolicySpec['rules'][number]['approvals']>['from']>;

/** Who is meant by teams and names, and how to call them: `team risk`, `team risk or Ada`, `somebody whom a team names`. */
export interface Eligible {
  /** Without programs, in the order of their names. */
  readonly people: readonly Person[];
  readonly words: string;
}

/** Everybody whom teams name, where nobody is named. */
export function eligible(whom: Whom | undefined, people: People): Eligible {
  const everybody = people.all.filter(({ machine }) => !machine);
  if (whom === undefined) return { people: everybody, words: 'anybody whom a team names' };
  const teams = whom.teams ?? [];
  const named = new Set((whom.people ?? []).map((name) => people.byName(name)));
  const meant = everybody.filter(
    (person) => named.has(person) || person.teams.some((team) => teams.includes(team)),
  );
  const words = [
    ...(teams.length > 0 ? [`${teams.length === 1 ? 'team' : 'teams'} ${teams.join(' or ')}`] : []),
    ...(whom.people ?? []),
  ];
  return { people: meant, words: words.join(' or ') };
}
