import type { Review } from '../../../core/capabilities/forge.ts';
import type { Finding, Resource } from '../../../core/plugin.ts';
import { type Member, People } from '../../../plugins/policies/people.ts';
import { teamKind } from '../../../plugins/policies/team.ts';
import type { TeamSpec } from '../../../schemas/generated/team.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';
import { type Key, type Workshop, withSignature } from '../../libraries/git-signatures/ssh/workshop.ts';

/** A team of these members. */
export function team(name: string, members: Member[], more: Partial<TeamSpec> = {}): Resource<TeamSpec> {
  return manifestOf(teamKind, { name }, { members, ...more });
}

export function peopleIn(...teams: Resource<TeamSpec>[]): People {
  return new People(teams);
}

/** What is wrong with a team among others. */
export function teamFindings(
  resource: Resource<TeamSpec>,
  others: readonly Resource[] = [],
): readonly Finding[] {
  return teamKind.validate?.(resource, relatedTo(teamKind, resource, [resource, ...others])) ?? [];
}

export interface EventWishes {
  readonly name: string;
  readonly email: string;
  readonly message?: string;
  /** Seconds since 1970. */
  readonly time?: number;
}

/** The bytes of a commit that says something, signed by ssh-keygen as Git would have it signed. */
export function signedEvent(
  workshop: Workshop,
  key: Key,
  wishes: EventWishes,
  namespace = 'git',
): Uint8Array {
  const { name, email, message = 'approve\n', time = 1_770_000_000 } = wishes;
  const who = `${name} <${email}> ${time} +0000`;
  const payload = Buffer.from(
    `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor ${who}\ncommitter ${who}\n\n${message}`,
  );
  return withSignature(payload, workshop.sign(key, payload, namespace));
}

/** An approval of `head`, by an account of a forge. */
export function approvalBy(account: string, head: string, more: Partial<Review> = {}): Review {
  return {
    by: { name: account, account },
    verdict: 'approve',
    head,
    at: '2026-02-02T02:00:00Z',
    body: '',
    proof: { type: 'forge' },
    ...more,
  };
}
