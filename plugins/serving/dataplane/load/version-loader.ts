/** Loads a version in fresh worker threads, and gives what runs it: on the event loop, in its thread, or in several. */
import { codeOf } from '../../../../core/plugin.ts';
import { loadTimedOut } from '../errors/load-errors.ts';
import { workerLost } from '../errors/run-errors.ts';
import type { PinnedVersion } from '../interface/routing-table.ts';
import type { Executor } from '../run/executor.ts';
import type { HangWatch } from '../run/hang-watch.ts';
import { openInline } from '../run/inline-executor.ts';
import { Replicas } from '../run/replicas.ts';
import type { Known } from '../run/thread-messages.ts';
import { type StartWorker, type ThreadReady, VersionThread } from '../run/version-thread.ts';
import { freeMemory } from '../tensor/free-memory.ts';
import { Endings } from './endings.ts';

export interface VersionLoaderOptions {
  readonly startWorker: StartWorker;
  /** Milliseconds that loading and trying a version may take. */
  readonly loadTimeoutMs: number;
  readonly hangWatch: HangWatch;
}

export interface LoadOrder {
  readonly key: string;
  readonly pinned: PinnedVersion;
  /** What is known of it from before: it is not tried anew then. */
  readonly known?: Known | undefined;
  /** Whether no request was at work in the process since then, by `performance.now()`. */
  readonly isStill: (since: number) => boolean;
  /** Whether somebody still waits for it. */
  readonly isWanted: () => boolean;
  /** One of several threads ended unasked, and the others go on. */
  readonly onReplicaLost: (lost: Error, thread: VersionThread) => void;
  /** What ran it ended unasked. */
  readonly onLost: (lost: Error, thread: VersionThread) => void;
}

export interface LoadedVersion {
  readonly executor: Executor;
  readonly trial: ThreadReady;
  /** What one session of it takes; undefined where the process did something else meanwhile, which grows, too. */
  readonly memoryBytes: number | undefined;
}

export class VersionLoader {
  readonly #options: VersionLoaderOptions;
  /** Threads that were left to themselves, and have not ended. */
  #stuck = 0;
  /** Threads that are started, and not ready yet. */
  #opening = 0;
  /** Threads that were ever started. */
  #opened = 0;
  /** Threads that are being ended. */
  readonly #endings = new Endings();

  constructor(options: VersionLoaderOptions) {
    this.#options = options;
  }

  /** Whether a thread works on for longer than anyone waits. It cannot be ended without ending the process. */
  get hasStuckThread(): boolean {
    return this.#stuck > 0;
  }

  /** Rejects with the reason why the version cannot be served; nothing of it is left then. */
  async load(order: LoadOrder): Promise<LoadedVersion> {
    const { key, pinned, isWanted, onLost } = order;
    const { replicas = 1 } = pinned;
    const wasAlone = this.#watch(order);
    const thread = await this.#open(order, order.known);
    const trial = await thread.ready;
    const { bytes } = trial;
    const memoryBytes = wasAlone() ? trial.memoryBytes : undefined;
    if (bytes !== undefined && isWanted()) {
      let executor: Executor;
      try {
        executor = await openInline(bytes, trial, this.#options.hangWatch.guard(key), pinned.session);
      } finally {
        freeMemory(bytes);
        this.#endings.add(thread.close());
      }
      return { executor, trial, memoryBytes };
    }
    if (replicas === 1 || !isWanted()) {
      thread.onLost = (lost) => onLost(lost, thread);
      return { executor: thread, trial, memoryBytes };
    }
    return { executor: await this.#replicate(order, thread, trial), trial, memoryBytes };
  }

  /** Nobody waits any longer for a thread that does not end. */
  leave(thread: VersionThread): void {
    this.#stuck++;
    void thread.close().then(() => {
      this.#stuck--;
    });
  }

  /** Resolves when every thread that is not used any more has ended. */
  async idle(): Promise<void> {
    await this.#endings.idle();
  }

  /** Gives whether the next thread alone was at work from now until then. */
  #watch({ isStill }: LoadOrder): () => boolean {
    const since = performance.now();
    const before = this.#opened;
    const isAlone = this.#opening === 0 && isStill(since);
    return () => isAlone && this.#opened === before + 1 && isStill(since);
  }

  async #replicate(order: LoadOrder, first: VersionThread, trial: ThreadReady): Promise<Executor> {
    const { replicas = 1 } = order.pinned;
    let threads = [first];
    let ended = 0;
    try {
      while (threads.length < replicas && order.isWanted()) {
        threads.push(await this.#open(order, trial));
        // Nobody is told yet of one that ends meanwhile: whoever runs them would be given one that never answers.
        const alive = threads.filter(({ hasEnded }) => !hasEnded);
        ended += threads.length - alive.length;
        threads = alive;
        if (ended > replicas) throw workerLost('its threads end while others of it are loaded');
      }
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.close()));
      throw error;
    }
    return new Replicas({
      threads,
      another: () => this.#open(order, trial),
      onReplicaLost: order.onReplicaLost,
      onLost: order.onLost,
    });
  }

  /** A thread that is ready. */
  async #open({ key, pinned }: LoadOrder, known: Known | undefined): Promise<VersionThread> {
    const { hangWatch, startWorker } = this.#options;
    const { path, digest, signature, examples, session, replicas = 1, placement: wanted = 'auto' } = pinned;
    // What blocked the event loop once does so no more; and several cannot share one.
    const placement = hangWatch.hung.has(key) || replicas > 1 ? 'worker' : wanted;
    const thread = new VersionThread(
      {
        ...{ path, digest, signature, examples, session, placement },
        known: known && { batchable: known.batchable, runMs: known.runMs },
      },
      startWorker,
    );
    this.#opening++;
    this.#opened++;
    try {
      await this.#inTime(thread.ready);
      return thread;
    } catch (error) {
      if (codeOf(error) === 'LoadTimedOut') this.leave(thread);
      else await thread.close();
      throw error;
    } finally {
      this.#opening--;
    }
  }

  /** A model may run for ever. The thread cannot be stopped, but nobody has to wait for it. */
  async #inTime(ready: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const { loadTimeoutMs } = this.#options;
      timer = setTimeout(() => reject(loadTimedOut(loadTimeoutMs)), loadTimeoutMs);
    });
    try {
      await Promise.race([ready, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
