import type { SliceDrift } from '../../libraries/statistics/drift/index.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { figure } from './figures.ts';
import { table } from './table.ts';

/** A line a slice: how many rows, and which columns drifted in it, the largest effect first. */
export function sliceTable(slices: readonly SliceDrift[], terminal: Terminal): string {
  const { bold, dim, red } = terminal.colours;
  const rows = slices.map(({ slice, columns, dataset }) => {
    const drifted = driftedIn({ columns });
    return [
      bold(oneLine(`${slice.column}=${slice.value}`)),
      `${dataset.rows.reference} → ${dataset.rows.current}`,
      `${dataset.drifted} of ${dataset.compared}`,
      drifted.length > 0 ? red(drifted.map(oneLine).join(', ')) : dim('none'),
    ];
  });
  return table(['SLICE', 'ROWS', 'DRIFTED', 'COLUMNS'], rows, { width: terminal.width, header: dim });
}

/** With their effects: `speed 0.31`. */
export function driftedIn({ columns }: Pick<SliceDrift, 'columns'>): readonly string[] {
  return columns
    .filter(({ drifted }) => drifted === true)
    .sort((one, other) => (other.effect ?? 0) - (one.effect ?? 0))
    .map(({ column, effect }) => `${column} ${figure(effect)}`.trim());
}
