import { requireCount, StatisticsError } from '../error.ts';
import type { SortedSamples } from './samples.ts';

/** How many rows of two samples fell into each of the same cells: categories, or bins of numbers. */
export interface Cells {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** Below this, a cell's count is too far from normal for a chi-squared limit (Cochran's rule). */
export const leastExpected = 5;

export function totalsOf({ reference, current }: Cells): { reference: number; current: number } {
  return { reference: sum(reference), current: sum(current) };
}

/** Throws `StatisticsError` for counts that are none, cells that do not match, and a sample without a row. */
export function requireCells(cells: Cells): void {
  if (cells.reference.length !== cells.current.length)
    throw new StatisticsError(`there are ${cells.reference.length} cells and ${cells.current.length} cells`);
  for (const [name, counts] of Object.entries(cells) as [string, readonly number[]][]) {
    for (const [at, count] of counts.entries()) requireCount(`the ${name}'s count ${at + 1}`, count);
    if (sum(counts) === 0) throw new StatisticsError(`the ${name} has no value`);
  }
}

/**
 * The cells without those that neither sample fills, and with small ones made one: while the expected count of a cell is below
 * `leastExpected` in either sample, it joins the others of its sort. What is still too small joins the smallest of the rest.
 */
export function poolSmall(cells: Cells): Cells & { readonly pooled: number } {
  const { reference, current } = totalsOf(cells);
  const smaller = Math.min(reference, current) / (reference + current);
  const kept: [number, number][] = [];
  const rest: [number, number] = [0, 0];
  let pooled = 0;
  for (const [at, one] of cells.reference.entries()) {
    const other = cells.current[at]!;
    if (one + other === 0) continue;
    if ((one + other) * smaller >= leastExpected) kept.push([one, other]);
    else {
      rest[0] += one;
      rest[1] += other;
      pooled++;
    }
  }
  if (pooled > 0) {
    const isEnough = (rest[0] + rest[1]) * smaller >= leastExpected;
    if (isEnough || kept.length === 0) kept.push(rest);
    else {
      const smallest = kept.reduce((least, cell) => (cell[0] + cell[1] < least[0] + least[1] ? cell : least));
      smallest[0] += rest[0];
      smallest[1] += rest[1];
    }
  }
  return { reference: kept.map(([one]) => one), current: kept.map(([, other]) => other), pooled };
}

/** The same, where something is left to compare. Throws `StatisticsError` where all rows are in one cell, or too few. */
export function comparableCells(cells: Cells): Cells & { readonly pooled: number } {
  requireCells(cells);
  const pooled = poolSmall(cells);
  if (pooled.reference.length > 1) return pooled;
  throw new StatisticsError(
    pooled.pooled === 0
      ? 'all rows of both samples are in one cell'
      : `there are too few rows: fewer than two cells expect ${leastExpected} of each sample`,
  );
}

export function poolingLimits({ pooled }: { readonly pooled: number }): readonly string[] {
  if (pooled === 0) return [];
  return [
    `${pooled === 1 ? 'a small cell is judged with another' : `${pooled} small cells are judged as one`} for the p value`,
  ];
}

/**
 * Cells of numbers by edges of the reference alone: its quantiles, so that a cell holds about as much of it as any other. A cell
 * reaches from above one edge to its own; the last has no end. Few distinct values get a cell each.
 */
export function quantileCells({ reference, current }: SortedSamples, cells: number): Cells {
  const edges = quantileEdges(reference, cells);
  return { reference: countsBetween(reference, edges), current: countsBetween(current, edges) };
}

export function quantileEdges(sorted: Float64Array, cells: number): readonly number[] {
  const edges: number[] = [];
  for (let cell = 1; cell < cells; cell++) {
    // A value of the reference itself, so that few distinct values have no edge between them.
    const edge = sorted[Math.ceil((cell / cells) * sorted.length) - 1]!;
    if (edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY) && edge < sorted.at(-1)!) edges.push(edge);
  }
  return edges;
}

/** How many values are up to each edge, from above the one before; the last cell has no end. */
export function countsBetween(sorted: Float64Array, edges: readonly number[]): readonly number[] {
  const counts: number[] = [];
  let before = 0;
  for (const edge of edges) {
    const upTo = firstAbove(sorted, edge);
    counts.push(upTo - before);
    before = upTo;
  }
  counts.push(sorted.length - before);
  return counts;
}

/** How many values are at most `limit`. */
function firstAbove(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sum(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
