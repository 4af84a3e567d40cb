import type { Cells } from '../two-sample/index.ts';
import type { CategorySample, SeenCategories } from './column.ts';

/** Categories of the reference that are compared one by one; the others together. Else rare ones alone make any sample differ. */
export const keptLevels = 15;

export interface LevelCells extends Cells {
  readonly labels: readonly string[];
}

/** Counts of the reference's most frequent categories, and of all others together. */
export function levelCells(
  { counts: reference, others: furtherReference = 0 }: CategorySample,
  { counts: current, others: furtherCurrent = 0 }: CategorySample,
): LevelCells {
  const kept = byFrequency(reference).slice(0, keptLevels);
  const labels = [...kept];
  const counts = {
    reference: kept.map((level) => reference.get(level) ?? 0),
    current: kept.map((level) => current.get(level) ?? 0),
  };
  const known = new Set(kept);
  const rest = (of: ReadonlyMap<string, number>): number => {
    let rows = 0;
    for (const [level, count] of of) if (!known.has(level)) rows += count;
    return rows;
  };
  const others = {
    reference: rest(reference) + furtherReference,
    current: rest(current) + furtherCurrent,
  };
  if (others.reference + others.current > 0) {
    labels.push('(others)');
    counts.reference.push(others.reference);
    counts.current.push(others.current);
  }
  return { labels, ...counts };
}

/** Categories of the first that the second does not have; of profiles, those that are known by name. */
export function seenOnlyIn(one: CategorySample, other: CategorySample): SeenCategories {
  const alone = new Map([...one.counts].filter(([level]) => !other.counts.has(level)));
  // Where the other sample names all of its own, what the first does not name is new to it.
  let rows = (other.others ?? 0) === 0 ? (one.others ?? 0) : 0;
  for (const count of alone.values()) rows += count;
  return { count: alone.size, rows, names: byFrequency(alone).slice(0, 10) };
}

/** Ties by name, so that the order of rows does not matter. */
function byFrequency(counts: ReadonlyMap<string, number>): string[] {
  return [...counts]
    .sort(([name, count], [other, count2]) => count2 - count || (name < other ? -1 : 1))
    .map(([name]) => name);
}
