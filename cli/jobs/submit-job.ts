import { createReadStream } from 'node:fs';
import { extname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { connect } from '../client/api.ts';
import type { PredictOptions } from '../commands/predict.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { fileFacts } from '../file-facts.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { fromJobs, type ShownJob } from './job.ts';

const types: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.tsv': 'text/tab-separated-values',
  '.jsonl': 'application/x-ndjson',
  '.ndjson': 'application/x-ndjson',
  '.parquet': 'application/vnd.apache.parquet',
};

/** Sends a file of rows to the platform, which predicts them in the background. */
export async function submitJob(
  deployment: string,
  options: PredictOptions,
  terminal: Terminal,
): Promise<number> {
  refuseOthers(options);
  const file = resolve(terminal.folder, options.file ?? '');
  const type = types[extname(file).toLowerCase()];
  if (type === undefined)
    throw usageError(
      `--file ${options.file} has no known ending`,
      `There are: ${Object.keys(types).join(', ')}.`,
    );
  const { size } = await fileFacts(file);
  const query = new URLSearchParams({ deployment });
  if (options.environment !== undefined) query.set('environment', options.environment);
  if (options.version !== undefined) query.set('version', options.version);
  for (const pair of options.missing) query.append('missing', pair);
  for (const name of options.keep?.split(',') ?? []) query.append('keep', name.trim());
  const api = await connect({ api: options.api }, terminal);
  const sending = api.stream(`/plugins/jobs/jobs?${query}`, {
    method: 'POST',
    headers: { 'content-type': type, 'content-length': String(size) },
    body: Readable.toWeb(createReadStream(file)) as ReadableStream,
    duplex: 'half',
  });
  const answer = await withProgress(terminal, `sending ${options.file}`, fromJobs(api.url, sending));
  const job = (await answer.json()) as ShownJob;
  if (options.output !== undefined) terminal.out(structured(job, options.output));
  else {
    terminal.out(`${job.id}\n`);
    terminal.err(
      `The platform predicts it. Watch it with: switchyard jobs get ${job.id} --wait\nand take the predictions with: switchyard jobs result ${job.id}\n`,
    );
  }
  return exitCodes.success;
}

/** What a job knows nothing of. */
function refuseOthers(options: PredictOptions): void {
  if (options.file === undefined)
    throw usageError('--async is for --file', 'Name a file of rows with --file.');
  const { out, resume, force, columns, proposal, server, priority, timeout, header } = options;
  const given = Object.entries({
    '--out': out,
    '--resume': resume,
    '--force': force,
    '--proposal': proposal,
    '--server': server,
    '--priority': priority,
    '--timeout': timeout,
  })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (columns.length > 0) given.push('--columns');
  if (header.length > 0) given.push('--header');
  if (given.length > 0)
    throw usageError(
      `--async excludes ${given.join(', ')}`,
      'The platform keeps the predictions: switchyard jobs result writes them into a file.',
    );
}
