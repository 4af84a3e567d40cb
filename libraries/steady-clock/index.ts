/**
 * Milliseconds since 1970 that never jump while the process lives: a wall clock that is set must neither end a pause nor
 * make it last.
 */
export function steadyClock(
  wall: () => number = Date.now,
  steady: () => number = () => performance.now(),
): () => number {
  const begun = wall() - steady();
  return () => Math.round(begun + steady());
}
