/** Milliseconds in a unit in which they are not nothing: `1 µs`, `2.5 ms`, `30 s`. */
export function spokenTime(milliseconds: number): string {
  if (milliseconds >= 1000) return `${rounded(milliseconds / 1000)} s`;
  if (milliseconds >= 1 || milliseconds === 0) return `${rounded(milliseconds)} ms`;
  return `${rounded(milliseconds * 1000)} µs`;
}

/** Nanoseconds, which calls may have, still show. */
function rounded(value: number): number {
  return Number(value.toFixed(value < 1 ? 3 : 1));
}
