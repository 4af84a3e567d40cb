import { messageOf } from './git-error.ts';
import type { Logger } from './logger.ts';
import type { Mirror } from './mirror.ts';

export interface FollowOptions {
  readonly mirror: Pick<Mirror, 'fetch'>;
  /** Safe to log. */
  readonly url: string;
  /** Milliseconds between two fetches while all is well. */
  readonly interval: number;
  /** Called after each fetch, whether it succeeded or not. */
  readonly onFetched: () => void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Aborted on close: kills a fetch that is under way. */
  readonly signal: AbortSignal;
}

export interface Following {
  /** Why the last fetch failed, if it did. */
  readonly lastError: Error | undefined;
  /** Fetches now, or once more where a fetch is under way (it may have asked too early). */
  wake(): void;
  close(): Promise<void>;
}

/** Keeps a mirror up to date: at once, at an interval with jitter, when woken, and less and less often while it fails. */
export function followRemote(options: FollowOptions): Following {
  const { mirror, url, interval, onFetched, log, signal } = options;
  let failures = 0;
  let lastError: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;

  async function fetchOnce(): Promise<void> {
    try {
      await mirror.fetch(signal);
      if (failures > 0) log.info({ url, failures }, 'remote reached again');
      failures = 0;
      lastError = undefined;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      lastError = error instanceof Error ? error : new Error(String(error));
      if (failures === 1) log.warn({ url, error: messageOf(error) }, 'fetch failed');
    }
    onFetched();
  }

  function wake(): void {
    again = true;
    if (running !== undefined || signal.aborted) return;
    clearTimeout(timer);
    running = (async () => {
      while (again && !signal.aborted) {
        again = false;
        await fetchOnce();
      }
      running = undefined;
      if (!signal.aborted) timer = setTimeout(wake, nextDelay(failures, interval, Math.random()));
    })();
  }

  wake();
  return {
    get lastError() {
      return lastError;
    },
    wake,
    async close() {
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
  };
}

/**
 * Milliseconds until the next fetch: the interval, doubled for each failure in a row up to ten minutes, and a fifth more or
 * less by `random` (0 to 1), so that many platforms do not ask one host in step.
 */
export function nextDelay(failures: number, interval: number, random: number): number {
  const longest = Math.max(interval, 10 * 60 * 1000);
  const delay = Math.min(interval * 2 ** Math.min(failures, 20), longest);
  return Math.round(delay * (0.8 + 0.4 * random));
}
