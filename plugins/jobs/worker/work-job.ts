/** Works one job: asks for its rows batch by batch, and writes each answer down before it asks for the next. */
import { type FileHandle, open, rm, truncate } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { isCodedError, messageOf } from '../../../core/plugin.ts';
import { batchesOf } from '../../../libraries/data-file/index.ts';
import { unmarkLongIntegers, writableInteger } from '../../../libraries/long-integers/index.ts';
import { toldOfRow } from '../../../libraries/named-rows/index.ts';
import {
  bytesOfJobs,
  type JobProgress,
  type KeptJob,
  readJob,
  resultFile,
  rowsFile,
  writeProgress,
} from '../../../libraries/prediction-jobs/index.ts';
import { jobEndsWorker, jobsFull } from '../errors.ts';
import { columnsWith } from '../result-columns.ts';
import {
  askRows,
  type Inference,
  type Predicted,
  PutAside,
  type RowError,
  RowsRefused,
  readModel,
} from './inference.ts';
import { rowsOfJob } from './job-rows.ts';
import { countErrors } from './row-errors.ts';
import { Turn } from './turn.ts';
import type { Turns } from './turns.ts';

export interface WorkOptions {
  readonly folder: string;
  /** Base URL of inference. */
  readonly server: string;
  /** Milliseconds for which results are kept. */
  readonly keepMs: number;
  /** Bytes that all jobs may hold. */
  readonly mostBytes: number;
  /** Aborted when the worker is to end; the job goes on with the next. */
  readonly signal: AbortSignal;
  /** Whether the worker before ended by itself, and nobody has worked this job since. */
  readonly isAfterLoss?: boolean;
  /** Jobs whose file is read, and of which nothing is written yet, are so one at a time: whose file ends the worker is then known. */
  readonly beginnings?: Turns | undefined;
  /** Since when this job has waited for its deployment in earlier turns. */
  readonly waitingSince?: number | undefined;
  /** Whether another job could be worked instead of this one. */
  readonly hasOthers: () => boolean;
  /** What jobs ask for, they ask for in turns. */
  readonly turns: Turns;
  /** Milliseconds after which it makes way for others; a minute where nothing is said. */
  readonly timeMs?: number;
}

/**
 * `aside`: others are to be worked, and this one later, since its deployment does not answer or it had its time. `stopped`: the worker ends. `unwritten`: the
 * disk took no more, for which `code` stands; it goes on behind what was written.
 */
export type Worked =
  | { readonly how: 'ended' | 'stopped' }
  | { readonly how: 'unwritten'; readonly code: string }
  | { readonly how: 'aside'; readonly unanswered: number | undefined };

const rowsOfBatch = 100;
/** A job whose file ends the worker again and again is given up. */
const mostLosses = 3;
/** The disk is full for everybody, or for this user: that passes. */
const noRoom = new Set(['ENOSPC', 'EDQUOT']);
/** Whether anybody wants the job to end is looked for with each batch, and while one is waited for. */
const lookEveryMs = 500;
const checkRoomEvery = 50;
/** What a job is worked for until it makes way for others that wait, where all cannot be worked at once: to go on means to read its file up to there again. */
const usualTimeMs = 60_000;

/**
 * Never rejects: what keeps a job from its end is written down, but for the end of the worker.
 */
export async function workJob(
  { job, progress: before, isCancelled }: KeptJob,
  options: WorkOptions,
): Promise<Worked> {
  const { folder, signal } = options;
  const cancelled = new AbortController();
  if (isCancelled) cancelled.abort();
  const look = async (): Promise<void> => {
    const kept = await readJob(folder, job.id).catch(() => 'unread' as const);
    if (kept !== 'unread' && kept?.isCancelled !== false) cancelled.abort();
  };
  const looking = setInterval(() => void look(), lookEveryMs);
  const losses = (before.losses ?? 0) + Number(before.isBegun === true && options.isAfterLoss === true);
  let progress: JobProgress = {
    ...before,
    ...{ state: 'running', isBegun: undefined, losses },
    started: before.started ?? new Date().toISOString(),
  };
  const say = async (more: Partial<JobProgress>): Promise<void> => {
    const next = { ...progress, ...more };
    await writeProgress(folder, job.id, next);
    progress = next;
  };
  const end = async (more: Partial<JobProgress>): Promise<void> => {
    const now = Date.now();
    await say({
      ...{ ...more, waiting: undefined, isBegun: undefined, losses: undefined },
      ended: new Date(now).toISOString(),
      expires: new Date(now + options.keepMs).toISOString(),
    });
    await rm(rowsFile(folder, job), { force: true });
  };
  try {
    await say({});
    if (losses >= mostLosses) throw jobEndsWorker(losses);
    await predictAll(
      { job, progress, isCancelled: false },
      { ...options, signal: AbortSignal.any([signal, cancelled.signal]) },
      async (more) => {
        await say(more);
        await look();
      },
    );
    await end({ state: 'done', read: 1 });
    return { how: 'ended' };
  } catch (error) {
    if (signal.aborted) return { how: 'stopped' };
    if (error instanceof PutAside && !cancelled.signal.aborted)
      return { how: 'aside', unanswered: error.unanswered };
    const code = codeOf(error);
    const isFull = noRoom.has(code) && !cancelled.signal.aborted;
    // A line that was half written may have what little room there is.
    if (noRoom.has(code)) await truncate(resultFile(folder, job.id), progress.bytes).catch(() => {});
    if (isFull) {
      await say({ waiting: `the disk takes no more (${code})` }).catch(() => {});
      return { how: 'unwritten', code };
    }
    // Nobody wants its rows: what they take may be the room that is needed to say so.
    if (cancelled.signal.aborted) await rm(rowsFile(folder, job), { force: true }).catch(() => {});
    const ending = cancelled.signal.aborted
      ? end({ state: 'cancelled' })
      : end({ state: 'failed', error: told(error) });
    return ending.then(
      () => ({ how: 'ended' }) as const,
      (unwritten: unknown) => ({ how: 'unwritten', code: codeOf(unwritten) }) as const,
    );
  } finally {
    clearInterval(looking);
  }
}

async function predictAll(
  { job, progress }: KeptJob,
  options: WorkOptions,
  say: (more: Partial<JobProgress>) => Promise<void>,
): Promise<void> {
  const { folder, server, signal, mostBytes, waitingSince, hasOthers, turns, timeMs = usualTimeMs } = options;
  let said: Promise<void> = Promise.resolve();
  let endBeginning: (() => void) | undefined;
  const onWait = (waiting: string | undefined): void => {
    said = said
      .then(() => say({ waiting, isBegun: undefined }))
      .catch(() => {})
      .then(() => endBeginning?.());
  };
  const turn = new Turn(turns);
  const inference: Inference = { server, signal, onWait, waitingSince, hasOthers, turn };
  // What is written after this is over would be written over what is said next.
  const model = await readModel(job, inference).finally(() => said);
  const file = await open(resultFile(folder, job.id), progress.bytes === 0 ? 'w' : 'r+');
  try {
    let { rows, failed, bytes, columns, errors = [] } = progress;
    // What was written after the last note counts as not written.
    await file.truncate(bytes);
    endBeginning = await options.beginnings?.take();
    await say({ isBegun: true });
    let read = 0;
    let batches = 0;
    let since = Number.POSITIVE_INFINITY;
    const pace: Pace = { rows: rowsOfBatch };
    const path = rowsFile(folder, job);
    const onBytes = (more: number): void => {
      read += more;
    };
    const given = rowsOfJob({ job, path, model, signal, onBytes });
    for await (const batch of batchesOf(given, { size: rowsOfBatch, skip: rows })) {
      if (batches++ % checkRoomEvery === 0 && (await bytesOfJobs(folder)) >= mostBytes)
        throw jobsFull('jobs hold all the bytes that they may');
      if (performance.now() - since >= timeMs && hasOthers()) throw new PutAside();
      // What was read again of the file before takes nothing of its time.
      since = Math.min(since, performance.now());
      const asked = batch.map(([row]) => row);
      const lines = await predictBatch(job, asked, inference, pace);
      if (job.request === undefined && lines.every((line) => 'error' in line)) {
        // The rows were made for a model that may no longer be the one that is asked: they are made anew then.
        const now = await readModel(job, inference);
        if (!isDeepStrictEqual(now, model)) throw new PutAside();
      }
      const text = lines.map((line, index) => lineOf(rows + index, line, batch[index]?.[1] ?? {})).join('');
      bytes += await append(file, bytes, text);
      rows += lines.length;
      failed += lines.filter((line) => 'error' in line).length;
      errors = countErrors(errors, lines);
      columns = columnsWith(columns, lines);
      await said;
      await say({
        ...{ rows, failed, bytes, waiting: undefined, isBegun: undefined, losses: undefined },
        read: job.size === 0 ? 1 : Math.min(1, read / job.size),
        ...(columns === undefined ? {} : { columns }),
        ...(errors.length === 0 ? {} : { errors }),
      });
      endBeginning?.();
      await turn.rest(signal);
    }
  } finally {
    turn.giveBack();
    endBeginning?.();
    await said;
    await file.close();
  }
}

/** What is known of a row. */
type Line =
  | {
      readonly prediction: Readonly<Record<string, unknown>>;
      readonly version: string | null;
      readonly prediction_id: string | null;
      /** Which row of that prediction it is: what a label names. */
      readonly prediction_row: number;
    }
  | { readonly error: string };

/** How many rows are asked for at once: fewer where so many take longer than a request may. */
interface Pace {
  rows: number;
}

/** One row may fail all that were sent with it: halves are asked until it is alone. */
async function predictBatch(
  job: KeptJob['job'],
  rows: readonly string[],
  inference: Inference,
  pace: Pace,
): Promise<Line[]> {
  if (rows.length <= pace.rows) {
    try {
      return linesOf(await askRows(job, rows, inference), rows);
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error;
      if (new Set(error.errors.map(({ row }) => row)).size === rows.length || rows.length === 1)
        return rows.map((_, row) => ({ error: errorOf(error.errors, row) ?? error.message }));
      if (error.isLate) pace.rows = Math.ceil(rows.length / 2);
    }
  }
  const half = Math.ceil(rows.length / 2);
  const first = await predictBatch(job, rows.slice(0, half), inference, pace);
  return [...first, ...(await predictBatch(job, rows.slice(half), inference, pace))];
}

function linesOf({ predictions, errors, version, predictionId }: Predicted, rows: readonly string[]): Line[] {
  // A row that was run and has no answer, since it is no finite number, is a row of the prediction all the same.
  const isRefused = ({ row, field }: RowError) => field !== undefined || !rows[row]?.startsWith('{');
  const refused = new Set(errors.filter(isRefused).map(({ row }) => row));
  let next = 0;
  return predictions.map((prediction, row) => {
    const prediction_row = refused.has(row) ? -1 : next++;
    if (prediction === null) return { error: errorOf(errors, row) ?? 'could not be predicted' };
    return { prediction, version, prediction_id: predictionId, prediction_row };
  });
}

function errorOf(errors: Predicted['errors'], row: number): string | undefined {
  const told = errors
    .filter((one) => one.row === row)
    .map(({ field, error, hint }) =>
      [field ?? [], error, hint === undefined ? [] : `(${hint})`].flat().join(' '),
    );
  return told.length === 0 ? undefined : toldOfRow(told);
}

function lineOf(row: number, line: Line, kept: Readonly<Record<string, unknown>>): string {
  const beside = Object.keys(kept).length === 0 ? {} : { kept: exact(kept) };
  return `${unmarkLongIntegers(JSON.stringify({ row, ...beside, ...line }))}\n`;
}

/** JSON has no word for a bigint. */
function exact(kept: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(kept).map(([name, cell]) => [
      name,
      typeof cell === 'bigint' ? writableInteger(cell) : cell,
    ]),
  );
}

async function append(file: FileHandle, at: number, text: string): Promise<number> {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; )
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  await file.datasync();
  return bytes.length;
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code ?? messageOf(error));
}

function told(error: unknown): { readonly code: string; readonly message: string; readonly hint?: string } {
  if (!isCodedError(error)) return { code: 'JobUnusable', message: messageOf(error) };
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
