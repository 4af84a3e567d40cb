/** How the levels of one column become numbers. A level that is not listed counts as rare. */
export type Encoding = ReadonlyMap<string, number>;

/** The code of all levels that are rare or were never seen. */
export const rare = 0;

/** Numbers the commonest levels from 1 on, the commonest first, and leaves the others to `rare`. Ties go by name. */
export function fitEncoding(column: readonly string[], commonest: number): Encoding {
  const counts = new Map<string, number>();
  for (const level of column) counts.set(level, (counts.get(level) ?? 0) + 1);
  const byCount = [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return new Map(byCount.slice(0, commonest).map(([level], index) => [level, index + 1]));
}

export function encode(encoding: Encoding, level: string): number {
  return encoding.get(level) ?? rare;
}
