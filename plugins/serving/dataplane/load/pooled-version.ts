/** One version of the pool: who holds it, what it waits for, and what it takes. */
import { createHash } from 'node:crypto';
import type { PinnedVersion } from '../interface/routing-table.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { HeldVersion, VersionStatus } from './held-version.ts';
import type { OnDemand, Tried, VersionUser } from './on-demand.ts';

export interface PooledVersionEvents {
  readonly onWake: (entry: PooledVersion) => void;
  /** Called after its status changed. */
  readonly onChange: () => void;
}

export class PooledVersion implements HeldVersion {
  readonly key: string;
  pinned: PinnedVersion;
  model: ModelInterface | undefined;
  status: VersionStatus = { state: 'loading', reason: 'Loading', message: 'the version is being loaded' };
  users = 0;
  stuckRuns = 0;
  /** By `performance.now()`. */
  readySince = 0;
  /** Failed loads in a row. */
  failures = 0;
  /** Lost threads in a row. */
  losses = 0;
  retry: NodeJS.Timeout | undefined;
  /** What its trial found; undefined while it is not known, and where nothing is loaded on demand. */
  tried: Tried | undefined;
  /** What its session was seen to take while nothing else was at work; undefined before that. */
  measuredBytes: number | undefined;
  /** What it takes of the budget now. */
  takenBytes = 0;
  /** How long the last load took. */
  loadMs = 0;
  /** Somebody waits for it. */
  mustLoad = false;
  /** How many want it in memory, asked or not. */
  keepers = 0;
  readonly askedBy = new Set<VersionUser>();
  readonly #events: PooledVersionEvents;
  #waiting: (() => void)[] = [];

  constructor(key: string, pinned: PinnedVersion, events: PooledVersionEvents) {
    this.key = key;
    this.pinned = pinned;
    this.#events = events;
  }

  get isOnDemand(): boolean {
    return this.tried !== undefined && this.keepers === 0;
  }

  wake(): void {
    this.#events.onWake(this);
  }

  learn(tried: Tried): void {
    const { inputs, outputs, batchable } = tried;
    this.tried = tried;
    this.model ??= { inputs, outputs, batchable };
  }

  settled(): Promise<void> {
    if (!isUnderWay(this.status)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  setStatus(status: VersionStatus): void {
    this.status = status;
    if (!isUnderWay(status)) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    }
    this.#events.onChange();
  }

  /** Not in memory from now on, until somebody asks for it. */
  fallAsleep(whileLoading: OnDemand['whileLoading']): void {
    this.mustLoad = false;
    const retryAfter = Math.max(1, Math.ceil(this.loadMs / 1000));
    const refuses = whileLoading === 'refuse';
    this.setStatus({ state: 'asleep', isWaking: false, refuses, retryAfter });
  }
}

/** What is the same by this key is loaded once. */
export function keyOf(pinned: PinnedVersion): string {
  const { digest, signature, examples, placement = 'auto', replicas = 1, session } = pinned;
  // As it always was where nothing is said of how to run it: what is remembered of a version stays with it.
  const run = replicas === 1 && session === undefined ? [] : [replicas, session];
  const rest = createHash('sha256')
    .update(JSON.stringify([signature, examples, placement, ...run]))
    .digest('hex');
  return `${digest}/${rest.slice(0, 16)}`;
}

function isUnderWay(status: VersionStatus): boolean {
  return status.state === 'loading' || (status.state === 'asleep' && status.isWaking);
}
