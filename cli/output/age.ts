const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** How long ago, in its two greatest units at most: `42s`, `5m12s`, `3h`, `12d`. */
export function age(since: string | undefined, now: number): string {
  const start = since === undefined ? Number.NaN : Date.parse(since);
  return Number.isNaN(start) ? '-' : duration(now - start);
}

/** The same of milliseconds. Under a second: `0s`. */
export function duration(milliseconds: number): string {
  let rest = Math.max(0, milliseconds);
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${name}`);
    else if (parts.length > 0) break;
    // Beyond ten of the greatest unit the next one says nothing.
    if (parts.length === 2 || (parts.length === 1 && count >= 10)) break;
  }
  return parts.join('') || '0s';
}
