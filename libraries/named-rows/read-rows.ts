/** Rows of JSON as tensors: types are as they are written, and all that is wrong is told. */
import { type Encoded, ranges, readValue, roundedProblem } from './encode.ts';
import type { FieldPlan, FieldValue, NamedTensor } from './fields.ts';

/** One thing that is wrong with a row. */
export interface FieldProblem {
  /** Position among the rows given. */
  readonly row: number;
  /** Absent where the row itself is wrong. */
  readonly field?: string;
  readonly problem: string;
  /** The field that was probably meant. */
  readonly meant?: string;
}

export interface ReadRowsOptions {
  /** Problems that are told; the others are counted. */
  readonly mostProblems: number;
  /** Whether texts may say numbers, true and false, and other values be texts, as in CSV. */
  readonly textNumbers?: boolean;
  /** The whole number that a parsed value stands for, where a reader of JSON keeps long ones in another form. */
  readonly longInteger?: (value: unknown) => bigint | undefined;
  /** What is wrong with a text, beside its type. */
  readonly textProblem?: (text: string) => string | undefined;
  /** The field that a name was probably meant to be. */
  readonly meantBy?: (name: string, fields: Iterable<string>) => string | undefined;
}

export interface ReadRows extends Pick<Encoded, 'inputs' | 'rows'> {
  /** In the order of the rows; the first so many. */
  readonly problems: readonly FieldProblem[];
  /** Positions of the rows that are not well, and of each what is wrong with it first. */
  readonly wrong: ReadonlyMap<number, FieldProblem>;
}

const mostMeant = 100;

/** Reads rows as `JSON.parse` gives them. Those with a problem are left out of the tensors. */
export function readNamedRows(
  inputs: readonly NamedTensor[],
  fields: readonly FieldPlan[],
  given: readonly unknown[],
  options: ReadRowsOptions,
): ReadRows {
  const places = new Map(fields.map(({ field }, index) => [field, index]));
  const data: unknown[][] = inputs.map(() => []);
  const rows: number[] = [];
  const problems: FieldProblem[] = [];
  const wrong = new Map<number, FieldProblem>();
  const meant = new Map<string, string | undefined>();
  /** Looked for once a name, and for so many names: it takes longer than all else, and many rows tend to have the same one wrong. */
  const meantBy = (name: string): string | undefined => {
    if (!meant.has(name)) {
      if (meant.size === mostMeant) return undefined;
      meant.set(name, options.meantBy?.(name, places.keys()));
    }
    return meant.get(name);
  };
  const isFull = (): boolean => problems.length >= options.mostProblems;
  const tell = (problem: FieldProblem): void => {
    if (!wrong.has(problem.row)) wrong.set(problem.row, problem);
    if (!isFull()) problems.push(problem);
  };
  for (const [row, named] of given.entries()) {
    if (typeof named !== 'object' || named === null || Array.isArray(named)) {
      tell({ row, problem: `must be an object of fields, is ${kindOf(named, options)}` });
      continue;
    }
    const names = Object.keys(named);
    // A model may have many fields, and a request many rows that have none of them.
    if (names.length < fields.length && isFull()) {
      const missing = fields.find(({ field }) => !Object.hasOwn(named, field));
      tell({ row, field: missing?.field ?? '', problem: 'is missing' });
      continue;
    }
    const values: unknown[] = new Array(fields.length);
    for (const field of names) {
      const place = places.get(field);
      if (place === undefined) {
        // A model may have many fields, and a request many names that are none of them.
        const isQuick = !isFull() && places.size <= 1_000;
        const other = isQuick ? meantBy(field) : undefined;
        const problem = 'is no field of the model';
        tell({ row, field: shortened(field), problem, ...(other === undefined ? {} : { meant: other }) });
        continue;
      }
      const value: unknown = (named as Record<string, unknown>)[field];
      const read = readTyped(value, fields[place]!.datatype, options);
      if ('problem' in read) tell({ row, field, problem: read.problem });
      values[place] = 'problem' in read ? null : read.value;
    }
    for (const [place, { field }] of fields.entries())
      if (values[place] === undefined) tell({ row, field, problem: 'is missing' });
    if (wrong.has(row)) continue;
    rows.push(row);
    for (const [place, { input }] of fields.entries()) data[input]?.push(values[place]);
  }
  const read =
    rows.length === 0
      ? []
      : inputs.map(({ name, datatype, shape }, index) => ({
          ...{ name, datatype, shape: [rows.length, ...shape.slice(1)] },
          data: data[index] ?? [],
        }));
  return { inputs: read, rows, problems, wrong };
}

type Read = { readonly value: unknown } | { readonly problem: string };

function readTyped(given: unknown, datatype: string, options: ReadRowsOptions): Read {
  const long = options.longInteger?.(given);
  const value = long ?? given;
  const bad = (): Read => ({
    problem: roundedProblem(value, datatype) ?? `must be ${wantedBy(datatype)}, is ${kindOf(value, options)}`,
  });
  if (value === null || typeof value === 'object') return bad();
  if (typeof value === 'string') {
    const problem = options.textProblem?.(value);
    if (problem !== undefined) return { problem };
  }
  if (options.textNumbers !== true && typeof value !== typeOf(value, datatype)) return bad();
  const read = readValue(value as FieldValue, datatype);
  if (read === undefined) return bad();
  if (typeof read === 'number' && Math.abs(read) >= (beyond[datatype] ?? Number.POSITIVE_INFINITY))
    return bad();
  return { value: read };
}

/** Where rounding gives infinity. */
const beyond: Readonly<Record<string, number>> = { FP16: 65_520, FP32: 2 ** 128 - 2 ** 103 };

/** The type that a value must have to be of the datatype; a long whole number is a number. */
function typeOf(value: unknown, datatype: string): string {
  if (datatype === 'BYTES') return 'string';
  if (datatype === 'BOOL') return 'boolean';
  return typeof value === 'bigint' ? 'bigint' : 'number';
}

function wantedBy(datatype: string): string {
  if (datatype === 'BYTES') return 'a text';
  if (datatype === 'BOOL') return 'true or false';
  const range = ranges[datatype];
  return range === undefined ? `a number of ${datatype}` : `a whole number from ${range[0]} to ${range[1]}`;
}

function kindOf(value: unknown, { longInteger }: ReadRowsOptions): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const long = longInteger?.(value);
  if (typeof value === 'string' && long === undefined)
    return `the text ${JSON.stringify(value.slice(0, 40))}`;
  return String(long ?? value).slice(0, 40);
}

const longestShown = 100;

function shortened(field: string): string {
  return field.length > longestShown ? `${field.slice(0, longestShown)}…` : field;
}
