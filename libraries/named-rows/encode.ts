import type { FieldPlan, FieldValue, NamedTensor } from './fields.ts';

export type NamedRow = Readonly<Record<string, FieldValue | undefined>>;

/** What is wrong with a row. */
export interface RowProblem {
  /** Position among the rows given. */
  readonly row: number;
  readonly field: string;
  readonly problem: string;
}

export interface Encoded {
  /** Of the rows that are well, as the JSON of an Open Inference request has them; none where no row is. */
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data: readonly unknown[];
  }[];
  /** Positions of those rows. */
  readonly rows: readonly number[];
  /** All of the other rows, in their order. */
  readonly problems: readonly RowProblem[];
}

/** Rows as tensors. Texts that say a number are taken for it, since CSV knows nothing else. */
export function encodeRows(
  inputs: readonly NamedTensor[],
  fields: readonly FieldPlan[],
  given: readonly NamedRow[],
): Encoded {
  const data: unknown[][] = inputs.map(() => []);
  const rows: number[] = [];
  const problems: RowProblem[] = [];
  for (const [row, named] of given.entries()) {
    const values: unknown[] = [];
    const before = problems.length;
    for (const { field, datatype } of fields) {
      const value = named[field];
      const read = value === undefined || value === null ? undefined : readValue(value, datatype);
      if (read === undefined) {
        problems.push({ row, field, problem: problemOf(value, datatype) });
        continue;
      }
      values.push(read);
    }
    if (problems.length > before) continue;
    rows.push(row);
    for (const [index, { input }] of fields.entries()) data[input]?.push(values[index]);
  }
  if (rows.length === 0) return { inputs: [], rows, problems };
  return {
    inputs: inputs.map(({ name, datatype, shape }, index) => ({
      ...{ name, datatype, shape: [rows.length, ...shape.slice(1)] },
      data: data[index] ?? [],
    })),
    rows,
    problems,
  };
}

/** The whole numbers that each datatype holds. */
export const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  UINT8: [0n, 255n],
  UINT16: [0n, 65_535n],
  UINT32: [0n, 4_294_967_295n],
  UINT64: [0n, 18_446_744_073_709_551_615n],
  INT8: [-128n, 127n],
  INT16: [-32_768n, 32_767n],
  INT32: [-2_147_483_648n, 2_147_483_647n],
  INT64: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The value as that datatype holds it, or undefined where it holds none such. Texts that say a number are taken for it. */
export function readValue(value: FieldValue, datatype: string): unknown {
  if (datatype === 'BYTES') return typeof value === 'string' ? value : String(value);
  if (datatype === 'BOOL') return readBoolean(value);
  const range = ranges[datatype];
  return range === undefined ? readFloat(value) : readInteger(value, range);
}

function readBoolean(value: FieldValue): boolean | undefined {
  if (value === true || value === 1 || value === 1n || value === 'true' || value === '1') return true;
  if (value === false || value === 0 || value === 0n || value === 'false' || value === '0') return false;
  return undefined;
}

function readFloat(value: FieldValue): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && decimal.test(value)
        ? Number(value)
        : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** A number where it is exact, else a bigint. */
function readInteger(
  value: FieldValue,
  [least, most]: readonly [bigint, bigint],
): number | bigint | undefined {
  let whole: bigint;
  if (typeof value === 'bigint') whole = value;
  else if (typeof value === 'number' && Number.isSafeInteger(value)) whole = BigInt(value);
  else if (typeof value === 'string' && /^[+-]?\d{1,20}(\.0+)?$/.test(value))
    whole = BigInt(value.replace(/^\+/, '').replace(/\.0+$/, ''));
  else return undefined;
  if (whole < least || whole > most) return undefined;
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : whole;
}

function problemOf(value: FieldValue | undefined, datatype: string): string {
  if (value === undefined || value === null) return 'is missing';
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  return roundedProblem(value, datatype) ?? `${shown} is no ${datatype}`;
}

/** Of a number that may have been another one before it was read as floating point, where a whole number is needed. */
export function roundedProblem(value: unknown, datatype: string): string | undefined {
  const [least, most] = ranges[datatype] ?? [];
  if (least === undefined || most === undefined || typeof value !== 'number') return undefined;
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
  if (value < Number(least) || value > Number(most)) return undefined;
  return `may have lost digits as ${value}: beyond 2^53, write whole numbers without a decimal point or an exponent, in Parquet as integers`;
}
