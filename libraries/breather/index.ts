import { setImmediate } from 'node:timers/promises';

/** Lets other work of the process run from time to time in a long loop, and ends it when it is no longer wanted. */
export function breather(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < turn) return undefined;
    signal?.throwIfAborted();
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}

/** Milliseconds of work before others get their turn. */
const turn = 10;
