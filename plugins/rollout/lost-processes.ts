import { formatDuration } from '../../libraries/duration/index.ts';
import type { Observation } from './strategy.ts';
import type { Walk } from './walk-state.ts';

/** One process may end for a reason of its own: the machine's, or somebody's who killed it. */
const tooMany = 2;

/** Those that lie further apart have nothing to do with each other. */
const withinMs = 3_600_000;

/**
 * Why a version on trial is given up: inference processes died that held it, and go on dying while it is there. Undefined while
 * they do not. What has answered before is never held for the cause. Pure.
 */
export function tooManyLost(
  { version, startedAt }: Pick<Walk, 'version' | 'startedAt'>,
  { losses, now }: Pick<Observation, 'losses' | 'now'>,
): string | undefined {
  // A clock that was set back says nothing of when the walk began.
  const since = startedAt > now ? now - withinMs : Math.max(startedAt, now - withinMs);
  const counted = (losses[version] ?? []).filter(({ at }) => at >= since);
  if (counted.length < tooMany) return undefined;
  const last = counted.at(-1)?.message;
  return `${counted.length} inference processes ended within ${formatDuration(withinMs)} while they held ${version}; the last: ${last}`;
}
