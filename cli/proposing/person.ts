import type { Actor, Sign } from '../../core/capabilities/forge.ts';
import { readPerson } from '../../libraries/git/person.ts';
import { readPersonalConfig } from '../../libraries/git/personal-config.ts';
import { findSigningKey } from '../../libraries/git/signing-key.ts';
import type { Terminal } from '../terminal.ts';

/** Who sits at the terminal, as git knows them. */
export interface Person {
  readonly by: Actor & { readonly email: string };
  /** Signs as `git commit -S` would; absent where no key is configured. */
  readonly sign?: Sign;
}

/**
 * The person's name, address and signing key, from git's own configuration and environment. Throws `NoSigningKey` where a
 * signature is needed and no key is configured, and what is wrong with a key that is.
 */
export async function personOf(root: string, terminal: Terminal, mustSign: boolean): Promise<Person> {
  const options = { folder: root, environment: terminal.environment };
  const { author: by } = await readPerson(options);
  // Without a key of their own, GnuPG would look for one of that name: only where a signature is a must.
  const isConfigured = Boolean((await readPersonalConfig(options)).get('user.signingkey'));
  if (!isConfigured && !mustSign) return { by };
  const { sign } = await findSigningKey({ ...options, tell: (text) => terminal.err(text) });
  return { by, sign };
}
