/** What models of the whole server did: this process counts its own, and control knows what the others reported last. */
import type { ControlLink } from '../control/control-link.ts';
import type { Metrics } from '../counters/metrics.ts';
import { versionKey } from '../interface/routing-table.ts';
import { addCounts, countsOf, noCounts, type VersionCounts } from '../interface/version-counts.ts';
import { type ModelStatistics, modelStatistics } from '../protocol/model-statistics.ts';
import type { DeploymentRoute } from '../route/deployment-route.ts';
import type { Router } from '../route/router.ts';

export interface StatisticsSources {
  readonly router: Router;
  readonly metrics: Metrics;
  /** Undefined where this process is all there is. */
  readonly control: ControlLink | undefined;
}

export interface StatisticsTarget {
  readonly environment: string | undefined;
  /** Undefined: all of the environment. */
  readonly model: string | undefined;
  readonly version: string | undefined;
}

export interface Statistics {
  readonly model_stats: readonly ModelStatistics[];
}

/** Statistics wait for control no longer. */
const patienceMs = 1_000;

/**
 * `processes`: how many of them are in it. Where control is away that is this one alone. Rejects with `EnvironmentNotFound`,
 * `ModelNotFound` or `VersionNotFound`.
 */
export async function statistics(
  { router, metrics, control }: StatisticsSources,
  { environment, model, version }: StatisticsTarget,
): Promise<{ readonly processes: number; readonly body: Statistics }> {
  const routes = model === undefined ? router.of(environment) : [router.find(environment, model)];
  const wanted = routes.flatMap((route) => versionsOf(router, route, version).map((one) => ({ route, one })));
  const others = await control?.ask('statistics', {}, patienceMs);
  const sums = new Map<string, VersionCounts>();
  for (const counts of [...metrics.counts().map(countsOf), ...(others?.versions ?? [])]) {
    const key = versionKey({ environment: counts.environment, name: counts.deployment }, counts.version);
    const before = sums.get(key);
    sums.set(key, before === undefined ? counts : addCounts(before, counts));
  }
  return {
    processes: 1 + (others?.processes ?? 0),
    body: {
      model_stats: wanted.map(({ route, one }) =>
        modelStatistics(sums.get(versionKey(route, one)) ?? noCounts(route.environment, route.name, one)),
      ),
    },
  };
}

function versionsOf(router: Router, route: DeploymentRoute, named: string | undefined): readonly string[] {
  if (named === undefined) return [...route.held().keys()];
  return [router.choose(route, named).version];
}
