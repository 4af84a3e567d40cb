/** Predictions as rows of the log: a row for each row of a request, its values as JSON. */
import type { LoggedTensor, PredictionBatch } from '../../../libraries/prediction-batch/index.ts';

export interface PredictionRow {
  readonly date: string;
  readonly environment: string;
  readonly deployment: string;
  readonly id: string;
  readonly row: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly model: string;
  readonly version: string;
  readonly variant: string;
  readonly commit: string;
  readonly tenant: string | null;
  readonly subject: string | null;
  readonly inputs: string;
  readonly outputs: string;
  readonly latencyMs: number;
  /** How outlying its inputs are; null where that was not judged. */
  readonly outlier: number | null;
  readonly trace: string | null;
  readonly process: string;
}

const placeName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The rows of a batch. Those of places whose names cannot be in a path are left out. `now`: a clock may have jumped ahead. */
export function* rowsOfBatch({ writer, records }: PredictionBatch, now: number): Generator<PredictionRow> {
  for (const record of records) {
    const { origin, inputs, outputs, subjects } = record;
    const { environment, deployment, model, version, variant, commit } = origin;
    if (!placeName.test(environment) || !placeName.test(deployment)) continue;
    const rows = origin.hasRows ? rowCount([...inputs, ...outputs]) : 1;
    const date = dayOf(Math.min(record.at, now));
    for (let row = 0; row < rows; row++) {
      yield {
        date,
        environment,
        deployment,
        id: record.id,
        row,
        time: record.at,
        model,
        version,
        variant,
        commit,
        tenant: record.tenant || null,
        subject: (subjects.length > 1 ? subjects[row] : subjects[0]) || null,
        inputs: json(origin.inputs, inputs, row, rows),
        outputs: json(origin.outputs, outputs, row, rows),
        latencyMs: record.milliseconds,
        outlier: record.outliers?.[row] ?? null,
        trace: record.trace || null,
        process: writer.process,
      };
    }
  }
}

export function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function rowCount(tensors: readonly LoggedTensor[]): number {
  return tensors.find(({ shape }) => shape.length > 0)?.shape[0] ?? 1;
}

/** What is redacted is not there at all; what was too large is null. */
function json(
  columns: readonly { readonly name: string }[],
  tensors: readonly LoggedTensor[],
  row: number,
  rows: number,
): string {
  let written = '';
  for (const [index, { name }] of columns.entries()) {
    const { data = 'redacted' } = tensors[index] ?? {};
    if (data === 'redacted') continue;
    const values = data === 'too large' ? 'null' : valuesOf(data, row, rows);
    written += `${written === '' ? '' : ','}${JSON.stringify(name)}:${values}`;
  }
  return `{${written}}`;
}

type Values = Exclude<LoggedTensor['data'], string>;

/** One element is written as itself, several as a list. */
function valuesOf(data: Values, row: number, rows: number): string {
  const elements = data as unknown as ArrayLike<unknown>;
  const width = Math.floor(elements.length / rows);
  const isSingle = data instanceof Float32Array;
  if (width === 1) return element(elements[row], isSingle);
  const parts: string[] = [];
  for (let index = row * width; index < (row + 1) * width; index++) {
    parts.push(element(elements[index], isSingle));
  }
  return `[${parts.join(',')}]`;
}

function element(value: unknown, isSingle: boolean): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  const number = Number(value);
  // JSON has no word for them; DuckDB reads these texts as numbers again.
  if (!Number.isFinite(number)) return `"${number}"`;
  return String(isSingle ? shortest(number) : number);
}

/** The number with the fewest digits that is the same in single precision. */
function shortest(value: number): number {
  if (Number.isInteger(value)) return value;
  for (const digits of [6, 7, 8]) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
