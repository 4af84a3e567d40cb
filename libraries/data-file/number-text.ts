import type { Cell } from './rows.ts';

/** Texts that mean that nothing is there. "None" is not among them: it is a category as often. */
const missingTexts = new Set(['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL']);
const infinities = new Map([
  ['inf', Number.POSITIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

export function isMissing(cell: Cell | undefined): boolean {
  if (cell === null || cell === undefined) return true;
  if (typeof cell === 'string') return missingTexts.has(cell);
  return typeof cell === 'number' && Number.isNaN(cell);
}

/** The number that a cell is or says, infinite ones too; undefined where it says none. */
export function numberOf(cell: Cell): number | undefined {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'bigint') return Number(cell);
  if (typeof cell !== 'string') return undefined;
  return decimal.test(cell) ? Number(cell) : infinities.get(cell);
}
