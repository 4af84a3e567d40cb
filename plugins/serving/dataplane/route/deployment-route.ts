/**
 * A deployment over time. A new generation is held beside the one that answers until every version that it answers with
 * is ready; then it takes over in one step, and what the old one alone held is drained and let go.
 */
import { ResponseCache } from '../cache/response-cache.ts';
import type { LaneObserver } from '../counters/lane-observer.ts';
import { answers, type PinnedVersion, type ServedDeployment } from '../interface/routing-table.ts';
import { Lane } from '../lane/lane.ts';
import type { HeldVersion } from '../load/held-version.ts';
import type { VersionPool } from '../load/version-pool.ts';
import { Route } from './route.ts';

export interface DeploymentRouteOptions {
  readonly pool: VersionPool;
  readonly observe: (deployment: ServedDeployment, version: string) => LaneObserver;
  readonly onChange: () => void;
  /** Other versions answer, so many seconds after that was asked for. */
  readonly onSwap: (seconds: number) => void;
}

export class DeploymentRoute {
  readonly environment: string;
  readonly name: string;
  /** What answers. */
  applied: Route | undefined;
  /** What will answer once it is ready. */
  pending: Route | undefined;
  /** Lanes that answer their last requests, by version. */
  readonly draining = new Map<Lane, string>();
  /** What the pool must have in memory. */
  #kept: ReadonlySet<HeldVersion> = new Set();
  /** Answers that are kept, over generations; undefined where none are. */
  cache: ResponseCache | undefined;
  readonly #pool: VersionPool;
  readonly #observe: (deployment: ServedDeployment, version: string) => LaneObserver;
  readonly #onChange: () => void;
  readonly #onSwap: (seconds: number) => void;
  #askedFor = 0;

  constructor(
    entry: Pick<ServedDeployment, 'environment' | 'name'>,
    { pool, observe, onChange, onSwap }: DeploymentRouteOptions,
  ) {
    this.environment = entry.environment;
    this.name = entry.name;
    this.#pool = pool;
    this.#observe = observe;
    this.#onChange = onChange;
    this.#onSwap = onSwap;
  }

  /** Makes `entry` the generation to reach. */
  update(entry: ServedDeployment): void {
    const latest = this.pending ?? this.applied;
    if (latest?.entry.generation === entry.generation) return;
    const before = this.#lanes();
    if (this.applied?.entry.generation === entry.generation) {
      this.pending = undefined;
    } else {
      const lanes = new Map<string, Lane>();
      for (const pinned of inOrderOfNeed(entry))
        lanes.set(pinned.version, this.#laneFor(entry, pinned, before));
      this.pending = new Route(entry, lanes, this.#cacheFor(entry));
      this.#askedFor = performance.now();
    }
    this.#drainAllBut(before);
    this.#settleKept();
    this.advance();
  }

  /** Switches to the pending generation if it can answer. Call it whenever a version's status changed. */
  advance(): void {
    const next = this.pending;
    if (next === undefined || !next.isReady) return;
    const before = this.#lanes();
    next.goOnFrom(this.applied);
    if (this.applied !== undefined && answering(this.applied) !== answering(next))
      this.#onSwap((performance.now() - this.#askedFor) / 1000);
    this.applied = next;
    this.pending = undefined;
    for (const { lane } of next.versions.values()) lane.configure(next.entry);
    this.#drainAllBut(before);
    this.#settleKept();
  }

  /** Takes it away: what is under way is answered first. */
  remove(): void {
    const before = this.#lanes();
    this.applied = undefined;
    this.pending = undefined;
    this.#drainAllBut(before);
    this.#settleKept();
  }

  /** All that it holds, the latest first. */
  held(): Map<string, HeldVersion> {
    const held = new Map<string, HeldVersion>();
    for (const route of [this.pending, this.applied]) {
      for (const [version, { lane }] of route?.versions ?? []) {
        if (!held.has(version)) held.set(version, lane.held);
      }
    }
    return held;
  }

  /** What is kept stays over a change of anything else. */
  #cacheFor({ cache }: ServedDeployment): ResponseCache | undefined {
    if (cache === undefined) this.cache = undefined;
    else if (this.cache === undefined) this.cache = new ResponseCache(cache);
    else this.cache.configure(cache);
    return this.cache;
  }

  #lanes(): Map<Lane, string> {
    const lanes = new Map<Lane, string>();
    for (const route of [this.applied, this.pending]) {
      for (const [version, { lane }] of route?.versions ?? []) lanes.set(lane, version);
    }
    return lanes;
  }

  /** The lane that the version has already, or a new one. */
  #laneFor(entry: ServedDeployment, pinned: PinnedVersion, existing: ReadonlyMap<Lane, string>): Lane {
    const held = this.#pool.acquire(pinned);
    for (const [lane, version] of existing) {
      if (version !== pinned.version || lane.held !== held) continue;
      this.#pool.release(held);
      return lane;
    }
    const lane = new Lane(held, entry, this.#observe(entry, pinned.version));
    this.#pool.use(held, lane);
    return lane;
  }

  /**
   * Where several versions are held, one is on its way in or out: whoever compares them, or goes back to one, must find them
   * loaded.
   */
  #settleKept(): void {
    const lanes = [...this.#lanes()];
    const isMoving = new Set(lanes.map(([, version]) => version)).size > 1;
    const kept = new Set(isMoving ? lanes.map(([{ held }]) => held) : []);
    for (const held of kept) if (!this.#kept.has(held)) this.#pool.keep(held);
    for (const held of this.#kept) if (!kept.has(held)) this.#pool.letSleep(held);
    this.#kept = kept;
  }

  #drainAllBut(before: ReadonlyMap<Lane, string>): void {
    const kept = this.#lanes();
    for (const [lane, version] of before) {
      if (kept.has(lane)) continue;
      this.draining.set(lane, version);
      void lane.idle().then(() => {
        this.draining.delete(lane);
        this.#pool.release(lane.held, lane);
        lane.observer.over();
        this.#onChange();
      });
    }
  }
}

/** The versions that answer, and what they are. */
function answering({ entry }: Route): string {
  const variants = entry.variants.filter(answers).map(({ version }) => version);
  const pinned = entry.versions.filter(({ version }) => variants.includes(version));
  return JSON.stringify(pinned.map(({ version, digest }) => [version, digest]).sort());
}

/** Versions that answer are loaded before those kept warm. */
function inOrderOfNeed(entry: ServedDeployment): PinnedVersion[] {
  const weights = new Map(entry.variants.map(({ version, weight }) => [version, weight]));
  return [...entry.versions].sort((a, b) => (weights.get(b.version) ?? -1) - (weights.get(a.version) ?? -1));
}
