import { resolve } from 'node:path';
import { batchesOf, formatOf } from '../../libraries/data-file/index.ts';
import { type InferenceTarget, readServed } from '../client/inference.ts';
import type { PredictOptions } from '../commands/predict.ts';
import { dataFileProblem } from '../data-file-problem.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { fileFacts } from '../file-facts.ts';
import { withProgress } from '../output/progress.ts';
import { isSameFile } from '../same-file.ts';
import type { Terminal } from '../terminal.ts';
import { askRows } from './asked-rows.ts';
import { type Destination, toTerminal } from './destination.ts';
import { type FileRow, rowsOfFile } from './file-rows.ts';
import { fieldsGiven, listOf, pairsOf, shown } from './given-fields.ts';
import { columnsOf, lineOf } from './output-lines.ts';
import { type Job, type Line, PredictionsFile } from './predictions-file.ts';

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
  requireFormat(file);
  const facts = await fileFacts(file);
  if (options.out !== undefined && (await isSameFile(file, resolve(terminal.folder, options.out))))
    throw usageError(
      `--out ${options.out} is the file of rows itself`,
      'Nothing was touched. Name another file with --out.',
    );
  const { model, environment } = await readServed(target, terminal.signal);
  const fields = fieldsGiven(model, options);
  for (const field of fills.keys())
    if (!fields.some((one) => one.field === field))
      throw usageError(
        `--missing names '${field}', which is no field of the model`,
        `It has: ${shown(fields)}.`,
      );
  const columns = columnsOf(model, kept);
  const job: Job = {
    deployment: target.deployment,
    environment: environment ?? null,
    version: target.version ?? null,
    server: placeOf(target.server),
    ...{ file, ...facts, columns },
    missing: options.missing,
    inputColumns: options.columns,
  };
  const destination =
    options.out === undefined
      ? toTerminal(columns, format, terminal)
      : await PredictionsFile.at(resolve(terminal.folder, options.out), {
          job,
          headers: target.headers,
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
    const rows = rowsOfFile(file, { ...{ fields, fills, kept }, signal: terminal.signal, onBytes });
    const batches = batchesOf(rows, { size, skip: before });
    const work = predictAll(
      { ...{ target, model, fields, signal: terminal.signal }, pace: { rows: size } },
      batches,
      parallel,
      destination,
      columns,
    );
    await withProgress(terminal, doing, work);
    await destination.finish();
  } catch (error) {
    await destination.close();
    const { rows, begun } = destination;
    if (begun !== undefined && rows > 0)
      terminal.err(`${rows} rows are in ${begun}. Go on with the same command and --resume.\n`);
    throw dataFileProblem(file, error);
  }
  const { rows, failed } = destination;
  const resumed = before === 0 ? '' : `, ${before} of them before`;
  terminal.err(
    `${rows} rows${resumed}; ${failed === 0 ? 'none failed' : `${failed} could not be predicted: see "error"`}.\n`,
  );
  return failed === 0 ? exitCodes.success : exitCodes.problems;
}

/** Asks several batches at once and writes them in their order. */
async function predictAll(
  asking: Parameters<typeof askRows>[0],
  batches: AsyncIterable<readonly FileRow[]>,
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
    for await (const batch of batches) {
      const rows = batch.map(({ row }) => row);
      const lines = askRows(asking, rows).then((answers) =>
        answers.map((answer, index) => lineOf(answer, batch[index]?.kept ?? [], columns)),
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

/** A server by whatever else its address may carry than a name and a password. */
function placeOf(server: string): string {
  const { origin, pathname } = new URL(server);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

function requireFormat(file: string): void {
  try {
    formatOf(file);
  } catch (error) {
    throw dataFileProblem(file, error);
  }
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
