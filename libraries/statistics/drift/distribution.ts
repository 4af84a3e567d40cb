import { type Cells, totalsOf } from '../two-sample/index.ts';
import type { CellShare } from './column.ts';

/** Cells of numbers, for a picture. */
export const pictureCells = 10;

export function sharesOf(cells: Cells, labels: readonly string[]): readonly CellShare[] {
  const rows = totalsOf(cells);
  return labels.map((cell, at) => ({
    cell,
    reference: cells.reference[at]! / rows.reference,
    current: cells.current[at]! / rows.current,
  }));
}

/** What cells between these edges are called. */
export function labelsOf(edges: readonly number[], which: 'up to' | 'below'): readonly string[] {
  const figure = (value: number) => String(Number(value.toPrecision(4)));
  const last = edges.at(-1);
  const beyond = which === 'below' ? 'from' : 'above';
  return [
    ...edges.map((edge) => `${which} ${figure(edge)}`),
    last === undefined ? 'all' : `${beyond} ${figure(last)}`,
  ];
}
