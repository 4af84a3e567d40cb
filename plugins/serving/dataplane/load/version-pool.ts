/**
 * The versions in memory. Whoever needs one acquires it and releases it; the same artifact is loaded once however many
 * deployments pin it, and is freed when the last has let go. A version whose thread ended is loaded again; one that
 * could not be loaded is tried again slowly. Where versions are loaded on demand, each is tried apart first and then
 * sleeps until somebody asks it, or is kept in memory; the least recently used gives way to others.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../../../../core/plugin.ts';
import { Histogram } from '../control/histogram.ts';
import { endMemoriesOf } from '../protocol/row-memories.ts';
import type { PinnedVersion, Placement } from '../routing-table.ts';
import type { Executor } from '../run/executor.ts';
import { type HangWatch, noHangWatch } from '../run/hang-watch.ts';
import type { StartWorker, VersionThread } from '../run/version-thread.ts';
import type { HeldVersion, VersionStatus } from './held-version.ts';
import { loadEndedProcess, memoryBudgetExceeded, versionTooLarge } from './load-errors.ts';
import { type LoadMarks, noLoadMarks } from './load-marks.ts';
import { leastMemory, neededMemory, takenMemory } from './needed-memory.ts';
import { leastRecentlyUsed, type OnDemand, type VersionUser } from './on-demand.ts';
import { keyOf, PooledVersion } from './pooled-version.ts';
import { type LoadedVersion, VersionLoader } from './version-loader.ts';

export interface VersionPoolOptions {
  readonly startWorker: StartWorker;
  /** Called after any version's status changed. */
  readonly onChange: () => void;
  /** Loads under way at once. */
  readonly parallelLoads: number;
  /** Milliseconds before the first retry of a failed load; doubles to `slowestRetryMs`. */
  readonly firstRetryMs?: number;
  readonly slowestRetryMs?: number;
  /** Milliseconds that loading and trying a version may take. */
  readonly loadTimeoutMs: number;
  /** Notices what blocks this event loop for ever; without it, nobody does. */
  readonly hangWatch?: HangWatch;
  /** Remembers loads that ended a process; without it, nobody does. */
  readonly loadMarks?: LoadMarks;
  /** Without it, every version is in memory for as long as it is held. */
  readonly onDemand?: OnDemand | undefined;
  /** Called after nothing of a version is in memory any more, but for garbage. */
  readonly onLetGo?: () => void;
  /** Whether the process has anything in hand that no version was asked yet. */
  readonly isAtWork?: () => boolean;
  /** Called when a run did not end: its thread takes a processor until the process ends. */
  readonly onStuck?: () => void;
}

/** Loads that end with a lost thread more often than this in a row count as failed. */
const toleratedLosses = 3;
/** Processes that ended in a row while they loaded a version: from then on it is tried rarely. One may have been killed. */
const toleratedEnds = 2;

type Resolved = Required<Omit<VersionPoolOptions, 'onDemand'>> & Pick<VersionPoolOptions, 'onDemand'>;

/** Milliseconds. */
const longestClose = 5_000;
const loadBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export class VersionPool {
  /** How often a version was made ready, could not be made ready, and lost its thread. */
  readonly counts = { loads: 0, failures: 0, restarts: 0, unloads: 0 };
  /** Seconds of loads that ended well. */
  readonly loadSeconds = new Histogram(loadBounds);
  readonly #options: Resolved;
  readonly #versions = new Map<string, PooledVersion>();
  readonly #waiting: PooledVersion[] = [];
  readonly #loader: VersionLoader;
  #loading = 0;
  /** What is being unloaded takes so much yet. */
  #closingBytes = 0;
  /** Loads under way, and what is being ended. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: VersionPoolOptions) {
    this.#options = {
      firstRetryMs: 30_000,
      slowestRetryMs: 600_000,
      hangWatch: noHangWatch,
      loadMarks: noLoadMarks,
      isAtWork: () => false,
      onStuck: () => {},
      onLetGo: () => {},
      ...options,
    };
    this.#loader = new VersionLoader(this.#options);
  }

  /** Holds a version until it is released, loading it if nobody else did. One that failed is tried again at once. */
  acquire(pinned: PinnedVersion): HeldVersion {
    const key = keyOf(pinned);
    let entry = this.#versions.get(key);
    if (entry === undefined) {
      const created: PooledVersion = new PooledVersion(key, pinned, () => this.#wake(created));
      entry = created;
      const note = this.#options.onDemand?.notes.get(key);
      if (note !== undefined) entry.learn(note);
      if (this.#options.hangWatch.tell(key)) entry.stuckRuns = 1;
      this.#versions.set(key, entry);
      const ended = this.#options.loadMarks.ended(key);
      if (ended < toleratedEnds) this.#enqueue(entry);
      else this.#putOff(entry, ended);
    } else if (entry.status.state === 'failed') {
      entry.pinned = pinned;
      if (this.#options.loadMarks.ended(key) < toleratedEnds) this.#retryNow(entry);
    }
    entry.users++;
    return entry;
  }

  /** Says who asks a version, until it is released. */
  use(held: HeldVersion, user: VersionUser): void {
    this.#entryOf(held).askedBy.add(user);
  }

  /** Has a version in memory, whatever gives way for it, until `letSleep` is called as often. */
  keep(held: HeldVersion): void {
    const entry = this.#entryOf(held);
    entry.keepers++;
    entry.wake();
  }

  letSleep(held: HeldVersion): void {
    (held as PooledVersion).keepers--;
  }

  /** Lets go of a version. No run of the caller's may be under way. */
  release(held: HeldVersion, user?: VersionUser): void {
    const entry = this.#entryOf(held);
    if (user !== undefined) entry.askedBy.delete(user);
    entry.users--;
    if (entry.users > 0) return;
    this.#versions.delete(entry.key);
    clearTimeout(entry.retry);
    const waiting = this.#waiting.indexOf(entry);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    if (entry.status.state === 'ready') this.#close(entry.status.executor);
    if (entry.model !== undefined) endMemoriesOf(entry.model);
  }

  /** Resolves when every session and thread that was let go of has ended. */
  async idle(): Promise<void> {
    while (this.#ending.size > 0) await Promise.allSettled(this.#ending);
    await this.#loader.idle();
  }

  /** Bytes that loaded versions take, as far as is known; only where they are loaded on demand. */
  get takenBytes(): number | undefined {
    return this.#options.onDemand === undefined ? undefined : this.#takenBytes;
  }

  /** Bytes that they may take; undefined: as many as there are. */
  get memoryBudget(): number | undefined {
    return this.#options.onDemand?.budget;
  }

  /** Whether a thread works on for longer than anyone waits. It cannot be ended without ending the process. */
  get hasStuckThread(): boolean {
    return this.#loader.hasStuckThread;
  }

  /** The sooner others are held up no more, the rarer it is tried. */
  #putOff(entry: PooledVersion, ended: number): void {
    const { code, message } = loadEndedProcess(ended);
    entry.failures = ended - toleratedEnds;
    // Whoever acquires it waits for nothing.
    queueMicrotask(() => {
      if (entry.users > 0) this.#fail(entry, code, message);
    });
  }

  #entryOf(held: HeldVersion): PooledVersion {
    const entry = this.#versions.get(held.key);
    if (entry !== held || entry.users === 0)
      throw new Error(`${held.key} was released more often than acquired`);
    return entry;
  }

  #enqueue(entry: PooledVersion): void {
    this.#waiting.push(entry);
    this.#startLoads();
  }

  /** Somebody waits for it: it comes before those that are only to be tried. */
  #wake(entry: PooledVersion): void {
    const { status } = entry;
    if (status.state !== 'asleep' || status.isWaking) return;
    entry.mustLoad = true;
    this.#setStatus(entry, { ...status, isWaking: true });
    const first = this.#waiting.findIndex(({ mustLoad }) => !mustLoad);
    this.#waiting.splice(first === -1 ? this.#waiting.length : first, 0, entry);
    this.#startLoads();
  }

  #startLoads(): void {
    while (this.#loading < this.#options.parallelLoads) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      this.#loading++;
      const load = this.#load(entry).finally(() => {
        this.#ending.delete(load);
        this.#loading--;
        this.#startLoads();
      });
      this.#ending.add(load);
    }
  }

  async #load(entry: PooledVersion): Promise<void> {
    const { loadMarks } = this.#options;
    const { key, pinned } = entry;
    loadMarks.begin(key);
    try {
      if (this.#options.onDemand !== undefined && !(await this.#isToBeLoaded(entry, this.#options.onDemand)))
        return;
      const begun = performance.now();
      const loaded = await this.#loader.load({
        ...{ key, pinned, known: entry.tried, isWanted: () => entry.users > 0 },
        isStill: (since) => this.#isStill(since),
        onReplicaLost: (lost, thread) => {
          this.counts.restarts++;
          this.#settleStuck(entry, lost, thread);
        },
        onLost: (lost, thread) => {
          this.#replace(entry, lost, thread);
        },
      });
      if (entry.users === 0) await loaded.executor.close();
      else this.#isReady(entry, loaded, performance.now() - begun);
    } catch (error) {
      this.counts.failures++;
      if (entry.users > 0) this.#fail(entry, codeOf(error), messageOf(error));
    } finally {
      loadMarks.finish(key);
    }
  }

  /**
   * Whether a version is to be in memory now; then there is room for it. It is tried first where it never was. Rejects with
   * the reason why it cannot be served.
   */
  async #isToBeLoaded(entry: PooledVersion, onDemand: OnDemand): Promise<boolean> {
    const { budget, notes, loading } = onDemand;
    const least = leastMemory(entry.pinned);
    if (budget !== undefined && least > budget) throw versionTooLarge(least, budget);
    // Whoever acquired it says in the same breath whether it is to be kept.
    await Promise.resolve();
    if (entry.tried === undefined) {
      const tried = await onDemand.tryApart(entry.pinned, this.#options.loadTimeoutMs);
      notes.put(entry.key, tried);
      entry.learn(tried);
    }
    const needed = neededMemory(entry.pinned, entry.tried!);
    // Also one that would be kept now: it could not be loaded again once it is not.
    if (budget !== undefined && needed > budget) throw memoryBudgetExceeded(needed, budget);
    const fits = budget === undefined || this.#takenBytes + needed <= budget;
    const isDue = entry.mustLoad || entry.keepers > 0 || (loading === 'eager' && fits);
    if (entry.users === 0) return false;
    if (!isDue) {
      this.#fallAsleep(entry, onDemand);
      return false;
    }
    if (budget !== undefined) await this.#makeRoom(entry, needed, budget, onDemand.patienceMs ?? 1_000);
    entry.takenBytes = needed;
    return entry.users > 0;
  }

  /** Unloads what was asked longest ago until there is room, or until only those are left that must stay. */
  async #makeRoom(entry: PooledVersion, needed: number, budget: number, patienceMs: number): Promise<void> {
    const patience = performance.now() + patienceMs;
    while (entry.users > 0 && this.#takenBytes + needed > budget) {
      const candidates = [...this.#versions.values()].filter(
        (one) => one !== entry && one.keepers === 0 && one.status.state === 'ready',
      );
      if (candidates.length === 0) return;
      const users = candidates.map((one) => ({ one, users: one.askedBy }));
      const least = leastRecentlyUsed(users, performance.now() >= patience)?.one;
      if (least === undefined) await sleep(20);
      else await this.#unload(least);
    }
  }

  get #takenBytes(): number {
    let sum = this.#closingBytes;
    for (const { takenBytes } of this.#versions.values()) sum += takenBytes;
    return sum;
  }

  /** What runs is answered first; what waits wakes it again. */
  async #unload(entry: PooledVersion): Promise<void> {
    const { status } = entry;
    const { onDemand } = this.#options;
    if (status.state !== 'ready' || onDemand === undefined) return;
    this.#fallAsleep(entry, onDemand);
    this.counts.unloads++;
    const bytes = entry.takenBytes;
    entry.takenBytes = 0;
    this.#closingBytes += bytes;
    await Promise.all([...entry.askedBy].map((user) => user.rested()));
    endMemoriesOf(entry.model!);
    const closed = this.#close(status.executor).finally(() => {
      this.#closingBytes -= bytes;
    });
    // A thread in a run that does not end never closes: whoever needs its room need not wait for that.
    await Promise.race([closed, sleep(longestClose, undefined, { ref: false })]);
  }

  #fallAsleep(entry: PooledVersion, { whileLoading }: OnDemand): void {
    entry.mustLoad = false;
    const retryAfter = Math.max(1, Math.ceil(entry.loadMs / 1000));
    const refuses = whileLoading === 'refuse';
    this.#setStatus(entry, { state: 'asleep', isWaking: false, refuses, retryAfter });
  }

  #isReady(entry: PooledVersion, { executor, trial, memoryBytes }: LoadedVersion, loadMs: number): void {
    const { inputs, outputs, batchable, runMs } = trial;
    this.counts.loads++;
    this.loadSeconds.observe(loadMs / 1000);
    entry.failures = 0;
    entry.mustLoad = false;
    entry.loadMs = loadMs;
    entry.readySince = Date.now();
    entry.model ??= { inputs, outputs, batchable };
    const loadedAt = new Date(entry.readySince).toISOString();
    const { placement } = executor;
    this.#setStatus(entry, {
      ...{ state: 'ready', executor, placement, runMs, loadedAt, loadMs },
      memoryBytes: this.#memoryOf(entry, placement, memoryBytes),
    });
  }

  /** What was measured apart is free of what else the process does; where nothing was, the file is in memory at least. */
  #memoryOf(entry: PooledVersion, placement: Placement, measured: number | undefined): number {
    entry.measuredBytes ??= measured;
    if (entry.takenBytes > 0) return entry.takenBytes;
    const { replicas = 1, size } = entry.pinned;
    return takenMemory(placement, replicas, entry.measuredBytes ?? size);
  }

  /** Whether no request was read or answered since then. */
  #isStill(since: number): boolean {
    if (this.#options.isAtWork()) return false;
    for (const { askedBy } of this.#versions.values()) {
      for (const { isIdle, lastUsed } of askedBy) if (!isIdle || lastUsed >= since) return false;
    }
    return true;
  }

  /** A run that does not end takes a processor for as long as the process lives. */
  #settleStuck(entry: PooledVersion, lost: Error, thread: VersionThread): void {
    if (codeOf(lost) !== 'RunStuck') return;
    entry.stuckRuns++;
    this.#loader.leave(thread);
    this.#options.onChange();
    this.#options.onStuck();
  }

  #replace(entry: PooledVersion, lost: Error, thread: VersionThread): void {
    if (codeOf(lost) === 'RunStuck') {
      entry.stuckRuns++;
      this.#loader.leave(thread);
    }
    // What is being unloaded is not needed any more.
    if (entry.users > 0 && entry.status.state === 'ready') this.#loadAgain(entry, lost);
    if (codeOf(lost) === 'RunStuck') this.#options.onStuck();
  }

  #loadAgain(entry: PooledVersion, lost: Error): void {
    this.counts.restarts++;
    entry.losses = Date.now() - entry.readySince > 60_000 ? 1 : entry.losses + 1;
    if (entry.losses > toleratedLosses) {
      this.#fail(entry, codeOf(lost), lost.message);
      return;
    }
    this.#setStatus(entry, { state: 'loading', reason: codeOf(lost), message: lost.message });
    entry.mustLoad = true;
    entry.takenBytes = 0;
    this.#enqueue(entry);
  }

  #fail(entry: PooledVersion, reason: string, message: string): void {
    entry.takenBytes = 0;
    const delay = Math.min(this.#options.firstRetryMs * 2 ** entry.failures, this.#options.slowestRetryMs);
    entry.failures++;
    entry.retry = setTimeout(() => this.#retryNow(entry), delay * (0.8 + Math.random() * 0.4)).unref();
    this.#setStatus(entry, { state: 'failed', reason, message });
  }

  #retryNow(entry: PooledVersion): void {
    clearTimeout(entry.retry);
    entry.losses = 0;
    this.#setStatus(entry, {
      state: 'loading',
      reason: 'Retrying',
      message: 'the version is being loaded again',
    });
    // One that is only tried and found good says nothing of a load that failed.
    entry.mustLoad = entry.tried !== undefined;
    this.#enqueue(entry);
  }

  #setStatus(entry: PooledVersion, status: VersionStatus): void {
    entry.setStatus(status);
    this.#options.onChange();
  }

  #close(executor: Executor): Promise<void> {
    const closing = executor.close();
    this.#ending.add(closing);
    const forget = () => {
      this.#ending.delete(closing);
      this.#options.onLetGo();
    };
    closing.then(forget, forget);
    return closing;
  }
}
