/** One version in memory: what it is, where it runs, and since when; loading, ready or failed. */
import type { PinnedVersion, Placement } from '../interface/routing-table.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { Executor } from '../run/executor.ts';

export interface HeldVersion {
  /** The same for the same artifact, signature and examples, whoever pins it. */
  readonly key: string;
  readonly pinned: PinnedVersion;
  /** What it takes and gives; known once it was ready, and the same ever after. */
  readonly model: ModelInterface | undefined;
  readonly status: VersionStatus;
  /** Whether it may be unloaded now, or be loaded by its next request. */
  readonly isOnDemand: boolean;
  /** Runs that did not end, since it was first held. */
  readonly stuckRuns: number;
  /** Resolves when it is ready, failed, or asleep and nobody has woken it; at once where it is so already. */
  settled(): Promise<void>;
  /** Has it loaded where it is asleep. */
  wake(): void;
}

export type VersionStatus =
  | { readonly state: 'loading'; readonly reason: string; readonly message: string }
  | {
      readonly state: 'ready';
      readonly executor: Executor;
      readonly placement: Placement;
      /** Median milliseconds of a run of one row. */
      readonly runMs: number;
      /** RFC 3339. */
      readonly loadedAt: string;
      /** From the start of its first thread. */
      readonly loadMs: number;
      /** What it takes, all replicas together: what was measured, or at least so much. */
      readonly memoryBytes: number;
    }
  /** Tried, and good; not in memory until somebody wakes it. */
  | {
      readonly state: 'asleep';
      /** Whether it is being loaded. */
      readonly isWaking: boolean;
      /** Whether requests are refused until it is loaded. */
      readonly refuses: boolean;
      /** Seconds that loading may take, as it took before. */
      readonly retryAfter: number;
    }
  | { readonly state: 'failed'; readonly reason: string; readonly message: string };

/** At once, or as soon as it is loaded. */
export function canAnswer({ status: { state } }: HeldVersion): boolean {
  return state === 'ready' || state === 'asleep';
}
