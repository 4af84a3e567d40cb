/** The rows of a file, with what of them the model takes. */
import { type Cell, readRows } from '../../libraries/data-file/index.ts';
import {
  longIntegerIn,
  parseMarked,
  unmarkLongIntegers,
  writableInteger,
} from '../../libraries/long-integers/index.ts';
import { type FieldPlan, isNothing, type NamedRow } from '../../libraries/named-rows/index.ts';
import { invalidPrediction, usageError } from '../errors.ts';
import { shown } from './given-fields.ts';

export interface FileRow {
  readonly row: NamedRow;
  /** Cells that are written beside its prediction. */
  readonly kept: readonly unknown[];
}

export interface FileRowsOptions {
  readonly fields: readonly FieldPlan[];
  readonly fills: ReadonlyMap<string, string>;
  readonly kept: readonly string[];
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** All digits of whole numbers are kept. */
const json = {
  parse: parseMarked,
  longInteger: longIntegerIn,
  stringify: (value: unknown) => unmarkLongIntegers(JSON.stringify(value)),
};

export async function* rowsOfFile(file: string, options: FileRowsOptions): AsyncGenerator<FileRow> {
  const { signal, onBytes } = options;
  let isFirst = true;
  for await (const { columns, rows } of readRows(file, { signal, onBytes, json })) {
    if (isFirst) requireColumns(columns, options);
    isFirst = false;
    for (const cells of rows) {
      const cellOf = (name: string) => cells[columns.indexOf(name)] ?? null;
      const kept = options.kept
        .map(cellOf)
        .map((cell) => (typeof cell === 'bigint' ? writableInteger(cell) : cell));
      yield { row: rowOf(cellOf, options), kept };
    }
  }
}

function rowOf(cellOf: (name: string) => Cell, { fields, fills }: FileRowsOptions): NamedRow {
  return Object.fromEntries(
    fields.map(({ field, datatype }) => {
      const cell = cellOf(field);
      return [field, isNothing(cell, datatype) ? (fills.get(field) ?? null) : cell];
    }),
  );
}

/** A column that no row has is a mistake of the whole file. */
function requireColumns(columns: readonly string[], { fields, fills, kept }: FileRowsOptions): void {
  const missing = fields.filter(({ field }) => !columns.includes(field) && !fills.has(field));
  if (missing.length > 0)
    throw invalidPrediction(
      `the file has no column ${shown(missing)}`,
      `The model needs it. ${had(columns)} A value for all rows: --missing ${missing[0]?.field}=VALUE.`,
    );
  const unknown = kept.filter((name) => !columns.includes(name));
  if (unknown.length > 0)
    throw usageError(`--keep names ${unknown.join(', ')}, which the file does not have`, had(columns));
}

const had = (columns: readonly string[]): string =>
  columns.length === 0 ? 'It has none.' : `It has: ${columns.slice(0, 30).join(', ')}.`;
