import type { TableColumn, Tables } from './table.ts';

/** A column whose values are one of 32 bins each, so that any set of bins is a word of 32 bits. */
export interface BinnedColumn {
  /** Of the reference's rows, and after them of the current ones. */
  readonly bins: Uint8Array;
  /** Whether neighbouring bins hold neighbouring values. */
  readonly isOrdered: boolean;
}

export const mostBins = 32;

/**
 * Puts the values of both samples into bins that are of both together: which sample a row is of must not show in them. Numbers by
 * their quantiles, missing ones before all others; texts by how frequent they are, rare ones together.
 */
export function binColumns({ reference, current }: Tables): readonly BinnedColumn[] {
  return reference.map((column, at) => {
    const other = current[at]!;
    return column.type === 'number' && other.type === 'number'
      ? { bins: numbersInBins(column.values, other.values), isOrdered: true }
      : { bins: textsInBins(textsOf(column), textsOf(other)), isOrdered: false };
  });
}

function textsOf(column: TableColumn): readonly (string | null)[] {
  return column.type === 'category' ? column.values : Array.from(column.values, String);
}

function numbersInBins(reference: ArrayLike<number>, current: ArrayLike<number>): Uint8Array {
  const all = new Float64Array(reference.length + current.length);
  all.set(reference);
  all.set(current, reference.length);
  // NaN comes last.
  const sorted = Float64Array.from(all).sort();
  let there = sorted.length;
  while (there > 0 && Number.isNaN(sorted[there - 1]!)) there--;
  const edges: number[] = [];
  for (let cell = 1; cell < mostBins - 1; cell++) {
    const edge = sorted[Math.floor((cell * there) / (mostBins - 1))]!;
    if (there > 0 && edge > (edges.at(-1) ?? sorted[0]!)) edges.push(edge);
  }
  return Uint8Array.from(all, (value) => (Number.isNaN(value) ? 0 : 1 + edgesUpTo(value, edges)));
}

function edgesUpTo(value: number, edges: readonly number[]): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function textsInBins(reference: readonly (string | null)[], current: readonly (string | null)[]): Uint8Array {
  const counts = new Map<string | null, number>();
  for (const texts of [reference, current])
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const frequent = [...counts]
    .sort(([one, count], [other, count2]) => count2 - count || (String(one) < String(other) ? -1 : 1))
    .slice(0, mostBins - 1);
  const places = new Map(frequent.map(([text], place) => [text, place]));
  const bins = new Uint8Array(reference.length + current.length);
  for (const [row, text] of reference.entries()) bins[row] = places.get(text) ?? mostBins - 1;
  for (const [row, text] of current.entries())
    bins[reference.length + row] = places.get(text) ?? mostBins - 1;
  return bins;
}
