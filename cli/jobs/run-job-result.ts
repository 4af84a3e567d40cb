import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect } from '../client/api.ts';
import type { JobResultOptions } from '../commands/jobs.ts';
import { fileExists, fileNotWritable, usageError } from '../errors.ts';
import { exists } from '../exists.ts';
import { exitCodes } from '../exit-codes.ts';
import { whyFailed } from '../output/jobs.ts';
import type { Terminal } from '../terminal.ts';
import { fromJobs, pathOf, type ShownJob } from './job.ts';

/** Writes the predictions of a job, as they come. */
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
  const body = Readable.fromWeb((answer.body ?? new Blob([]).stream()) as never);
  if (path === undefined) {
    body.setEncoding('utf8');
    for await (const text of body) terminal.out(text as string);
    return sayEnd(job, options, terminal);
  }
  try {
    await pipeline(body, createWriteStream(path));
  } catch (error) {
    throw fileNotWritable(path, error);
  }
  terminal.err(`The predictions are in ${out}.\n`);
  return sayEnd(job, options, terminal);
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
