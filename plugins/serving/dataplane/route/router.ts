/** All deployments of the table that control published last, and which version answers a request. */
import type { LaneObserver } from '../counters/lane-observer.ts';
import { environmentNotFound, modelNotFound, versionNotFound } from '../errors/route-errors.ts';
import { modelFailed, modelLoading } from '../errors/run-errors.ts';
import { type RequestFacts, unasked } from '../http/request-facts.ts';
import {
  answers,
  deploymentKey,
  type RoutingTable,
  type ServedDeployment,
} from '../interface/routing-table.ts';
import type { VersionPool } from '../load/version-pool.ts';
import { DeploymentRoute } from './deployment-route.ts';
import type { RoutedVersion } from './route.ts';

export interface RouterOptions {
  readonly pool: VersionPool;
  /** Who counts what a version does. */
  readonly observe: (deployment: ServedDeployment, version: string) => LaneObserver;
  /** Other versions answer for a deployment, so many seconds after that was asked for. */
  readonly onSwap?: (seconds: number) => void;
  /** Called when something in a report changed. */
  readonly onChange: () => void;
}

export class Router {
  /** The table that is being followed. */
  table: RoutingTable | undefined;
  readonly #options: RouterOptions;
  readonly #environments = new Map<string, Map<string, DeploymentRoute>>();
  /** Removed, but with requests still to answer. */
  readonly #leaving = new Set<DeploymentRoute>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Follows a table: each deployment switches by itself when its own versions are ready. */
  apply(table: RoutingTable): void {
    this.table = table;
    const listed = new Set(table.deployments.map(deploymentKey));
    for (const entry of table.deployments) this.#routeOf(entry).update(entry);
    for (const [environment, routes] of this.#environments) {
      for (const [name, route] of routes) {
        if (listed.has(deploymentKey(route))) continue;
        routes.delete(name);
        this.#leaving.add(route);
        route.remove();
      }
      if (routes.size === 0) this.#environments.delete(environment);
    }
    this.#changed();
  }

  /** Looks at every version again. Call it whenever the status of one changed. */
  advance(): void {
    for (const route of this.routes()) route.advance();
    this.#changed();
  }

  /** Resolves when every version that the table holds is ready or failed. */
  async settled(): Promise<void> {
    for (const route of this.routes()) {
      for (const held of route.held().values()) await held.settled();
    }
  }

  /** Resolves when all that was removed has answered its last request. */
  async drained(): Promise<void> {
    const lanes = [...this.routes(), ...this.#leaving].flatMap((route) => [...route.draining.keys()]);
    await Promise.all(lanes.map((lane) => lane.idle()));
  }

  /** Lets go of everything. */
  close(): void {
    if (this.table !== undefined) this.apply({ ...this.table, deployments: [] });
  }

  *routes(): Iterable<DeploymentRoute> {
    for (const routes of this.#environments.values()) yield* routes.values();
  }

  /** Those that the table no longer lists and that still answer their last requests. */
  get leaving(): Iterable<DeploymentRoute> {
    return this.#leaving;
  }

  /** Undefined environment: the default. Throws `EnvironmentNotFound` or `ModelNotFound`. */
  find(environment: string | undefined, name: string): DeploymentRoute {
    const routes = this.#in(environment);
    const route = routes.get(name);
    if (route === undefined) {
      const wanted = environment ?? this.table?.defaultEnvironment;
      throw modelNotFound(String(wanted), name, [...routes.keys()]);
    }
    return route;
  }

  /** All of an environment; undefined: of the default one. Throws `EnvironmentNotFound`. */
  of(environment: string | undefined): readonly DeploymentRoute[] {
    return [...this.#in(environment).values()];
  }

  /** Throws `EnvironmentNotFound` where `find` would, whatever the name. */
  demandEnvironment(environment: string | undefined): void {
    this.#in(environment);
  }

  /** Whether `find` would find it. */
  has(environment: string | undefined, name: string): boolean {
    const wanted = environment ?? this.table?.defaultEnvironment;
    return wanted !== undefined && this.#environments.get(wanted)?.has(name) === true;
  }

  /**
   * The version that answers: the one named, or the one that the request's rules or its turn lead to. Throws
   * `VersionNotFound`, `ModelLoading` or `ModelFailed`.
   */
  choose(route: DeploymentRoute, named: string | undefined, request: RequestFacts = unasked): RoutedVersion {
    if (named === undefined) {
      if (route.applied === undefined) throw notYet(route);
      return route.applied.next(request);
    }
    const version = route.applied?.aliased(named) ?? route.pending?.aliased(named) ?? named;
    const chosen = route.applied?.versions.get(version) ?? route.pending?.versions.get(version);
    if (chosen === undefined) throw versionNotFound(route.name, version, [...route.held().keys()]);
    if (chosen.lane.held.model === undefined) throw notReady(route, version);
    return chosen;
  }

  /** Those that `choose` may give, without a turn being taken. Throws what it does. */
  possible(route: DeploymentRoute, named: string | undefined): readonly RoutedVersion[] {
    if (named !== undefined) return [this.choose(route, named)];
    if (route.applied === undefined) throw notYet(route);
    return route.applied.routed;
  }

  /** Throws what `choose` would, where it is known without a turn being taken: `VersionNotFound`, `ModelLoading` or `ModelFailed`. */
  demandAnswering(route: DeploymentRoute, named: string | undefined): void {
    if (named !== undefined) this.choose(route, named);
    else if (route.applied === undefined) throw notYet(route);
  }

  /**
   * Whether every deployment that answers can, a table was followed at all, and any of what it names answers. One more that is
   * loading, or cannot be loaded, takes nothing from those that do.
   */
  get isReady(): boolean {
    if (this.table === undefined) return false;
    let isAnswering = this.table.deployments.length === 0;
    for (const { applied } of this.routes()) {
      if (applied === undefined) continue;
      if (!applied.isReady) return false;
      isAnswering = true;
    }
    return isAnswering;
  }

  #in(environment: string | undefined): ReadonlyMap<string, DeploymentRoute> {
    const wanted = environment ?? this.table?.defaultEnvironment;
    const routes = wanted === undefined ? undefined : this.#environments.get(wanted);
    if (wanted === undefined || routes === undefined) {
      throw environmentNotFound(wanted, environment === undefined, [...this.#environments.keys()]);
    }
    return routes;
  }

  #routeOf(entry: ServedDeployment): DeploymentRoute {
    let routes = this.#environments.get(entry.environment);
    if (routes === undefined) {
      routes = new Map();
      this.#environments.set(entry.environment, routes);
    }
    let route = routes.get(entry.name);
    if (route === undefined) {
      route = new DeploymentRoute(entry, {
        pool: this.#options.pool,
        observe: this.#options.observe,
        onChange: () => this.#changed(),
        onSwap: (seconds) => this.#options.onSwap?.(seconds),
      });
      routes.set(entry.name, route);
    }
    return route;
  }

  #changed(): void {
    for (const route of this.#leaving) {
      if (route.draining.size === 0) this.#leaving.delete(route);
    }
    this.#options.onChange();
  }
}

function notYet(route: DeploymentRoute): Error {
  return notReady(route, route.pending?.entry.variants.find(answers)?.version);
}

function notReady(route: DeploymentRoute, version: string | undefined): Error {
  const status = version === undefined ? undefined : route.held().get(version)?.status;
  if (status?.state === 'failed') return modelFailed(route.name, status.reason, status.message);
  return modelLoading(route.name);
}
