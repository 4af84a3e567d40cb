/** What happens to a version whose turn to be loaded has come, until it is ready or has failed; and when its thread ends. */
import { codeOf, messageOf } from '../../../../core/plugin.ts';
import type { Histogram } from '../counters/histogram.ts';
import { takenMemory } from '../interface/needed-memory.ts';
import type { Placement } from '../interface/routing-table.ts';
import type { VersionThread } from '../run/version-thread.ts';
import type { LoadMarks } from './load-marks.ts';
import type { LoadRetries } from './load-retries.ts';
import type { PooledVersion } from './pooled-version.ts';
import type { VersionBudget } from './version-budget.ts';
import type { LoadedVersion, VersionLoader } from './version-loader.ts';
import { isToBeLoaded } from './whether-to-load.ts';

/** How often a version was made ready, could not be made ready, lost its thread, and was unloaded. */
export interface LoadCounts {
  loads: number;
  failures: number;
  restarts: number;
  unloads: number;
}

export interface LoadTurnsOptions {
  readonly loader: VersionLoader;
  readonly retries: LoadRetries;
  /** Without it, every version is in memory for as long as it is held. */
  readonly budget: VersionBudget | undefined;
  /** All that are held. */
  readonly versions: ReadonlyMap<string, PooledVersion>;
  readonly counts: LoadCounts;
  /** Seconds of loads that ended well. */
  readonly loadSeconds: Histogram;
  readonly loadMarks: LoadMarks;
  readonly loadTimeoutMs: number;
  readonly isAtWork: () => boolean;
  readonly onStuck: () => void;
  readonly onChange: () => void;
}

export class LoadTurns {
  readonly #options: LoadTurnsOptions;

  constructor(options: LoadTurnsOptions) {
    this.#options = options;
  }

  async load(entry: PooledVersion): Promise<void> {
    const { loader, retries, budget, counts, loadMarks, loadTimeoutMs } = this.#options;
    const { key, pinned } = entry;
    loadMarks.begin(key);
    try {
      if (budget !== undefined && !(await isToBeLoaded(entry, budget, loadTimeoutMs))) return;
      const begun = performance.now();
      const loaded = await loader.load({
        ...{ key, pinned, known: entry.tried, isWanted: () => entry.users > 0 },
        isStill: (since) => this.#isStill(since),
        onReplicaLost: (lost, thread) => {
          counts.restarts++;
          this.#settleStuck(entry, lost, thread);
        },
        onLost: (lost, thread) => {
          this.#replace(entry, lost, thread);
        },
      });
      if (entry.users === 0) await loaded.executor.close();
      else this.#isReady(entry, loaded, performance.now() - begun);
    } catch (error) {
      counts.failures++;
      if (entry.users > 0) retries.fail(entry, codeOf(error), messageOf(error));
    } finally {
      budget?.loaded(entry);
      loadMarks.finish(key);
    }
  }

  #isReady(entry: PooledVersion, { executor, trial, memoryBytes }: LoadedVersion, loadMs: number): void {
    const { counts, loadSeconds } = this.#options;
    const { inputs, outputs, batchable, runMs } = trial;
    counts.loads++;
    loadSeconds.observe(loadMs / 1000);
    entry.failures = 0;
    entry.mustLoad = false;
    entry.loadMs = loadMs;
    entry.readySince = performance.now();
    entry.model ??= { inputs, outputs, batchable };
    const loadedAt = new Date().toISOString();
    const { placement } = executor;
    entry.setStatus({
      ...{ state: 'ready', executor, placement, runMs, loadedAt, loadMs },
      memoryBytes: memoryOf(entry, placement, memoryBytes),
    });
  }

  /** Whether no request was read or answered since then. */
  #isStill(since: number): boolean {
    const { versions, isAtWork } = this.#options;
    if (isAtWork()) return false;
    for (const { askedBy } of versions.values()) {
      for (const { isIdle, lastUsed } of askedBy) if (!isIdle || lastUsed >= since) return false;
    }
    return true;
  }

  /** A run that does not end takes a processor for as long as the process lives. */
  #settleStuck(entry: PooledVersion, lost: Error, thread: VersionThread): void {
    if (codeOf(lost) !== 'RunStuck') return;
    entry.stuckRuns++;
    this.#options.loader.leave(thread);
    this.#options.onChange();
    this.#options.onStuck();
  }

  #replace(entry: PooledVersion, lost: Error, thread: VersionThread): void {
    const { loader, retries, counts, onStuck } = this.#options;
    if (codeOf(lost) === 'RunStuck') {
      entry.stuckRuns++;
      loader.leave(thread);
    }
    // What is being unloaded is not needed any more.
    if (entry.users > 0 && entry.status.state === 'ready') {
      counts.restarts++;
      retries.loadAgain(entry, lost);
    }
    if (codeOf(lost) === 'RunStuck') onStuck();
  }
}

/** What was measured apart is free of what else the process does; where nothing was, the file is in memory at least. */
function memoryOf(entry: PooledVersion, placement: Placement, measured: number | undefined): number {
  entry.measuredBytes ??= measured;
  if (entry.takenBytes > 0) return entry.takenBytes;
  const { replicas = 1, size } = entry.pinned;
  return takenMemory(placement, replicas, entry.measuredBytes ?? size);
}
