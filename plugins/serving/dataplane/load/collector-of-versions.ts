/** So many leave less than two megabytes behind. */
const versionsOfCollection = 50;

/**
 * To be told of each version that was let go of: collects the whole heap after some of them. Each leaves about 30 KB among the old, which V8 would
 * collect at 64 MB, after two thousand swaps; until then the process looks like one that leaks. A collection holds up the event loop for 20 ms and
 * more, and one for each version would be felt while versions are swapped.
 */
export function collectorOfVersions(collect: (() => void) | undefined = globalThis.gc): () => void {
  let letGo = 0;
  return () => {
    letGo++;
    if (letGo % versionsOfCollection === 0) collect?.();
  };
}
