import { identityMissing } from './errors.ts';
import { type Config, type PersonalOptions, readPersonalConfig } from './personal-config.ts';
import type { Identity } from './repository.ts';

/** Who makes a commit, as Git would have it. */
export interface PersonAtWork {
  readonly author: Identity;
  readonly committer: Identity;
}

/**
 * The person at this machine: `GIT_AUTHOR_NAME` and the like, `author.*` and `committer.*`, `user.name` and `user.email`,
 * `EMAIL`, in this order. Never a guess from the names of the account and the machine. Throws `IdentityMissing`.
 */
export async function readPerson(options: PersonalOptions): Promise<PersonAtWork> {
  return personOf(await readPersonalConfig(options), options.environment ?? process.env);
}

/** The same, from settings that were read. */
export function personOf(config: Config, environment: NodeJS.ProcessEnv): PersonAtWork {
  const identity = (role: 'author' | 'committer'): Identity => {
    const prefix = `GIT_${role.toUpperCase()}`;
    const name = first(environment[`${prefix}_NAME`], config.get(`${role}.name`), config.get('user.name'));
    const email = first(
      environment[`${prefix}_EMAIL`],
      config.get(`${role}.email`),
      config.get('user.email'),
      environment.EMAIL,
    );
    if (name === undefined) throw identityMissing('name');
    if (email === undefined) throw identityMissing('email');
    return { name, email };
  };
  return { author: identity('author'), committer: identity('committer') };
}

/** The first that says something, without what Git takes off the ends. */
function first(...candidates: readonly (string | undefined)[]): string | undefined {
  for (const candidate of candidates) {
    const clean = candidate?.replace(/[<>\n]/g, '').replace(/^[\s.,:;"\\']+|[\s.,:;"\\']+$/g, '');
    if (clean) return clean;
  }
  return undefined;
}
