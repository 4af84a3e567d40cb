import type { Actor, Proposal } from '../../core/capabilities/forge.ts';
import { provenPerson } from './approvals.ts';
import type { People, Person } from './people.ts';

/**
 * The one person of whom it is proven that all of a proposal is theirs: they opened it and made every push, and no commit
 * names anybody else. Expressions may rely on it, so that a doubt is nobody.
 */
export function provenAuthor(
  proposal: Pick<Proposal, 'author' | 'pushes'>,
  actors: readonly Actor[],
  { people, forge, at }: { people: People; forge: string; at: number },
): Person | undefined {
  const { author, pushes } = proposal;
  const opened = author.account === undefined ? undefined : { by: author, proof: { type: 'forge' } as const };
  const claims = [...(opened === undefined ? [] : [opened]), ...pushes];
  if (claims.length === 0) return undefined;
  const proven = claims.map(({ by, proof }) => provenPerson(by, proof, { people, forge, at }));
  const [first] = proven;
  if (first === undefined || !('person' in first)) return undefined;
  const { person } = first;
  if (!proven.every((one) => 'person' in one && one.person === person)) return undefined;
  const isAllTheirs = actors.every((actor) => {
    // Forges commit under a name of their own what is made on their pages.
    if (actor.email === 'noreply@github.com') return true;
    const seeming = people.seeming(actor, forge);
    return seeming.length === 1 && seeming[0] === person;
  });
  return isAllTheirs ? person : undefined;
}
