import {
  countsBetween,
  quantileEdges,
  type SortedSamples,
  sortedSamples,
  testNumbers,
} from '../two-sample/index.ts';
import { fewValues } from './choice.ts';
import type { CategorySample } from './column.ts';
import { labelsOf, pictureCells, sharesOf } from './distribution.ts';
import type { Both, Numbers } from './numbers.ts';

/** Numbers of which every row is there. Throws `StatisticsError` for what cannot be compared. */
export function rowsOfNumbers({ reference, current }: Both<ArrayLike<number>>): Numbers {
  const samples = sortedSamples(reference, current);
  const constant = constantOf(samples);
  return {
    referenceRows: samples.reference.length,
    distinct: countDistinct(samples),
    ...(constant === undefined ? {} : { constant }),
    categories: () => ({
      reference: categoriesOf(samples.reference),
      current: categoriesOf(samples.current),
    }),
    whyNot: () => undefined,
    judge(test) {
      const edges = quantileEdges(samples.reference, pictureCells);
      const cells = {
        reference: countsBetween(samples.reference, edges),
        current: countsBetween(samples.current, edges),
      };
      return {
        outcome: testNumbers(test, samples),
        distribution: sharesOf(cells, labelsOf(edges, 'up to')),
      };
    },
  };
}

/** Of both samples; more than needed to tell few from many is not counted. */
function countDistinct({ reference, current }: SortedSamples): number {
  const seen = new Set<number>();
  for (const sorted of [reference, current]) {
    for (let row = 0; row < sorted.length; row++) {
      if (row > 0 && sorted[row] === sorted[row - 1]) continue;
      seen.add(sorted[row]!);
      if (seen.size > fewValues) return seen.size;
    }
  }
  return seen.size;
}

function constantOf({ reference, current }: SortedSamples): Numbers['constant'] {
  const value = reference[0]!;
  if (value !== reference.at(-1)) return undefined;
  let same = 0;
  for (const each of current) if (each === value) same++;
  return { value, cells: { reference: [reference.length, 0], current: [same, current.length - same] } };
}

function categoriesOf(sorted: Float64Array): CategorySample {
  const counts = new Map<string, number>();
  for (const value of sorted) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  return { type: 'category', rows: sorted.length, missing: 0, counts };
}
