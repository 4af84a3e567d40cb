import type { ColumnProfile, Profile } from './profile.ts';

/** A column as tests of two samples take it: see `libraries/statistics/drift`. */
export type ProfileSample =
  | {
      readonly type: 'histogram';
      readonly rows: number;
      readonly missing: number;
      readonly infinite: number;
      readonly unreadable: number;
      readonly edges: readonly number[];
      readonly counts: readonly number[];
      readonly least: number;
      readonly most: number;
      readonly mean: number;
      readonly variance: number;
      readonly distinct?: readonly (readonly [value: number, count: number])[];
    }
  | {
      readonly type: 'category';
      readonly rows: number;
      readonly missing: number;
      readonly counts: ReadonlyMap<string, number>;
      readonly others: number;
      readonly distinct: number;
    };

export function samplesOf({ columns }: Profile): ReadonlyMap<string, ProfileSample> {
  return new Map(columns.map((column) => [column.name, sampleOf(column)]));
}

function sampleOf(column: ColumnProfile): ProfileSample {
  const { rows, missing } = column;
  if (column.type === 'category') {
    const counts = new Map(column.levels.filter(([, count]) => count > 0));
    // One unseen text is all of the other rows; of several, how many each has is not known.
    const unseen = column.unseen ?? [];
    const isOne = unseen.length === 1;
    for (const label of unseen) counts.set(label, isOne ? column.others : 0);
    const others = isOne ? 0 : column.others;
    return { type: 'category', rows, missing, counts, others, distinct: column.distinct };
  }
  const { infinite, unreadable, edges, counts, distinct } = column;
  return {
    type: 'histogram',
    rows,
    missing,
    infinite,
    unreadable,
    edges,
    counts,
    least: column.least ?? 0,
    most: column.most ?? 0,
    // Of values whose sums no double holds nothing is known: tests of means and distances refuse NaN in words.
    mean: column.mean ?? Number.NaN,
    variance: column.variance ?? Number.NaN,
    ...(distinct === undefined ? {} : { distinct }),
  };
}
