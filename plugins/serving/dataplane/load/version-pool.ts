/**
 * The versions in memory. Whoever needs one acquires it and releases it; the same artifact is loaded once however many
 * deployments pin it, and is freed when the last has let go. A version whose thread ended is loaded again; one that
 * could not be loaded is tried again slowly. Where versions are loaded on demand, each is tried apart first and then
 * sleeps until somebody asks it, or is kept in memory; the least recently used gives way to others.
 */
import { Histogram } from '../counters/histogram.ts';
import type { PinnedVersion } from '../interface/routing-table.ts';
import { endMemoriesOf } from '../protocol/row-memories.ts';
import type { Executor } from '../run/executor.ts';
import { type HangWatch, noHangWatch } from '../run/hang-watch.ts';
import type { StartWorker } from '../run/version-thread.ts';
import { Endings } from './endings.ts';
import type { HeldVersion } from './held-version.ts';
import { type LoadMarks, noLoadMarks } from './load-marks.ts';
import { LoadQueue } from './load-queue.ts';
import { LoadRetries } from './load-retries.ts';
import { type LoadCounts, LoadTurns } from './load-turns.ts';
import type { OnDemand, VersionUser } from './on-demand.ts';
import { keyOf, PooledVersion, type PooledVersionEvents } from './pooled-version.ts';
import { VersionBudget } from './version-budget.ts';
import { VersionLoader } from './version-loader.ts';

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

type Resolved = Required<Omit<VersionPoolOptions, 'onDemand'>> & Pick<VersionPoolOptions, 'onDemand'>;

const loadBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export class VersionPool {
  readonly counts: LoadCounts = { loads: 0, failures: 0, restarts: 0, unloads: 0 };
  /** Seconds of loads that ended well. */
  readonly loadSeconds = new Histogram(loadBounds);
  readonly #options: Resolved;
  readonly #versions = new Map<string, PooledVersion>();
  readonly #loader: VersionLoader;
  readonly #queue: LoadQueue;
  readonly #retries: LoadRetries;
  readonly #budget: VersionBudget | undefined;
  /** Loads under way, and what is being ended. */
  readonly #endings = new Endings();
  readonly #events: PooledVersionEvents;

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
    const { onDemand, parallelLoads, onChange } = this.#options;
    this.#events = { onWake: (entry) => this.#queue.wake(entry), onChange };
    this.#loader = new VersionLoader(this.#options);
    this.#queue = new LoadQueue({
      parallelLoads,
      load: (entry) => turns.load(entry),
      endings: this.#endings,
    });
    this.#retries = new LoadRetries(this.#options, this.#queue);
    this.#budget = onDemand && this.#budgetOf(onDemand);
    const turns = new LoadTurns({
      ...this.#options,
      loader: this.#loader,
      retries: this.#retries,
      budget: this.#budget,
      versions: this.#versions,
      counts: this.counts,
      loadSeconds: this.loadSeconds,
    });
  }

  /** Holds a version until it is released, loading it if nobody else did. One that failed is tried again at once. */
  acquire(pinned: PinnedVersion): HeldVersion {
    const key = keyOf(pinned);
    let entry = this.#versions.get(key);
    if (entry === undefined) {
      entry = new PooledVersion(key, pinned, this.#events);
      const note = this.#options.onDemand?.notes.get(key);
      if (note !== undefined) entry.learn(note);
      if (this.#options.hangWatch.tell(key)) entry.stuckRuns = 1;
      this.#versions.set(key, entry);
      this.#retries.begin(entry);
    } else if (entry.status.state === 'failed') {
      entry.pinned = pinned;
      this.#retries.hurry(entry);
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
    this.#retries.forget(entry);
    this.#queue.remove(entry);
    if (entry.status.state === 'ready') this.#close(entry.status.executor);
    if (entry.model !== undefined) endMemoriesOf(entry.model);
  }

  /** Resolves when every session and thread that was let go of has ended. */
  async idle(): Promise<void> {
    await this.#endings.idle();
    await this.#loader.idle();
  }

  /** Bytes that loaded versions take, as far as is known; only where they are loaded on demand. */
  get takenBytes(): number | undefined {
    return this.#budget?.takenBytes;
  }

  /** Bytes that they may take; undefined: as many as there are. */
  get memoryBudget(): number | undefined {
    return this.#budget?.bytes;
  }

  /** Whether a thread works on for longer than anyone waits. It cannot be ended without ending the process. */
  get hasStuckThread(): boolean {
    return this.#loader.hasStuckThread;
  }

  #budgetOf(onDemand: OnDemand): VersionBudget {
    return new VersionBudget({
      onDemand,
      versions: this.#versions,
      close: (executor) => this.#close(executor),
      onUnload: () => {
        this.counts.unloads++;
      },
    });
  }

  #entryOf(held: HeldVersion): PooledVersion {
    const entry = this.#versions.get(held.key);
    if (entry !== held || entry.users === 0)
      throw new Error(`${held.key} was released more often than acquired`);
    return entry;
  }

  #close(executor: Executor): Promise<void> {
    const closing = executor.close();
    this.#endings.add(closing);
    const letGo = () => this.#options.onLetGo();
    closing.then(letGo, letGo);
    return closing;
  }
}
