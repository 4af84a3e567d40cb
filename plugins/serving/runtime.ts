/**
 * The control side of serving: brings artifacts here, publishes the routing table, and moves traffic once every live
 * inference process can answer. It never loads a model.
 */
import type { JobPlace } from '../../core/capabilities/prediction-jobs.ts';
import type {
  CurrentServing,
  DesiredServing,
  ServingRuntime,
  ServingStatus,
} from '../../core/capabilities/serving-runtime.ts';
import type { Logger, Ref } from '../../core/plugin.ts';
import { contentKey } from '../../libraries/content-cache/index.ts';
import type { Report } from './dataplane/interface/messages.ts';
import {
  deploymentKey,
  type LogPlace,
  type PinnedVersion,
  type RoutingTable,
  type ServedDeployment,
} from './dataplane/interface/routing-table.ts';
import {
  deploymentStatus,
  reportsOf,
  type StatusSources,
  worthTelling,
} from './deployments/deployment-status.ts';
import { PublishedDeployment } from './deployments/published-deployment.ts';
import { checkDesired, nextEntry } from './table/next-entry.ts';

export interface RuntimeOptions extends StatusSources {
  /** The table that an earlier control process published last. */
  readonly restored: RoutingTable | undefined;
  /** Where inference processes hand predictions in; undefined where nobody keeps them. */
  readonly predictionLog?: LogPlace | undefined;
  /** Where inference processes hand in jobs. */
  readonly jobs?: JobPlace | undefined;
  readonly publish: (table: RoutingTable) => void;
  readonly wake: (owner: Ref) => void;
  readonly log: Logger;
}

export class Runtime implements ServingRuntime {
  readonly #options: RuntimeOptions;
  readonly #deployments = new Map<string, PublishedDeployment>();
  /** Taken out of the table, but not yet out of every process. Key → who waits for it. */
  readonly #leaving = new Map<string, Ref | undefined>();
  /** What is about to be desired, while its artifacts are asked for. */
  readonly #asking = new Set<DesiredServing>();
  #table: RoutingTable;
  #defaultEnvironment: string | undefined;
  /** No table was found at the start, so processes may know more than this one does. */
  #isLost: boolean;
  #isPublishDue = false;
  #isLookDue = false;
  #due: Set<string> | 'all' = new Set();

  constructor(options: RuntimeOptions) {
    this.#options = options;
    const { restored } = options;
    this.#isLost = restored === undefined;
    this.#table = restored ?? {
      format: 1,
      revision: 0,
      publishedAt: new Date(0).toISOString(),
      deployments: [],
    };
    this.#defaultEnvironment = this.#table.defaultEnvironment;
    for (const entry of this.#table.deployments) {
      this.#deployments.set(deploymentKey(entry), new PublishedDeployment(entry, this.#table.revision));
    }
  }

  /** The table that was published last. */
  get table(): RoutingTable {
    return this.#table;
  }

  async serve(desired: DesiredServing, signal: AbortSignal): Promise<ServingStatus> {
    checkDesired(desired);
    this.#asking.add(desired);
    try {
      for (const version of desired.versions) await this.#options.fetcher.want(version);
      signal.throwIfAborted();
    } finally {
      this.#asking.delete(desired);
    }
    const key = deploymentKey(desired);
    this.#leaving.delete(key);
    let deployment = this.#deployments.get(key);
    if (deployment === undefined) {
      deployment = new PublishedDeployment(undefined, 0);
      this.#deployments.set(key, deployment);
    }
    const before = deployment.desired;
    deployment.desired = desired;
    this.#dropUnwanted(before, desired);
    if (before?.isDefaultEnvironment !== desired.isDefaultEnvironment) this.#chooseDefault();
    this.#advance(key, deployment);
    const status = deploymentStatus(deployment, desired, this.#options);
    deployment.told = worthTelling(status);
    return status;
  }

  async stop(environment: string, name: string): Promise<{ readonly stopped: boolean }> {
    const key = deploymentKey({ environment, name });
    const deployment = this.#deployments.get(key);
    if (deployment !== undefined) {
      this.#deployments.delete(key);
      this.#leaving.set(key, deployment.desired?.owner);
      this.#dropUnwanted(deployment.desired);
      this.#chooseDefault();
      this.#publishSoon();
    }
    const stopped = !this.#isHeldAnywhere(key);
    if (stopped) this.#leaving.delete(key);
    return { stopped };
  }

  current(environment: string, name: string): CurrentServing | undefined {
    const entry = this.#deployments.get(deploymentKey({ environment, name }))?.entry;
    return entry && { model: entry.model, commit: entry.commit, variants: entry.variants };
  }

  /** Reports changed: for these deployments, or for all. */
  processesChanged(keys: ReadonlySet<string> | 'all'): void {
    if (keys === 'all' || this.#due === 'all') this.#due = 'all';
    else for (const key of keys) this.#due.add(key);
    this.#lookSoon();
  }

  /** The state of an artifact changed. */
  artifactChanged(digest: string): void {
    for (const [key, { desired }] of this.#deployments) {
      if (desired?.versions.some(({ artifact }) => artifact.digest === digest))
        this.processesChanged(new Set([key]));
    }
  }

  /** Digests that are served, held warm, or about to be. */
  neededDigests(): ReadonlySet<string> {
    const needed = new Set<string>();
    for (const { entry, desired } of this.#deployments.values()) {
      for (const { digest } of entry?.versions ?? []) needed.add(digest);
      for (const { artifact } of desired?.versions ?? []) needed.add(artifact.digest);
    }
    return needed;
  }

  /** Entries that came from the table of an earlier control process and that nobody has asked for since. */
  unclaimed(): readonly ServedDeployment[] {
    return [...this.#deployments.values()].flatMap(({ entry, desired }) =>
      desired === undefined && entry !== undefined ? [entry] : [],
    );
  }

  /**
   * Whether a process may be sent a table. One that answers for a deployment which the table does not know would drop it:
   * the table file was lost, and until the owner has asked again, that process keeps what it has.
   */
  mayFollow(report: Report, table: RoutingTable): boolean {
    if (!this.#isLost) return true;
    const known = new Set(table.deployments.map(deploymentKey));
    return Object.keys(report.routes).every((key) => known.has(key) || this.#leaving.has(key));
  }

  /**
   * Says that whatever is declared has been looked at. Entries that nobody asked for, and that `isDeclared` does not know,
   * are nobody's (the state that remembers what to remove was deleted): they are taken away.
   */
  settle(isDeclared: (environment: string, name: string) => boolean): void {
    for (const { environment, name } of this.unclaimed()) {
      if (isDeclared(environment, name)) continue;
      const key = deploymentKey({ environment, name });
      this.#options.log.warn({ deployment: key }, 'a deployment that nothing declares is taken away');
      this.#deployments.delete(key);
      this.#leaving.set(key, undefined);
    }
    if (this.unclaimed().length === 0) this.#isLost = false;
    this.#chooseDefault();
    this.#publishSoon();
  }

  #lookSoon(): void {
    if (this.#isLookDue) return;
    this.#isLookDue = true;
    setImmediate(() => {
      this.#isLookDue = false;
      const due = this.#due;
      this.#due = new Set();
      this.#look(due === 'all' ? new Set([...this.#deployments.keys(), ...this.#leaving.keys()]) : due);
    });
  }

  #look(keys: Iterable<string>): void {
    for (const key of keys) {
      const deployment = this.#deployments.get(key);
      if (deployment?.desired !== undefined) this.#lookAt(key, deployment, deployment.desired);
      else if (this.#leaving.has(key) && !this.#isHeldAnywhere(key)) {
        const owner = this.#leaving.get(key);
        this.#leaving.delete(key);
        if (owner !== undefined) this.#options.wake(owner);
      }
    }
  }

  #lookAt(key: string, deployment: PublishedDeployment, desired: DesiredServing): void {
    this.#repair(deployment, desired);
    this.#advance(key, deployment);
    const told = worthTelling(deploymentStatus(deployment, desired, this.#options));
    if (told === deployment.told) return;
    deployment.told = told;
    this.#options.wake(desired.owner);
  }

  /** A process found a file bad: fetch it anew. The new file has another path, at which the process tries again. */
  #repair(deployment: PublishedDeployment, desired: DesiredServing): void {
    for (const version of desired.versions) {
      const reports = reportsOf(deployment, desired, version, this.#options.processes);
      const isBad = reports.some(
        ({ report }) =>
          report?.state === 'failed' && ['DigestMismatch', 'ArtifactUnreadable'].includes(report.reason),
      );
      if (isBad) this.#options.fetcher.repair(version.artifact);
    }
  }

  /** Moves a deployment on as far as it can go now. */
  #advance(key: string, deployment: PublishedDeployment): void {
    const { desired } = deployment;
    if (desired === undefined) return;
    const next = nextEntry({
      desired,
      last: deployment.entry,
      pathOf: (version) => {
        if (this.#options.signatures.refusal(version) !== undefined) return undefined;
        const state = this.#options.fetcher.state(version.artifact);
        return state?.phase === 'fetched' ? state.path : undefined;
      },
      isReady: (pinned) => this.#isReadyEverywhere(key, deployment, pinned),
    });
    if (next === undefined) return;
    deployment.isDesired = next.isDesired;
    if (next.entry.generation === deployment.entry?.generation) return;
    if (next.isDesired) {
      const versions = next.entry.variants.map(({ version, weight }) => `${version} ${weight}%`);
      this.#options.log.info({ deployment: key, versions: versions.join(', ') }, 'traffic is moved');
    }
    const isFirst = deployment.entry === undefined;
    deployment.publish(next.entry, this.#table.revision + 1);
    if (isFirst) this.#chooseDefault();
    this.#publishSoon();
  }

  /** What a bare `/v2` means: as declared, or as it was while nobody of that environment has asked again. */
  #chooseDefault(): void {
    const before = this.#defaultEnvironment;
    let next: string | undefined;
    for (const { desired, entry } of this.#deployments.values()) {
      if (entry === undefined) continue;
      if (desired?.isDefaultEnvironment === true) {
        next = desired.environment;
        break;
      }
      if (desired === undefined && entry.environment === before) next = before;
    }
    if (next === before) return;
    this.#defaultEnvironment = next;
    this.#publishSoon();
  }

  /** Several changes of one turn of the event loop are one table. */
  #publishSoon(): void {
    if (this.#isPublishDue) return;
    this.#isPublishDue = true;
    setImmediate(() => {
      this.#isPublishDue = false;
      const defaultEnvironment = this.#defaultEnvironment;
      const { predictionLog, jobs } = this.#options;
      this.#table = {
        format: 1,
        revision: this.#nextRevision(),
        publishedAt: new Date().toISOString(),
        ...(defaultEnvironment === undefined ? {} : { defaultEnvironment }),
        ...(predictionLog === undefined ? {} : { predictionLog }),
        ...(jobs === undefined ? {} : { jobs }),
        deployments: [...this.#deployments.values()].flatMap(({ entry }) =>
          entry === undefined ? [] : [entry],
        ),
      };
      this.#options.publish(this.#table);
    });
  }

  /** Above whatever a process follows, also after the table was lost. */
  #nextRevision(): number {
    const reported = this.#options.processes.list().map(({ report }) => report?.revision ?? 0);
    return Math.max(this.#table.revision, ...reported) + 1;
  }

  #isReadyEverywhere(key: string, deployment: PublishedDeployment, pinned: PinnedVersion): boolean {
    const live = this.#options.processes.live();
    const since = deployment.publishedSince(pinned);
    // Who has just begun answers nobody yet, so it holds up no way back to what answers everywhere else.
    const isStable = deployment.isStable(pinned);
    return (
      live.length > 0 &&
      since !== undefined &&
      this.#options.gathering.isOver(live.length) &&
      live.every((process) => {
        if (isStable && !(key in process.routes)) return true;
        const report = process.versions[`${key}/${pinned.version}`];
        return report?.state === 'ready' && report.digest === pinned.digest && process.revision >= since;
      })
    );
  }

  /** Also where it cannot be known yet. */
  #isHeldAnywhere(key: string): boolean {
    const live = this.#options.processes.live();
    if (!this.#options.gathering.isOver(live.length)) return true;
    return live.some(
      ({ routes, versions }) =>
        key in routes || Object.keys(versions).some((version) => version.startsWith(`${key}/`)),
    );
  }

  /** What was wanted before, and is by no deployment now, is not fetched any further. */
  #dropUnwanted(before: DesiredServing | undefined, now?: DesiredServing): void {
    const kept = new Set(now?.versions.map(({ artifact }) => contentKey(artifact)));
    for (const { artifact } of before?.versions ?? []) {
      const key = contentKey(artifact);
      if (kept.has(key)) continue;
      const all = [...this.#deployments.values()].map(({ desired }) => desired);
      const isWanted = [...all, ...this.#asking].some((desired) =>
        desired?.versions.some((version) => contentKey(version.artifact) === key),
      );
      if (!isWanted) this.#options.fetcher.drop(artifact);
    }
  }
}
