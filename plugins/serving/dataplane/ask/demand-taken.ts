/** What is refused whatever its body says: it is known before anybody reads one. */
import type { RequestFacts } from '../http/request-facts.ts';
import type { Router } from '../route/router.ts';

export interface Target extends RequestFacts {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
}

/**
 * Counts the request against the limits of rates. Throws `EnvironmentNotFound`, `ModelNotFound`, `RateLimited`, `VersionNotFound`, `ModelLoading` or
 * `ModelFailed`.
 */
export function demandTaken(router: Router, asked: Target, now = performance.now()): void {
  const route = router.find(asked.environment, asked.model);
  route.applied?.rates?.take(asked, now);
  router.demandAnswering(route, asked.version);
}
