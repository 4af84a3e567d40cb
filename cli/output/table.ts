import { stripVTControlCharacters } from 'node:util';

export interface TableOptions {
  /** Columns of the window: the last column is cut so that a row fits. */
  readonly width: number;
  readonly header?: (text: string) => string;
}

/** Rows in columns, aligned by what is seen: colours take no room. The last column is not padded. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string {
  const all = titles.length > 0 ? [titles, ...rows] : rows;
  const columns = Math.max(...all.map((row) => row.length), 0);
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...all.map((row) => visibleLength(row[column] ?? ''))),
  );
  const lines = rows.map((row) => line(row, widths, options.width));
  if (titles.length > 0) {
    const head = line(titles, widths, options.width);
    lines.unshift(options.header ? options.header(head) : head);
  }
  return lines.map((written) => `${written}\n`).join('');
}

/** Letters that take a place on the screen. */
export function visibleLength(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

function line(cells: readonly string[], widths: readonly number[], limit: number): string {
  const last = widths.length - 1;
  let written = '';
  for (const [column, width] of widths.entries()) {
    const cell = cells[column] ?? '';
    if (column === last) written += shorten(cell, limit - visibleLength(written));
    else written += cell + ' '.repeat(width - visibleLength(cell) + 3);
  }
  return written.trimEnd();
}

function shorten(cell: string, room: number): string {
  if (visibleLength(cell) <= room) return cell;
  // A coloured cell is short by nature; cutting it could cut its colour's end.
  if (cell !== stripVTControlCharacters(cell)) return cell;
  return room > 12 ? `${[...cell].slice(0, room - 1).join('')}…` : cell;
}
