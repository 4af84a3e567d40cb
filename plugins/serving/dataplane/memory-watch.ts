/**
 * Notices a process that grows for ever. It ends in order then, and whoever started it starts another: memory that a model's
 * native code does not give back comes back no other way, and the system would end it in the middle of its answers.
 */
export interface MemoryWatchOptions {
  /** Bytes of resident memory that the process may have. */
  readonly limit: number;
  /** Called once, with what it has and what it may have. */
  readonly onExceeded: (bytes: number, limit: number) => void;
  /** Resident bytes now. */
  readonly resident?: () => number;
  readonly everyMs?: number;
}

/** A process that has more than its limit as soon as it is loaded would gain nothing by another beginning: that may grow by so much. */
const roomAbove = 1.25;

/** Watches from now on: call it when everything is loaded. Gives the limit that holds. */
export function watchMemory(options: MemoryWatchOptions): number {
  const { onExceeded, resident = process.memoryUsage.rss, everyMs = 1_000 } = options;
  const limit = Math.max(options.limit, Math.round(resident() * roomAbove));
  const timer = setInterval(() => {
    const bytes = resident();
    if (bytes <= limit) return;
    clearInterval(timer);
    onExceeded(bytes, limit);
  }, everyMs);
  timer.unref();
  return limit;
}
