import {
  type ColumnProfile,
  type Profile,
  QuantileSketch,
  quantileOf,
} from '../../libraries/profile/index.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { table } from './table.ts';

/** A profile for a person: a line a column, with its range or its most frequent texts. */
export function profileTable(
  { columns, rows, digest, reference }: Profile,
  file: string,
  terminal: Terminal,
): string {
  const { bold, dim } = terminal.colours;
  const lines = columns.map((column) => [
    bold(oneLine(column.name)),
    column.type,
    column.rows === 0 ? '' : `${Math.round((100 * column.missing) / column.rows)} %`,
    summary(column),
  ]);
  const counted = reference === undefined ? '' : `, counted by ${reference.slice(0, 19)}…`;
  return [
    bold(`${oneLine(file)}: ${rows.toLocaleString('en-US')} rows, ${columns.length} columns`),
    dim(`${digest.slice(0, 19)}…${counted}`),
    '',
    table(['COLUMN', 'TYPE', 'MISSING', 'VALUES'], lines, { width: terminal.width, header: dim }),
  ].join('\n');
}

function summary(column: ColumnProfile): string {
  if (column.type === 'category') {
    const there = column.rows - column.missing;
    const most = [...column.levels]
      .sort(([, count], [, other]) => other - count)
      .slice(0, 3)
      .map(([label, count]) => `${oneLine(label)} ${Math.round((100 * count) / there)} %`);
    return there === 0 ? 'none' : `${column.distinct} different: ${most.join(', ')}`;
  }
  const { least, most, mean, sketch, infinite, unreadable } = column;
  if (least === null || most === null || mean === null) return 'none';
  const quantiles = QuantileSketch.fromJson(sketch);
  const at = (share: number) => figure(quantileOf(quantiles, share, least, most));
  const odd = [
    ...(infinite > 0 ? [`${infinite} infinite`] : []),
    ...(unreadable > 0 ? [`${unreadable} no number`] : []),
  ];
  const range = `${figure(least)} to ${figure(most)}, median ${at(0.5)}, 5 to 95 %: ${at(0.05)} to ${at(0.95)}, mean ${figure(mean)}`;
  return [range, ...odd].join(', ');
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
