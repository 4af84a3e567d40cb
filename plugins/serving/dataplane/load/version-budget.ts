/** The memory that there is for versions that are loaded on demand: what they take of it, and who gives way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endMemoriesOf } from '../protocol/row-memories.ts';
import type { Executor } from '../run/executor.ts';
import { leastRecentlyUsed, type OnDemand } from './on-demand.ts';
import type { PooledVersion } from './pooled-version.ts';

export interface VersionBudgetOptions {
  readonly onDemand: OnDemand;
  /** All that are held. */
  readonly versions: ReadonlyMap<string, PooledVersion>;
  readonly close: (executor: Executor) => Promise<void>;
  readonly onUnload: () => void;
}

/** Milliseconds. */
const longestClose = 5_000;

export class VersionBudget {
  readonly onDemand: OnDemand;
  readonly #options: VersionBudgetOptions;
  /** Those that have room, and are being loaded into it. */
  readonly #loading = new Set<PooledVersion>();
  /** What is being unloaded takes so much yet. */
  #closingBytes = 0;
  /** Unloads that somebody waits for. */
  #unloading = 0;

  constructor(options: VersionBudgetOptions) {
    this.#options = options;
    this.onDemand = options.onDemand;
  }

  /** Bytes that versions take, as far as is known, from the beginning of their loads. */
  get takenBytes(): number {
    const { versions } = this.#options;
    let sum = this.#closingBytes;
    for (const { takenBytes } of versions.values()) sum += takenBytes;
    // What nobody wants any more is loaded to its end.
    for (const entry of this.#loading) if (versions.get(entry.key) !== entry) sum += entry.takenBytes;
    return sum;
  }

  /** Bytes that they may take; undefined: as many as there are. */
  get bytes(): number | undefined {
    return this.onDemand.budget;
  }

  /** Takes so much for a version that is loaded next, if nothing has to give way. */
  takeIfFree(entry: PooledVersion, needed: number): boolean {
    const fits = this.#fits(needed);
    if (fits) this.#take(entry, needed);
    return fits;
  }

  /**
   * The same, and unloads what was asked longest ago until there is room, or until only those are left that must stay. What
   * is being loaded can give way once that is done; what is being unloaded for another may leave room for both.
   */
  async take(entry: PooledVersion, needed: number): Promise<void> {
    const { patienceMs = 1_000 } = this.onDemand;
    let patience = performance.now() + patienceMs;
    while (entry.users > 0 && !this.#fits(needed)) {
      const candidates = [...this.#options.versions.values()].filter(
        (one) => one !== entry && one.keepers === 0 && one.status.state === 'ready',
      );
      if (candidates.length === 0) {
        if (this.#unloading === 0 && ![...this.#loading].some(({ keepers }) => keepers === 0)) break;
        await sleep(20);
        patience = performance.now() + patienceMs;
        continue;
      }
      const users = candidates.map((one) => ({ one, users: one.askedBy }));
      const least = leastRecentlyUsed(users, performance.now() >= patience)?.one;
      if (least === undefined) {
        await sleep(20);
        continue;
      }
      this.#unloading++;
      await this.#unload(least).finally(() => {
        this.#unloading--;
      });
    }
    if (entry.users > 0) this.#take(entry, needed);
  }

  /** The load that it took something for is over. */
  loaded(entry: PooledVersion): void {
    this.#loading.delete(entry);
  }

  #fits(bytes: number): boolean {
    return this.bytes === undefined || this.takenBytes + bytes <= this.bytes;
  }

  #take(entry: PooledVersion, bytes: number): void {
    entry.takenBytes = bytes;
    this.#loading.add(entry);
  }

  /** What runs is answered first; what waits wakes it again. */
  async #unload(entry: PooledVersion): Promise<void> {
    const { status } = entry;
    const { close, onUnload } = this.#options;
    if (status.state !== 'ready') return;
    entry.fallAsleep(this.onDemand.whileLoading);
    onUnload();
    const bytes = entry.takenBytes;
    entry.takenBytes = 0;
    this.#closingBytes += bytes;
    await Promise.all([...entry.askedBy].map((user) => user.rested()));
    endMemoriesOf(entry.model!);
    const closed = close(status.executor).finally(() => {
      this.#closingBytes -= bytes;
    });
    // A thread in a run that does not end never closes: whoever needs its room need not wait for that.
    await Promise.race([closed, sleep(longestClose, undefined, { ref: false })]);
  }
}
