/** One version in memory: what it is, where it runs, and since when; loading, ready or failed. */
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { PinnedVersion, Placement } from '../routing-table.ts';
import type { Executor } from '../run/executor.ts';

export interface HeldVersion {
  /** The same for the same artifact, signature and examples, whoever pins it. */
  readonly key: string;
  readonly pinned: PinnedVersion;
  /** What it takes and gives; known once it was ready, and the same ever after. */
  readonly model: ModelInterface | undefined;
  readonly status: VersionStatus;
  /** Runs that did not end, since it was first held. */
  readonly stuckRuns: number;
  /** Resolves when it is ready or failed; at once where it is so already. */
  settled(): Promise<void>;
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
    }
  | { readonly state: 'failed'; readonly reason: string; readonly message: string };
