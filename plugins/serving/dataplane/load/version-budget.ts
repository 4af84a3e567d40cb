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
  /** What is being unloaded takes so much yet. */
  #closingBytes = 0;

  constructor(options: VersionBudgetOptions) {
    this.#options = options;
    this.onDemand = options.onDemand;
  }

  /** Bytes that loaded versions take, as far as is known. */
  get takenBytes(): number {
    let sum = this.#closingBytes;
    for (const { takenBytes } of this.#options.versions.values()) sum += takenBytes;
    return sum;
  }

  /** Bytes that they may take; undefined: as many as there are. */
  get bytes(): number | undefined {
    return this.onDemand.budget;
  }

  /** Whether there is room for so much, and nothing has to give way. */
  fits(bytes: number): boolean {
    return this.bytes === undefined || this.takenBytes + bytes <= this.bytes;
  }

  /** Unloads what was asked longest ago until there is room, or until only those are left that must stay. */
  async makeRoom(entry: PooledVersion, needed: number): Promise<void> {
    const patience = performance.now() + (this.onDemand.patienceMs ?? 1_000);
    while (entry.users > 0 && !this.fits(needed)) {
      const candidates = [...this.#options.versions.values()].filter(
        (one) => one !== entry && one.keepers === 0 && one.status.state === 'ready',
      );
      if (candidates.length === 0) return;
      const users = candidates.map((one) => ({ one, users: one.askedBy }));
      const least = leastRecentlyUsed(users, performance.now() >= patience)?.one;
      if (least === undefined) await sleep(20);
      else await this.#unload(least);
    }
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
