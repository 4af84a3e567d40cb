/** The rows of a job, as JSON. */
import { type Cell, readRows } from '../../../libraries/data-file/index.ts';
import { markLongIntegers, unmarkLongIntegers } from '../../../libraries/long-integers/index.ts';
import { type FieldPlan, fieldsOf, isNothing, NoRowsError } from '../../../libraries/named-rows/index.ts';
import type { Job } from '../../../libraries/prediction-jobs/index.ts';
import { jobUnusable } from '../errors.ts';
import type { AskedModel } from './inference.ts';
import { linesOf } from './json-lines.ts';

/** A JSON object, and what is written beside its prediction. */
export type JobRow = readonly [json: string, kept: Readonly<Record<string, unknown>>];

export interface JobRowsOptions {
  readonly job: Job;
  readonly path: string;
  readonly model: AskedModel;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** Throws `JobUnusable`, and `DataFileError` for a file that is not what it says. */
export function rowsOfJob(options: JobRowsOptions): AsyncGenerator<JobRow> {
  const { request, format } = options.job;
  if (request !== undefined) return ofRequest(options);
  return format === 'jsonl' ? ofJsonLines(options) : ofTable(options);
}

/** Rows of a request for rows by name: each line is one, as it was sent. */
async function* ofRequest({ path, signal, onBytes }: JobRowsOptions): AsyncGenerator<JobRow> {
  for await (const [, line] of linesOf(path, { signal, onBytes })) yield [line, {}];
}

/** Of each object only what the model takes. Long integers keep their digits. */
async function* ofJsonLines({ job, path, model, signal, onBytes }: JobRowsOptions): AsyncGenerator<JobRow> {
  const fields = planOf(model, job);
  const { missing = {}, keep = [] } = job;
  for await (const [number, line] of linesOf(path, { signal, onBytes })) {
    const object = objectOf(line, number);
    const row = fields.flatMap(({ field, datatype }) => {
      const value = ownOf(object, field) ?? null;
      if (value !== null) return [`${JSON.stringify(field)}:${unmarkLongIntegers(JSON.stringify(value))}`];
      const fill = ownOf(missing, field);
      return fill === undefined ? [] : [`${JSON.stringify(field)}:${jsonOf(fill, datatype)}`];
    });
    yield [`{${row.join(',')}}`, Object.fromEntries(keep.map((name) => [name, ownOf(object, name) ?? null]))];
  }
}

function objectOf(line: string, number: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(markLongIntegers(line));
  } catch {
    throw jobUnusable(`line ${number} is no JSON`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw jobUnusable(`line ${number} is no JSON object`);
}

/** Of a table only what the model takes: it may have any number of other columns. */
async function* ofTable({ job, path, model, signal, onBytes }: JobRowsOptions): AsyncGenerator<JobRow> {
  const fields = planOf(model, job);
  const { missing = {}, keep = [] } = job;
  let isFirst = true;
  for await (const { columns, rows } of readRows(path, { signal, onBytes })) {
    const places = new Map(columns.map((name, place) => [name, place]));
    if (isFirst) requireColumns(places, fields, job);
    isFirst = false;
    for (const cells of rows) {
      const cellOf = (name: string): Cell => cells[places.get(name) ?? -1] ?? null;
      const row = fields.flatMap(({ field, datatype }) => {
        const cell = cellOf(field);
        const value = isNothing(cell, datatype) ? ownOf(missing, field) : cell;
        return value === undefined ? [] : [`${JSON.stringify(field)}:${jsonOf(value, datatype)}`];
      });
      const beside = keep.map((name) => [name, cellOf(name)] as const);
      yield [`{${row.join(',')}}`, Object.fromEntries(beside)];
    }
  }
}

function planOf(model: AskedModel, { missing = {} }: Job): readonly FieldPlan[] {
  let fields: readonly FieldPlan[];
  try {
    fields = fieldsOf(model.inputs);
  } catch (error) {
    throw error instanceof NoRowsError ? jobUnusable(error.message) : error;
  }
  for (const name of Object.keys(missing))
    if (!fields.some(({ field }) => field === name))
      throw jobUnusable(`"missing" names ${name}, which is no field of the model`);
  return fields;
}

function requireColumns(places: ReadonlyMap<string, number>, fields: readonly FieldPlan[], job: Job): void {
  const { missing = {}, keep = [] } = job;
  const has = `It has: ${[...places.keys()].slice(0, 30).join(', ')}.`;
  const lacking = fields.filter(({ field }) => !places.has(field) && ownOf(missing, field) === undefined);
  if (lacking.length > 0) {
    const names = lacking.slice(0, 20).map(({ field }) => field);
    throw jobUnusable(
      `the file has no column ${names.join(', ')}, which the model needs`,
      `${has} A value for all rows: --missing ${names[0]}=VALUE.`,
    );
  }
  const unknown = keep.filter((name) => !places.has(name));
  if (unknown.length > 0) throw jobUnusable(`the file has no column ${unknown.join(', ')} to keep`, has);
}

/** What stands under a name, which may be one that every object has something under. */
function ownOf<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A value that was given for all rows is a text, whatever the file's format is. */
function jsonOf(value: Exclude<Cell, null>, datatype: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string' && datatype !== 'BYTES' && /^-?\d+(\.\d+)?$/.test(value)) return value;
  return JSON.stringify(value);
}
