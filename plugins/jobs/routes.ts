/**
 * `/plugins/jobs/…`: files of rows become jobs, which are watched, cancelled, and have results. Who may change things may send files and cancel;
 * results show predictions, so that they need the same.
 */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { methodNotAllowed } from '../../libraries/json-requests/index.ts';
import {
  cancelJob,
  createJob,
  hasEnded,
  type JobLimits,
  JobsFullError,
  type KeptJob,
  listJobs,
  openResult,
  queued,
  readJob,
  shownJob,
} from '../../libraries/prediction-jobs/index.ts';
import { invalidJob, jobNotCancelled, jobNotEnded, jobNotFound, jobsFull, jobsNotKept } from './errors.ts';
import { csvOf } from './result-columns.ts';
import { demandServed } from './served.ts';
import { askedJob, saveUpload } from './upload.ts';

export interface JobRoutes {
  readonly folder: string;
  readonly limits: JobLimits;
  /** Bytes of a file of rows. */
  readonly largestFile: number;
  /** Base URL of inference; undefined where there is none to ask. */
  readonly inference?: string | undefined;
}

export function jobRoutes({ folder, limits, largestFile, inference }: JobRoutes) {
  return async (request: Request, path: string): Promise<Response | undefined> => {
    const [first = '', id, what, ...more] = path.replace(/^\/|\/$/g, '').split('/');
    if (first !== 'jobs' || more.length > 0) return undefined;
    const { method } = request;
    if (id === undefined) {
      if (method === 'POST') return post(request);
      if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, 'GET or POST');
      return Response.json({ items: (await listJobs(folder)).map(shownJob) });
    }
    const kept = await readJob(folder, id);
    if (kept === undefined) throw jobNotFound(id);
    if (what === 'result') {
      // Predictions are nobody's business who may only look.
      if (method !== 'POST') throw methodNotAllowed(method, 'POST');
      return result(kept, new URL(request.url).searchParams);
    }
    if (what !== undefined) return undefined;
    if (method === 'DELETE') {
      if (!hasEnded(kept.progress)) await cancel(id);
      return Response.json(shownJob((await readJob(folder, id)) ?? kept), { status: 202 });
    }
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, 'GET or DELETE');
    return Response.json(shownJob(kept));
  };

  async function post(request: Request): Promise<Response> {
    const asked = askedJob(request);
    // Before the file is taken in, which may be long.
    const environment = inference === undefined ? undefined : await demandServed(asked, inference);
    // A job stays in the environment that was the default when it was sent, as those of requests do.
    const about = environment === undefined ? asked : { ...asked, environment };
    try {
      const job = await createJob(folder, limits, about, (path) => saveUpload(request, path, largestFile));
      const location = `/plugins/jobs/jobs/${job.id}`;
      const shown = shownJob({ job, progress: queued, isCancelled: false });
      return Response.json(shown, { status: 202, headers: { location } });
    } catch (error) {
      if (error instanceof JobsFullError) throw jobsFull(error.message);
      const { syscall, code } = error as NodeJS.ErrnoException;
      throw syscall === undefined ? error : jobsNotKept(code ?? syscall);
    }
  }

  async function cancel(id: string): Promise<void> {
    const isThere = await cancelJob(folder, id).catch((error: NodeJS.ErrnoException) => {
      throw jobNotCancelled(id, error.code ?? 'the disk did not take it');
    });
    if (!isThere) throw jobNotFound(id);
  }

  async function result(kept: KeptJob, query: URLSearchParams): Promise<Response> {
    const { job, progress } = kept;
    for (const name of query.keys())
      if (name !== 'format' && name !== 'partial')
        throw invalidJob(`query ${name}`, `there is no parameter ${name}`);
    if (!hasEnded(progress) && query.get('partial') !== 'true') throw jobNotEnded(job.id, progress.state);
    const format = query.get('format') ?? 'jsonl';
    if (format !== 'jsonl' && format !== 'csv') throw invalidJob('query format', 'format is jsonl or csv');
    const bytes = await openResult(folder, job.id, progress);
    // It was kept no longer between two looks.
    if (bytes === undefined) throw jobNotFound(job.id);
    if (format === 'jsonl') return streamed(bytes, 'application/x-ndjson');
    const lines = createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY });
    const csv = Readable.from(encoded(csvOf(lines, progress.columns ?? [], job.keep ?? [])));
    // A client that is gone before the first line asks for none.
    csv.once('close', () => bytes.destroy());
    return streamed(csv, 'text/csv; charset=utf-8');
  }
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const text of texts) yield Buffer.from(text);
}

/** Piece by piece, as the client takes them. `Readable.toWeb` goes on to read where one has gone, and throws at nobody. */
function streamed(pieces: Readable, type: string): Response {
  const iterator = pieces[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel() {
      pieces.destroy();
    },
  });
  return new Response(body, { headers: { 'content-type': type } });
}
