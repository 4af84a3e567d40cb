import { stripVTControlCharacters } from 'node:util';

export interface TableOptions {
  /** Columns of the window: the last column is cut so that a row fits. */
  readonly width: number;
  readonly header?: (text: string) => string;
}

/** Rows in columns, aligned by what is seen: colours take no room. The last column is not padded, and cut where a row is wider than the window. */
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
    if (column === last) written += shortened(cell, limit - visibleLength(written));
    else written += cell + ' '.repeat(width - visibleLength(cell) + 3);
  }
  return written.trimEnd();
}

/** Cuts what would not fit, and keeps the colours. Where there is no room at all, nothing is left. */
export function shortened(cell: string, room: number): string {
  if (visibleLength(cell) <= room) return cell;
  if (room < 1) return '';
  let left = room - 1;
  let written = '';
  for (const piece of cell.split(colour)) {
    if (colour.test(piece)) {
      written += piece;
      continue;
    }
    const letters = [...piece];
    if (left > 0 || letters.length === 0) written += letters.slice(0, left).join('');
    if (left >= 0 && letters.length > left) {
      written += '…';
      left = -1;
    } else left -= Math.max(0, Math.min(left, letters.length));
  }
  return written;
}

/** A colour begins or ends. The first letter is the escape, named by its Unicode category. */
const colour = /(\p{Cc}\[[0-9;]*m)/u;
