import { matches } from './reference-name.ts';
import type { Repository } from './repository.ts';

/** What patterns name in a repository, with the commits: full names (`refs/pull/7/head`) and folders (`refs/proposals/*`). */
export async function referencesMatching(
  repository: Repository,
  patterns: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const pattern of patterns) {
    for (const [name, commit] of await repository.references(pattern.replace(/\*$/, '')))
      if (matches(pattern, name)) found.set(name, commit);
  }
  return found;
}
