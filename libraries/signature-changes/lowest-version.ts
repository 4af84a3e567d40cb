import { parse } from 'semver';
import type { Bump } from './changes.ts';

/**
 * The lowest version that may follow `previous` with such a change. Before 1.0.0 the minor counts the breaking changes
 * and additions ask for nothing, as package managers read it. `undefined`: any higher version will do.
 */
export function lowestVersion(previous: string, bump: Bump): string | undefined {
  const version = parse(previous);
  if (version === null) return undefined;
  const { major, minor } = version;
  if (major === 0) return bump === 'major' ? `0.${minor + 1}.0` : undefined;
  return bump === 'major' ? `${major + 1}.0.0` : `${major}.${minor + 1}.0`;
}
