import type { LogAnswer } from '../../core/capabilities/prediction-sink.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { shortened, table } from './table.ts';

const widest = 80;

/** An answer of the log for people: no cell takes the whole window. */
export function logAnswerTable({ columns, rows }: LogAnswer, { width, colours }: Terminal): string {
  const titles = columns.map(({ name }) => oneLine(name).toUpperCase());
  if (rows.length === 0) return `${titles.join('   ')}\nno rows\n`;
  return table(
    titles,
    rows.map((row) => row.map(shown)),
    { width, header: colours.bold },
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return shortened(oneLine(typeof value === 'object' ? JSON.stringify(value) : String(value)), widest);
}
