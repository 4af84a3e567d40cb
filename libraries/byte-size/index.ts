const prefixes = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
} as const;

/**
 * Bytes of a number of them, or of a text such as `512MiB`, `512Mi`, `500MB`, `500M` or `1.5 GiB`: Kubernetes's suffixes, with or
 * without a `B`. `KB` is none, because people mean both 1000 and 1024 by it. Undefined where it is no size.
 */
export function parseByteSize(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const [, count, prefix] = /^(\d{1,15}(?:\.\d{1,15})?) ?([kMGT]|[KMGT]i)?B?$/.exec(value) ?? [];
  if (count === undefined) return undefined;
  return Math.round(Number(count) * (prefix === undefined ? 1 : prefixes[prefix as keyof typeof prefixes]));
}

/** Bytes as people say them: `76 kB`, `1.2 GB`. */
export function formatByteSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size.toFixed(size < 9.95 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}
