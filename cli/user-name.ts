import { readPerson } from '../libraries/git/person.ts';
import type { Terminal } from './terminal.ts';

/** As much as the API takes. */
const longest = 254;

/**
 * Who sits at the terminal, for the journal: as their commits here name them (`Ada <ada@example.org>`). Where Git knows nobody,
 * as the machine calls them: what they say must not have to wait until Git is set up, when a rollout goes wrong.
 */
export async function userName({
  environment,
  folder,
}: Pick<Terminal, 'environment' | 'folder'>): Promise<string> {
  try {
    const { author } = await readPerson({ folder, environment });
    const named = `${author.name} <${author.email}>`;
    if (named.length <= longest) return named;
  } catch {
    // Whatever is wrong with Git's settings is told by what needs them.
  }
  return environment.USER || environment.LOGNAME || 'someone at the command line';
}
