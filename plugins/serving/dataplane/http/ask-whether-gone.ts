/**
 * A client that has closed its side may still want to hear the answer, or may be gone: the same packet says both. Whoever is gone
 * refuses what is written, and a client that is there skips `100 Continue`, of which any number may come before an answer.
 */
const firstMs = 50;
const longestMs = 1_000;

/** Writes to it now and then, until it is over. The connection closes by itself where nobody is there. */
export function askWhetherGone(isOver: () => boolean, write: () => void): void {
  let wait = firstMs;
  const ask = (): void => {
    if (isOver()) return;
    write();
    wait = Math.min(2 * wait, longestMs);
    setTimeout(ask, wait).unref();
  };
  setTimeout(ask, wait).unref();
}
