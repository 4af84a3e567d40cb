/**
 * A deployment over time. A new generation is held beside the one that answers until every version that it answers with
 * is ready; then it takes over in one step, and what the old one alone held is drained and let go.
 */
import type { HeldVersion } from '../load/held-version.ts';
import type { VersionPool } from '../load/version-pool.ts';
import type { PinnedVersion, ServedDeployment } from '../routing-table.ts';
import { Lane, type LaneObserver } from '../run/lane.ts';
import { Route } from './route.ts';

export class DeploymentRoute {
  readonly environment: string;
  readonly name: string;
  /** What answers. */
  applied: Route | undefined;
  /** What will answer once it is ready. */
  pending: Route | undefined;
  /** Lanes that answer their last requests, by version. */
  readonly draining = new Map<Lane, string>();
  readonly #pool: VersionPool;
  readonly #observe: (deployment: ServedDeployment, version: string) => LaneObserver;
  readonly #onChange: () => void;

  constructor(
    entry: ServedDeployment,
    pool: VersionPool,
    observe: (deployment: ServedDeployment, version: string) => LaneObserver,
    onChange: () => void,
  ) {
    this.environment = entry.environment;
    this.name = entry.name;
    this.#pool = pool;
    this.#observe = observe;
    this.#onChange = onChange;
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
      this.pending = new Route(entry, lanes);
    }
    this.#drainAllBut(before);
    this.advance();
  }

  /** Switches to the pending generation if it can answer. Call it whenever a version's status changed. */
  advance(): void {
    const next = this.pending;
    if (next === undefined || !next.isReady) return;
    const before = this.#lanes();
    next.goOnFrom(this.applied);
    this.applied = next;
    this.pending = undefined;
    for (const { lane } of next.versions.values()) lane.configure(next.entry);
    this.#drainAllBut(before);
  }

  /** Takes it away: what is under way is answered first. */
  remove(): void {
    const before = this.#lanes();
    this.applied = undefined;
    this.pending = undefined;
    this.#drainAllBut(before);
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
    return new Lane(held, entry, this.#observe(entry, pinned.version));
  }

  #drainAllBut(before: ReadonlyMap<Lane, string>): void {
    const kept = this.#lanes();
    for (const [lane, version] of before) {
      if (kept.has(lane)) continue;
      this.draining.set(lane, version);
      void lane.idle().then(() => {
        this.draining.delete(lane);
        this.#pool.release(lane.held);
        this.#onChange();
      });
    }
  }
}

/** Versions that answer are loaded before those kept warm. */
function inOrderOfNeed(entry: ServedDeployment): PinnedVersion[] {
  const weights = new Map(entry.variants.map(({ version, weight }) => [version, weight]));
  return [...entry.versions].sort((a, b) => (weights.get(b.version) ?? -1) - (weights.get(a.version) ?? -1));
}
