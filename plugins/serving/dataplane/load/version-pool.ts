/**
 * The versions in memory. Whoever needs one acquires it and releases it; the same artifact is loaded once however many
 * deployments pin it, and is freed when the last has let go. A version whose thread ended is loaded again; one that
 * could not be loaded is tried again slowly.
 */
import { createHash } from 'node:crypto';
import { codeOf, messageOf } from '../../../../core/plugin.ts';
import { loadEndedProcess, loadTimedOut } from '../errors.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { PinnedVersion } from '../routing-table.ts';
import type { Executor } from '../run/executor.ts';
import { type HangWatch, noHangWatch } from '../run/hang-watch.ts';
import { openInline } from '../run/inline-executor.ts';
import { type StartWorker, type ThreadReady, VersionThread } from '../run/version-thread.ts';
import type { HeldVersion, VersionStatus } from './held-version.ts';
import { type LoadMarks, noLoadMarks } from './load-marks.ts';

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
  /** Called when a run did not end: its thread takes a processor until the process ends. */
  readonly onStuck?: () => void;
}

/** Loads that end with a lost thread more often than this in a row count as failed. */
const toleratedLosses = 3;
/** Processes that ended in a row while they loaded a version: from then on it is tried rarely. One may have been killed. */
const toleratedEnds = 2;

export class VersionPool {
  /** How often a version was made ready, could not be made ready, and lost its thread. */
  readonly counts = { loads: 0, failures: 0, restarts: 0 };
  readonly #options: Required<VersionPoolOptions>;
  readonly #versions = new Map<string, Entry>();
  readonly #waiting: Entry[] = [];
  #loading = 0;
  #stuck = 0;
  /** Threads and sessions that are being ended. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: VersionPoolOptions) {
    this.#options = {
      firstRetryMs: 30_000,
      slowestRetryMs: 600_000,
      hangWatch: noHangWatch,
      loadMarks: noLoadMarks,
      onStuck: () => {},
      ...options,
    };
  }

  /** Holds a version until it is released, loading it if nobody else did. One that failed is tried again at once. */
  acquire(pinned: PinnedVersion): HeldVersion {
    const key = keyOf(pinned);
    let entry = this.#versions.get(key);
    if (entry === undefined) {
      entry = new Entry(key, pinned);
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

  /** Lets go of a version. No run of the caller's may be under way. */
  release(held: HeldVersion): void {
    const entry = this.#versions.get(held.key);
    if (entry !== held || entry.users === 0)
      throw new Error(`${held.key} was released more often than acquired`);
    entry.users--;
    if (entry.users > 0) return;
    this.#versions.delete(entry.key);
    clearTimeout(entry.retry);
    const waiting = this.#waiting.indexOf(entry);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
    if (entry.status.state === 'ready') this.#end(entry.status.executor.close());
  }

  /** Resolves when every session and thread that was let go of has ended. */
  async idle(): Promise<void> {
    while (this.#ending.size > 0) await Promise.allSettled(this.#ending);
  }

  /** Whether a thread works on for longer than anyone waits. It cannot be ended without ending the process. */
  get hasStuckThread(): boolean {
    return this.#stuck > 0;
  }

  /** The sooner others are held up no more, the rarer it is tried. */
  #putOff(entry: Entry, ended: number): void {
    const { code, message } = loadEndedProcess(ended);
    entry.failures = ended - toleratedEnds;
    // Whoever acquires it waits for nothing.
    queueMicrotask(() => {
      if (entry.users > 0) this.#fail(entry, code, message);
    });
  }

  #enqueue(entry: Entry): void {
    this.#waiting.push(entry);
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

  async #load(entry: Entry): Promise<void> {
    const { hangWatch, loadMarks, onStuck } = this.#options;
    loadMarks.begin(entry.key);
    const { path, digest, signature, examples, placement: wanted = 'auto' } = entry.pinned;
    // What blocked the event loop once does so no more.
    const placement = hangWatch.hung.has(entry.key) ? 'worker' : wanted;
    const thread = new VersionThread(
      { path, digest, signature, examples, placement },
      this.#options.startWorker,
    );
    try {
      const trial = await this.#trialOf(thread);
      const { inputs, outputs, batchable, runMs, bytes } = trial;
      let executor: Executor = thread;
      if (bytes !== undefined && entry.users > 0) {
        executor = await openInline(bytes, trial, hangWatch.guard(entry.key));
        this.#end(thread.close());
      }
      if (entry.users === 0) {
        await executor.close();
        return;
      }
      this.counts.loads++;
      entry.failures = 0;
      const readySince = Date.now();
      thread.onLost = (lost) => {
        const isStuck = codeOf(lost) === 'RunStuck';
        if (isStuck) {
          entry.stuckRuns++;
          this.#leave(thread);
        }
        this.#replace(entry, readySince, lost);
        if (isStuck) onStuck();
      };
      entry.model ??= { inputs, outputs, batchable };
      const loadedAt = new Date(readySince).toISOString();
      this.#setStatus(entry, { state: 'ready', executor, placement: executor.placement, runMs, loadedAt });
    } catch (error) {
      this.counts.failures++;
      if (codeOf(error) === 'LoadTimedOut') this.#leave(thread);
      else await thread.close();
      if (entry.users > 0) this.#fail(entry, codeOf(error), messageOf(error));
    } finally {
      loadMarks.finish(entry.key);
    }
  }

  /** A model may run for ever. The thread cannot be stopped, but nobody has to wait for it. */
  async #trialOf(thread: VersionThread): Promise<ThreadReady> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const { loadTimeoutMs } = this.#options;
      timer = setTimeout(() => reject(loadTimedOut(loadTimeoutMs)), loadTimeoutMs);
    });
    try {
      return await Promise.race([thread.ready, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #leave(thread: VersionThread): void {
    this.#stuck++;
    void thread.close().then(() => {
      this.#stuck--;
    });
  }

  #replace(entry: Entry, readySince: number, lost: Error): void {
    if (entry.users === 0) return;
    this.counts.restarts++;
    entry.losses = Date.now() - readySince > 60_000 ? 1 : entry.losses + 1;
    if (entry.losses > toleratedLosses) {
      this.#fail(entry, codeOf(lost), lost.message);
      return;
    }
    this.#setStatus(entry, { state: 'loading', reason: codeOf(lost), message: lost.message });
    this.#enqueue(entry);
  }

  #fail(entry: Entry, reason: string, message: string): void {
    const delay = Math.min(this.#options.firstRetryMs * 2 ** entry.failures, this.#options.slowestRetryMs);
    entry.failures++;
    entry.retry = setTimeout(() => this.#retryNow(entry), delay * (0.8 + Math.random() * 0.4)).unref();
    this.#setStatus(entry, { state: 'failed', reason, message });
  }

  #retryNow(entry: Entry): void {
    clearTimeout(entry.retry);
    entry.losses = 0;
    this.#setStatus(entry, {
      state: 'loading',
      reason: 'Retrying',
      message: 'the version is being loaded again',
    });
    this.#enqueue(entry);
  }

  #setStatus(entry: Entry, status: VersionStatus): void {
    entry.setStatus(status);
    this.#options.onChange();
  }

  #end(ending: Promise<void>): void {
    this.#ending.add(ending);
    const forget = () => this.#ending.delete(ending);
    ending.then(forget, forget);
  }
}

class Entry implements HeldVersion {
  readonly key: string;
  pinned: PinnedVersion;
  model: ModelInterface | undefined;
  status: VersionStatus = { state: 'loading', reason: 'Loading', message: 'the version is being loaded' };
  users = 0;
  stuckRuns = 0;
  /** Failed loads in a row. */
  failures = 0;
  /** Lost threads in a row. */
  losses = 0;
  retry: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  constructor(key: string, pinned: PinnedVersion) {
    this.key = key;
    this.pinned = pinned;
  }

  settled(): Promise<void> {
    if (this.status.state !== 'loading') return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  setStatus(status: VersionStatus): void {
    this.status = status;
    if (status.state === 'loading') return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function keyOf(pinned: PinnedVersion): string {
  const { digest, signature, examples, placement = 'auto' } = pinned;
  const rest = createHash('sha256')
    .update(JSON.stringify([signature, examples, placement]))
    .digest('hex');
  return `${digest}/${rest.slice(0, 16)}`;
}
