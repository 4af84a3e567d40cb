/** A file of rows that is sent: what it is for, and its bytes. */
import { createWriteStream } from 'node:fs';
import { PassThrough, Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { messageOf } from '../../core/plugin.ts';
import type { Job } from '../../libraries/prediction-jobs/index.ts';
import { encodingNotTaken, invalidJob, jobFileNotWhole, jobFileTooLarge } from './errors.ts';

const formats: Readonly<Record<string, Job['format']>> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/x-ndjson': 'jsonl',
  'application/jsonl': 'jsonl',
  'application/vnd.apache.parquet': 'parquet',
};

const parameters = ['deployment', 'environment', 'version', 'missing', 'keep'];

/** What its query and its type say. Throws `InvalidJob`. */
export function askedJob(request: Request): Omit<Job, 'id' | 'created' | 'size'> {
  const query = new URL(request.url).searchParams;
  for (const name of query.keys())
    if (!parameters.includes(name))
      throw invalidJob(
        `query ${name}`,
        `there is no parameter ${name}`,
        `There are: ${parameters.join(', ')}.`,
      );
  const one = (name: string): string | undefined => {
    const [value, another] = query.getAll(name);
    if (another !== undefined) throw invalidJob(`query ${name}`, `${name} may be said once only`);
    if (value !== undefined && (value === '' || value.length > 256))
      throw invalidJob(`query ${name}`, `${name} must be a name`);
    return value;
  };
  const [deployment, environment, version] = [one('deployment'), one('environment'), one('version')];
  if (deployment === undefined)
    throw invalidJob(
      'query deployment',
      'deployment is missing',
      'Say which one is asked: ?deployment=NAME.',
    );
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? 'none';
  const format = formats[type];
  if (format === undefined)
    throw invalidJob(
      'content-type',
      `${type} is no type of a file of rows`,
      `Send ${Object.keys(formats).join(', ')}.`,
    );
  const missing = query.getAll('missing').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw invalidJob('query missing', `${pair.slice(0, 80)} is no field=value`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  const keep = query.getAll('keep');
  return {
    deployment,
    ...(environment === undefined ? {} : { environment }),
    ...(version === undefined ? {} : { version }),
    format,
    ...(missing.length === 0 ? {} : { missing: Object.fromEntries(missing) }),
    ...(keep.length === 0 ? {} : { keep }),
  };
}

/** A client of whom nothing comes for so long has gone. */
const longestSilenceMs = 60_000;

/** Those that the inference port unfolds, too. */
const unfolders: ReadonlyMap<string, () => Transform> = new Map([
  ['identity', () => new PassThrough()],
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** `Z_DATA_ERROR`, and `ERR__ERROR_FORMAT_…` of Brotli. */
const ofZlib = /^(Z_|ERR__ERROR_)/;

/**
 * Writes the body into a file, and gives the bytes of that. One that was sent compressed is unfolded; both of its forms have the same limit. Throws
 * `JobFileTooLarge`, `JobFileNotWhole`, `InvalidJob`, `UnsupportedMediaType`.
 */
export async function saveUpload(
  request: Request,
  path: string,
  most: number,
  silenceMs = longestSilenceMs,
): Promise<number> {
  const encoding = request.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  const unfolder = unfolders.get(encoding)?.();
  if (unfolder === undefined) throw encodingNotTaken(encoding);
  if (Number(request.headers.get('content-length') ?? 0) > most) throw jobFileTooLarge(most);
  if (request.body === null) throw invalidJob('body', 'the file of rows is missing');
  const body = Readable.fromWeb(request.body as never);
  const silence = setTimeout(() => body.destroy(jobFileNotWhole(silenceMs)), silenceMs);
  let size = 0;
  try {
    await pipeline(
      body,
      bounded(most, () => silence.refresh()),
      unfolder,
      bounded(most, (bytes) => {
        size += bytes;
      }),
      createWriteStream(path, { mode: 0o600 }),
    );
  } catch (error) {
    if (!ofZlib.test(String((error as NodeJS.ErrnoException).code))) throw error;
    throw invalidJob(
      'body',
      `the file is not the ${encoding} that it is said to be: ${messageOf(error)}`,
      'Send it whole and as it is, or compressed as Content-Encoding says.',
    );
  } finally {
    clearTimeout(silence);
  }
  if (size === 0) throw invalidJob('body', 'the file of rows is empty');
  return size;
}

/** Passes on no more than so many bytes. Throws `JobFileTooLarge`. */
function bounded(most: number, onBytes: (bytes: number) => void) {
  let size = 0;
  return async function* passed(pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      size += piece.byteLength;
      if (size > most) throw jobFileTooLarge(most);
      onBytes(piece.byteLength);
      yield piece;
    }
  };
}
