/**
 * When a version is loaded again that could not be loaded, or whose thread ended: at once where it may have been an
 * accident, and ever more slowly where it was none.
 */
import { codeOf } from '../../../../core/plugin.ts';
import { loadEndedProcess } from '../errors/load-errors.ts';
import type { LoadMarks } from './load-marks.ts';
import type { LoadQueue } from './load-queue.ts';
import type { PooledVersion } from './pooled-version.ts';

export interface LoadRetriesOptions {
  /** Milliseconds before the first retry of a failed load; doubles to `slowestRetryMs`. */
  readonly firstRetryMs: number;
  readonly slowestRetryMs: number;
  readonly loadMarks: LoadMarks;
}

/** Loads that end with a lost thread more often than this in a row count as failed. */
const toleratedLosses = 3;
/** Processes that ended in a row while they loaded a version: from then on it is tried rarely. One may have been killed. */
const toleratedEnds = 2;

export class LoadRetries {
  readonly #options: LoadRetriesOptions;
  readonly #queue: LoadQueue;

  constructor(options: LoadRetriesOptions, queue: LoadQueue) {
    this.#options = options;
    this.#queue = queue;
  }

  /** Has a version loaded for the first time in this process. The sooner others are held up no more, the rarer it is tried. */
  begin(entry: PooledVersion): void {
    const ended = this.#options.loadMarks.ended(entry.key);
    if (ended < toleratedEnds) {
      this.#queue.enqueue(entry);
      return;
    }
    const { code, message } = loadEndedProcess(ended);
    entry.failures = ended - toleratedEnds;
    // Whoever acquires it waits for nothing.
    queueMicrotask(() => {
      if (entry.users > 0) this.fail(entry, code, message);
    });
  }

  /** Somebody else wants a version that has failed: it need not wait for its next turn. */
  hurry(entry: PooledVersion): void {
    if (this.#options.loadMarks.ended(entry.key) < toleratedEnds) this.#retryNow(entry);
  }

  /** It cannot be served, and is tried again later. */
  fail(entry: PooledVersion, reason: string, message: string): void {
    const { firstRetryMs, slowestRetryMs } = this.#options;
    entry.takenBytes = 0;
    const delay = Math.min(firstRetryMs * 2 ** entry.failures, slowestRetryMs);
    entry.failures++;
    entry.retry = setTimeout(() => this.#retryNow(entry), delay * (0.8 + Math.random() * 0.4)).unref();
    entry.setStatus({ state: 'failed', reason, message });
  }

  /** What ran it ended unasked. */
  loadAgain(entry: PooledVersion, lost: Error): void {
    entry.losses = performance.now() - entry.readySince > 60_000 ? 1 : entry.losses + 1;
    if (entry.losses > toleratedLosses) {
      this.fail(entry, codeOf(lost), lost.message);
      return;
    }
    entry.setStatus({ state: 'loading', reason: codeOf(lost), message: lost.message });
    entry.mustLoad = true;
    entry.takenBytes = 0;
    this.#queue.enqueue(entry);
  }

  /** Nobody wants it any more. */
  forget(entry: PooledVersion): void {
    clearTimeout(entry.retry);
  }

  #retryNow(entry: PooledVersion): void {
    clearTimeout(entry.retry);
    entry.losses = 0;
    entry.setStatus({
      state: 'loading',
      reason: 'Retrying',
      message: 'the version is being loaded again',
    });
    // One that is only tried and found good says nothing of a load that failed.
    entry.mustLoad = entry.tried !== undefined;
    this.#queue.enqueue(entry);
  }
}
