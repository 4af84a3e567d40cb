import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DataFileError, formatOf, readRows } from '../../libraries/data-file/index.ts';
import { type FieldPlan, fieldsOf, type NamedRow, NoRowsError } from '../../libraries/named-rows/index.ts';
import { type InferenceTarget, type ModelMetadata, readMetadata } from '../client/inference.ts';
import type { PredictOptions } from '../commands/predict.ts';
import { dataFileUnusable, fileUnreadable, invalidPrediction, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { csvHeader } from '../output/csv.ts';
import { withProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';
import { askRows, type RowAnswer } from './asked-rows.ts';
import { csvRow, jsonLine, type Line, PredictionsFile } from './predictions-file.ts';

/** Where rows go once they are predicted. */
interface Destination {
  /** Rows that it has already. */
  readonly rows: number;
  readonly failed: number;
  write(lines: readonly Line[]): Promise<void>;
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Predicts every row of a file, a line a row. Status 1 where a row could not be predicted. */
export async function runPredictFile(
  target: InferenceTarget,
  options: PredictOptions,
  terminal: Terminal,
): Promise<number> {
  const file = resolve(terminal.folder, options.file ?? '');
  const size = wholeFrom('--batch', options.batch, 1, 10_000);
  const parallel = wholeFrom('--parallel', options.parallel, 1, 64);
  const fills = pairsOf('--missing', options.missing);
  const kept = options.keep === undefined ? [] : listOf(options.keep);
  const format = outputFormat(options);
  const facts = await factsOf(file);
  const model = await readMetadata(target, terminal.signal);
  const fields = plan(model, options);
  for (const field of fills.keys())
    if (!fields.some((one) => one.field === field))
      throw usageError(
        `--missing names '${field}', which is no field of the model`,
        `It has: ${shown(fields)}.`,
      );
  const columns = columnsOf(model, kept);
  const job = { deployment: target.deployment, file, ...facts, columns };
  const destination =
    options.out === undefined
      ? toTerminal(columns, format, terminal)
      : await PredictionsFile.open(resolve(terminal.folder, options.out), {
          job,
          format,
          resume: options.resume === true,
          force: options.force === true,
        });
  const before = destination.rows;
  let bytes = 0;
  const doing = (): string => {
    const share = facts.size === 0 ? 100 : Math.min(100, Math.floor((bytes / facts.size) * 100));
    return `${destination.rows} rows of ${options.file}, ${share} % read`;
  };
  const onBytes = (more: number): void => {
    bytes += more;
  };
  try {
    const batches = batchesOf(file, {
      ...{ size, fields, fills, kept },
      skip: before,
      signal: terminal.signal,
      onBytes,
    });
    const work = predictAll(
      { ...{ target, model, fields, signal: terminal.signal } },
      batches,
      parallel,
      destination,
      columns,
    );
    await withProgress(terminal, doing, work);
    await destination.finish();
  } catch (error) {
    await destination.close();
    if (options.out !== undefined && destination.rows > 0)
      terminal.err(
        `${destination.rows} rows are in ${options.out}. Go on with the same command and --resume.\n`,
      );
    throw readable(error, file);
  }
  const { rows, failed } = destination;
  const resumed = before === 0 ? '' : `, ${before} of them before`;
  terminal.err(
    `${rows} rows${resumed}; ${failed === 0 ? 'none failed' : `${failed} could not be predicted: see "error"`}.\n`,
  );
  return failed === 0 ? exitCodes.success : exitCodes.problems;
}

interface Batch {
  readonly rows: readonly NamedRow[];
  readonly kept: readonly (readonly unknown[])[];
}

/** Asks several batches at once and writes them in their order. */
async function predictAll(
  asking: Parameters<typeof askRows>[0],
  batches: AsyncGenerator<Batch>,
  parallel: number,
  destination: Destination,
  columns: readonly string[],
): Promise<void> {
  const underway: Promise<readonly Line[]>[] = [];
  const writeFirst = async (): Promise<void> => {
    const lines = await underway[0]!;
    underway.shift();
    await destination.write(lines);
  };
  try {
    for await (const { rows, kept } of batches) {
      const lines = askRows(asking, rows).then((answers) =>
        answers.map((answer, index) => lineOf(answer, kept[index] ?? [], columns)),
      );
      lines.catch(() => {});
      underway.push(lines);
      if (underway.length >= parallel) await writeFirst();
    }
    while (underway.length > 0) await writeFirst();
  } finally {
    await Promise.allSettled(underway);
  }
}

interface BatchOptions {
  readonly size: number;
  readonly fields: readonly FieldPlan[];
  readonly fills: ReadonlyMap<string, string>;
  readonly kept: readonly string[];
  readonly skip: number;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

async function* batchesOf(file: string, options: BatchOptions): AsyncGenerator<Batch> {
  const { size, skip, signal, onBytes } = options;
  let left = skip;
  let rows: NamedRow[] = [];
  let kept: (readonly unknown[])[] = [];
  let isFirst = true;
  for await (const batch of readRows(file, { signal, onBytes })) {
    if (isFirst) requireColumns(batch.columns, options);
    isFirst = false;
    for (const cells of batch.rows) {
      if (left-- > 0) continue;
      const cellOf = (name: string) => cells[batch.columns.indexOf(name)] ?? null;
      rows.push(rowOf(cellOf, options));
      kept.push(options.kept.map(cellOf).map((cell) => (typeof cell === 'bigint' ? String(cell) : cell)));
      if (rows.length < size) continue;
      yield { rows, kept };
      rows = [];
      kept = [];
    }
  }
  if (rows.length > 0) yield { rows, kept };
}

function rowOf(
  cellOf: (name: string) => string | number | boolean | bigint | null,
  { fields, fills }: BatchOptions,
): NamedRow {
  return Object.fromEntries(
    fields.map(({ field, datatype }) => {
      const cell = cellOf(field);
      // Nothing stands for nothing: an empty text is one, where the model takes texts.
      const isMissing = cell === null || (cell === '' && datatype !== 'BYTES');
      return [
        field,
        isMissing ? (fills.get(field) ?? (datatype === 'BYTES' && cell === '' ? '' : null)) : cell,
      ];
    }),
  );
}

/** A column that no row has is a mistake of the whole file. */
function requireColumns(columns: readonly string[], { fields, fills, kept }: BatchOptions): void {
  const missing = fields.filter(({ field }) => !columns.includes(field) && !fills.has(field));
  if (missing.length > 0)
    throw invalidPrediction(
      `the file has no column ${shown(missing)}`,
      `The model needs it. It has: ${columns.slice(0, 30).join(', ')}. A value for all rows: --missing ${missing[0]?.field}=VALUE.`,
    );
  const unknown = kept.filter((name) => !columns.includes(name));
  if (unknown.length > 0)
    throw usageError(
      `--keep names ${unknown.join(', ')}, which the file does not have`,
      `It has: ${columns.slice(0, 30).join(', ')}.`,
    );
}

const about = ['version', 'prediction_id', 'prediction_row', 'error'];

function columnsOf({ outputs }: ModelMetadata, kept: readonly string[]): readonly string[] {
  const values = outputs.flatMap(({ name, shape }) => {
    const width = shape.slice(1).reduce((product, size) => product * Math.max(size, 1), 1);
    return width === 1 ? [name] : Array.from({ length: width }, (_, at) => `${name}[${at}]`);
  });
  const columns = [...kept, ...values, ...about];
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined)
    throw usageError(`two columns would be called '${twice}'`, 'Leave it out of --keep.');
  return columns;
}

function lineOf(answer: RowAnswer, kept: readonly unknown[], columns: readonly string[]): Line {
  const names = columns.slice(kept.length, -about.length);
  if ('error' in answer)
    return {
      isError: true,
      values: [...kept, ...names.map(() => undefined), undefined, undefined, undefined, answer.error],
    };
  const { outputs, version, predictionId, predictionRow } = answer;
  return {
    isError: false,
    values: [...kept, ...names.map((name) => outputs[name]), version, predictionId, predictionRow, undefined],
  };
}

function toTerminal(columns: readonly string[], format: 'csv' | 'jsonl', terminal: Terminal): Destination {
  let [rows, failed] = [0, 0];
  if (format === 'csv') terminal.out(csvHeader(columns));
  return {
    get rows() {
      return rows;
    },
    get failed() {
      return failed;
    },
    async write(lines) {
      for (const { values } of lines)
        terminal.out(format === 'csv' ? csvRow(values) : jsonLine(columns, values));
      rows += lines.length;
      failed += lines.filter(({ isError }) => isError).length;
    },
    finish: async () => {},
    close: async () => {},
  };
}

function plan(model: ModelMetadata, { columns }: PredictOptions): readonly FieldPlan[] {
  const named = [...pairsOf('--columns', columns)].map(([input, names]) => [input, listOf(names)] as const);
  try {
    return fieldsOf(model.inputs, { columns: Object.fromEntries(named) });
  } catch (error) {
    if (!(error instanceof NoRowsError)) throw error;
    throw invalidPrediction(
      error.message,
      'Ask it with --data; or name the columns of an input: --columns x=a,b,c.',
    );
  }
}

async function factsOf(file: string): Promise<{ size: number; modified: number }> {
  try {
    formatOf(file);
  } catch (error) {
    throw readable(error, file);
  }
  try {
    const { size, mtimeMs } = await stat(file);
    return { size, modified: mtimeMs };
  } catch (error) {
    throw fileUnreadable(file, error);
  }
}

function readable(error: unknown, file: string): unknown {
  return error instanceof DataFileError ? dataFileUnusable(file, error) : error;
}

function outputFormat({ out, resume, force }: PredictOptions): 'csv' | 'jsonl' {
  if (out === undefined) {
    if (resume === true || force === true)
      throw usageError('--resume and --force are for --out', 'Name a file with --out.');
    return 'jsonl';
  }
  if (/\.csv$/i.test(out)) return 'csv';
  if (/\.(jsonl|ndjson)$/i.test(out)) return 'jsonl';
  throw usageError(`--out ${out} is neither .csv nor .jsonl`, 'Its ending says how rows are written.');
}

function wholeFrom(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw usageError(`${flag} is '${text}'`, `Give a whole number from ${least} to ${most}.`);
}

function pairsOf(flag: string, given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usageError(`${flag} ${pair} is no name=value`, `Write it as ${flag} speed_knots=-1.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

const listOf = (text: string): readonly string[] => text.split(',').map((name) => name.trim());
const shown = (fields: readonly FieldPlan[]): string =>
  fields
    .slice(0, 20)
    .map(({ field }) => field)
    .join(', ');
