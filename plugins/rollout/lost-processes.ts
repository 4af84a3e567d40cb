import type { ProcessLoss } from '../../core/capabilities/serving-runtime.ts';
import { formatDuration } from '../../libraries/duration/index.ts';
import type { Observation, RolloutEvent } from './strategy.ts';
import type { Walk } from './walk-state.ts';

/** One process may end for a reason of its own: the machine's, or somebody's who killed it. */
const tooMany = 2;

/** Those that lie further apart have nothing to do with each other. */
const withinMs = 3_600_000;

/** Where nobody answers for so long since the first, no second is waited for: it may never be seen. */
const nobodyForMs = 60_000;

/** More are no news; as many are kept by the runtime too. */
const mostKept = 10;

type Seen = Pick<Observation, 'losses' | 'now' | 'processes' | 'versions'>;

/**
 * A walk that knows of the processes that ended while they held the version on trial, and what is to be told of those that it
 * did not know: it keeps them itself, since the runtime forgets them with the control process. Pure.
 */
export function withLosses(
  walk: Walk,
  seen: Seen,
  stable: string,
): { readonly walk: Walk; readonly events: readonly RolloutEvent[] } {
  const { version, startedAt, lost = { before: 0, since: [] } } = walk;
  const from = sinceWhen(walk, seen);
  const ofStable = seen.losses[stable] ?? [];
  const before = ofStable.filter(({ at }) => at < startedAt && at >= startedAt - withinMs).length;
  const news = (seen.losses[version] ?? []).filter((one) => one.at >= from && !lost.since.some(isLike(one)));
  if (news.length === 0 && before <= lost.before) return { walk, events: [] };
  const since = [...lost.since, ...news].slice(-mostKept);
  return {
    walk: { ...walk, lost: { before: Math.max(before, lost.before), since } },
    events: news.map(({ message }) => ({ type: 'processLost', version, message })),
  };
}

/**
 * Why a version on trial is given up: inference processes ended that held it, and go on ending while it is there. Undefined
 * while they do not. What has answered before is never held for the cause, but as many as ended in the hour before, when it
 * answered alone, are taken for its own. Pure.
 */
export function tooManyLost(walk: Walk, seen: Seen): string | undefined {
  const { version, lost } = walk;
  if (lost === undefined) return undefined;
  const from = sinceWhen(walk, seen);
  const counted = lost.since.filter(({ at }) => at >= from);
  const last = counted.at(-1);
  if (last === undefined) return undefined;
  const isSeen = seen.versions[version] !== undefined;
  const isOver = isSeen && seen.processes.ready === 0 && seen.now - last.at >= nobodyForMs;
  if (!isOver && counted.length < Math.min(tooMany + lost.before, mostKept)) return undefined;
  const isOne = counted.length === 1;
  const processes = isOne ? 'an inference process' : `${counted.length} inference processes`;
  return `${processes} ended within ${formatDuration(withinMs)} while ${isOne ? 'it' : 'they'} held ${version}; the last: ${last.message}`;
}

function isLike(one: ProcessLoss): (other: ProcessLoss) => boolean {
  return ({ at, message }) => at === one.at && message === one.message;
}

/** A clock that was set back says nothing of when the walk began. */
function sinceWhen({ startedAt }: Walk, { now }: Seen): number {
  return startedAt > now ? now - withinMs : Math.max(startedAt, now - withinMs);
}
