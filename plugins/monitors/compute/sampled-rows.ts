/** Rows of a sample, column by column, as JSON; and as numbers and texts that tests compare. */
import { isMissing, numberOf } from '../../../libraries/data-file/index.ts';
import type { NumberSample } from '../../../libraries/statistics/drift/index.ts';
import type { TableColumn } from '../../../libraries/statistics/multivariate/index.ts';

export interface SampledRows {
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly values: readonly (string | number | null)[];
  }[];
}

type Value = string | number | null;

/** A column's values, for a test of numbers. Undefined where it is not among them. */
export function numbersOf({ columns, rows }: SampledRows, name: string): NumberSample | undefined {
  const found = columns.find((column) => column.name === name);
  if (found === undefined) return undefined;
  const values: number[] = [];
  const counts = { missing: 0, infinite: 0, unreadable: 0 };
  for (const value of found.values) {
    const number = isNone(value) ? undefined : numberOf(value);
    if (isNone(value)) counts.missing++;
    else if (number === undefined || Number.isNaN(number)) counts.unreadable++;
    else if (Number.isFinite(number)) values.push(number);
    else counts.infinite++;
  }
  return { type: 'number', rows, values: Float64Array.from(values), ...counts };
}

/** Whole rows, of columns whose types are known. */
export function tableOf(
  { columns }: SampledRows,
  wanted: readonly Pick<TableColumn, 'name' | 'type'>[],
): readonly TableColumn[] {
  return wanted.map(({ name, type }): TableColumn => {
    const values = columns.find((column) => column.name === name)?.values ?? [];
    if (type === 'category')
      return { name, type, values: values.map((value) => (isNone(value) ? null : String(value))) };
    return { name, type, values: Float64Array.from(values, finiteOf) };
  });
}

function isNone(value: Value): value is null {
  return value === null || isMissing(value);
}

function finiteOf(value: Value): number {
  const number = isNone(value) ? undefined : numberOf(value);
  return number !== undefined && Number.isFinite(number) ? number : Number.NaN;
}
