/**
 * Asks with a signal that is aborted when another one is, and is nobody else's. `fetch` listens to the signal that it is given until the request is
 * collected as garbage; one that lives as long as a job would have a listener for each of its batches.
 */
export async function withOwnSignal<T>(
  signal: AbortSignal,
  ask: (own: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const abort = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await ask(own.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
