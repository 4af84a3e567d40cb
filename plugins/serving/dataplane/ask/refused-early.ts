/** What is refused for want of room or time before its body has come: nobody then sends, keeps or reads it in vain. */
import { Turn } from '../lane/turn.ts';
import type { RoutedVersion } from '../route/route.ts';
import type { Router } from '../route/router.ts';
import type { Target } from './demand-taken.ts';
import { longWork, type Paces } from './pace.ts';
import { headersTurn } from './take-turn.ts';

export interface RefusedEarly {
  readonly chosen: RoutedVersion;
  readonly error: Error;
}

/**
 * Undefined where any version that may answer would take it in now, or keeps answers: those need no room. Otherwise one was chosen,
 * as for any request. Throws what `Router.choose` does, and `InvalidRequest`.
 */
export function refusedEarly(
  router: Router,
  asked: Target,
  paces: Paces,
  now = performance.now(),
): RefusedEarly | undefined {
  // How long it may take counts from the whole request, which is later: its own turn is not touched.
  const turn = new Turn();
  headersTurn(turn, asked, now);
  const route = router.find(asked.environment, asked.model);
  const { 'content-length': length } = asked.headers;
  const before = paces.waitFor(Number(length ?? longWork));
  const errors = new Map<RoutedVersion, Error>();
  for (const version of router.possible(route, asked.version)) {
    const error = version.cached === undefined ? version.lane.refusal(turn, now, before) : undefined;
    if (error === undefined) return undefined;
    errors.set(version, error);
  }
  const chosen = router.choose(route, asked.version, asked);
  const error = errors.get(chosen);
  return error && { chosen, error };
}
