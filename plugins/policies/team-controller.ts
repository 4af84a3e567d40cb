import { type Controller, ready } from '../../core/plugin.ts';
import type { TeamSpec } from '../../schemas/generated/team.ts';

/** There is nothing to make of a team: its status says how many there are to ask. */
export function teamController(): Controller<TeamSpec> {
  return {
    async reconcile({ resource }) {
      const people = resource.spec.members.filter(({ machine }) => machine !== true).length;
      const programs = resource.spec.members.length - people;
      const words = `${people} ${people === 1 ? 'person' : 'people'}`;
      return ready('Listed', programs > 0 ? `${words} and ${programs} programs` : words, {
        facts: { people, programs },
      });
    },
  };
}
