import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { isCodedError } from '../../core/errors.ts';
import { connect } from '../client/api.ts';
import { resultCutOff } from '../client/errors.ts';
import type { JobResultOptions } from '../commands/jobs.ts';
import { fileExists, fileNotWritable, usageError } from '../errors.ts';
import { exists } from '../exists.ts';
import { exitCodes } from '../exit-codes.ts';
import { whyFailed } from '../output/jobs.ts';
import type { Terminal } from '../terminal.ts';
import { writeWhole } from '../whole-file.ts';
import { fromJobs, pathOf, type ShownJob } from './job.ts';

/** Writes the predictions of a job: as they come, or into a file when all have come. */
export async function runJobResult(
  id: string,
  options: JobResultOptions,
  terminal: Terminal,
): Promise<number> {
  const { out, format, partial, force } = options;
  if (out === undefined && force === true)
    throw usageError('--force is for --out', 'Name a file with --out.');
  const path = out === undefined ? undefined : resolve(terminal.folder, out);
  if (path !== undefined && force !== true && (await exists(path))) throw fileExists(path);
  const api = await connect(options, terminal);
  const job = await fromJobs(api.url, api.get<ShownJob>(pathOf(id)));
  const query = `format=${format}${partial === true ? '&partial=true' : ''}`;
  const answer = await fromJobs(
    api.url,
    api.stream(`${pathOf(id)}/result?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    }),
  );
  const body = Readable.from(piecesOf(answer, api.url));
  if (path === undefined) {
    const decoder = new TextDecoder();
    for await (const piece of body) terminal.out(decoder.decode(piece as Uint8Array, { stream: true }));
    return sayEnd(job, options, terminal);
  }
  try {
    await writeWhole(path, body, force === true);
  } catch (error) {
    throw isCodedError(error) ? error : fileNotWritable(path, error);
  }
  terminal.err(`The predictions are in ${out}.\n`);
  return sayEnd(job, options, terminal);
}

/** Throws `ResultCutOff` where not all of it comes. */
async function* piecesOf({ body }: Response, platform: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body ?? []) yield piece as Uint8Array;
  } catch (error) {
    throw resultCutOff(platform, error);
  }
}

/** A result that is not of all rows looks like one that is. */
function sayEnd(job: ShownJob, { partial }: JobResultOptions, terminal: Terminal): number {
  const { id, state, progress } = job;
  if (state !== 'failed' && state !== 'cancelled') return exitCodes.success;
  const why = state === 'failed' ? `: ${whyFailed(job)}` : '';
  terminal.err(`The job ${id} was not worked to its end; it is ${state}${why}\n`);
  terminal.err(`The result has the ${progress.rows} rows that it came to.\n`);
  return partial === true ? exitCodes.success : exitCodes.problems;
}
