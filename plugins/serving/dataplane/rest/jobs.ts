/** Jobs over the inference port: rows that need no answer at once are handed in as files; whoever works them is elsewhere. */
import { timingSafeEqual } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { JobPlace } from '../../../../core/capabilities/prediction-jobs.ts';
import { markLongIntegers, unmarkLongIntegers } from '../../../../libraries/long-integers/index.ts';
import {
  cancelJob,
  createJob,
  demandRoom,
  hasEnded,
  type Job,
  JobsFullError,
  type KeptJob,
  newJobKey,
  openResult,
  queued,
  readJob,
  shownJob,
} from '../../../../libraries/prediction-jobs/index.ts';
import type { InferenceTarget } from '../ask/asked.ts';
import { demandTaken } from '../ask/demand-taken.ts';
import type { InferenceContext } from '../ask/infer.ts';
import { headersTurn } from '../ask/take-turn.ts';
import { InferenceError } from '../errors/inference-error.ts';
import {
  jobNotCancelled,
  jobNotEnded,
  jobNotFound,
  jobResultTooLarge,
  jobsFull,
  jobsNotKept,
  jobsNotTaken,
} from '../errors/job-errors.ts';
import { invalidRequest } from '../errors/request-errors.ts';
import { methodNotAllowed } from '../errors/transport-errors.ts';
import { ClientGone, type HeldBody } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';
import { sendError, sendJson } from '../http/json-answer.ts';
import { readBody } from '../http/whole-body.ts';
import { Turn } from '../lane/turn.ts';
import { readRowsRequest } from '../protocol/rows-request.ts';
import { requireJson, rowsLimits } from './rest-rows.ts';

/** What `?async=` says of a request for rows by name, each time. */
function asyncOf(url: string): readonly string[] {
  const query = url.indexOf('?');
  return query < 0 ? [] : new URLSearchParams(url.slice(query)).getAll('async');
}

/** Whether a request for rows by name needs no answer at once; what is said twice or means neither is refused with the job. */
export function isAsync(url: string): boolean {
  const said = asyncOf(url);
  return said.length > 1 || (said[0] ?? 'false') !== 'false';
}

/** Throws `InvalidRequest` for what means neither. */
function demandAsync(url: string): void {
  const [said, another] = asyncOf(url);
  if (another !== undefined)
    throw invalidRequest('"async" is said more than once', 'Ask with ?async=true for a job.');
  if (said !== 'true')
    throw invalidRequest('"async" is neither true nor false', 'Ask with ?async=true for a job.');
}

/**
 * Tensors are answered at once. Whoever asks for a job would take the answer for one, so it is refused; what nobody knows of a query is
 * left to the rules of traffic, which may name any parameter. Throws `InvalidRequest`.
 */
export function refuseAsync(url: string): void {
  if (isAsync(url))
    throw invalidRequest(
      'tensors are answered at once: "async" is for rows',
      'Send rows by name to …/predict?async=true.',
    );
}

/** `/v2/jobs/<id>.<key>` and `/v2/jobs/<id>.<key>/result`. */
const jobPath = /^\/v2\/jobs\/([0-9a-f]{16})\.([0-9a-f]{32})(\/result)?\/?(?:\?|$)/;

export interface JobTarget {
  readonly id: string;
  readonly key: string;
  readonly isResult: boolean;
}

export function parseJobPath(url: string): JobTarget | undefined {
  const [, id, key, result] = jobPath.exec(url) ?? [];
  return id === undefined || key === undefined ? undefined : { id, key, isResult: result !== undefined };
}

/** Takes a job in: 202 says that it survives this process. Rows that are not right are refused at once. Never rejects. */
export async function takeJob(
  context: InferenceContext,
  target: InferenceTarget,
  exchange: Exchange,
): Promise<void> {
  let held: HeldBody | undefined;
  try {
    requireJson(exchange.headers);
    const { url, headers } = exchange;
    demandAsync(url);
    demandTaken(context.router, { ...target, url, headers });
    // When it is served is the worker's to say; what cannot be read is refused all the same.
    headersTurn(new Turn(), { url, headers }, 0);
    const place = context.jobs();
    if (place === undefined) throw jobsNotTaken();
    held = await readBody(exchange, { ...rowsLimits(context), unless: fullnessOf(place) });
    const route = context.router.find(target.environment, target.model);
    const { lane } = context.router.choose(route, target.version, exchange);
    const { bytes } = held;
    const model = lane.held.model!;
    await context.paces.of(bytes.length).do(() => readRowsRequest(bytes, model));
    const { environment, name } = route;
    const { version } = target;
    const about = { environment, deployment: name, ...(version === undefined ? {} : { version }) };
    const { job, key } = await putIn(place, about, held.bytes.toString('utf8'));
    const location = `/v2/jobs/${job.id}.${key}`;
    const shown = shownJob({ job, progress: queued, isCancelled: false });
    sendJson(exchange, 202, { ...shown, url: location }, ['location', location]);
  } catch (error) {
    if (error instanceof ClientGone || exchange.isAnswered) return;
    context.metrics.countOther(sendError(exchange, error).status);
  } finally {
    held?.release();
  }
}

/** Answers what is asked of a job. Never rejects. */
export async function answerJob(
  context: InferenceContext,
  target: JobTarget,
  exchange: Exchange,
): Promise<void> {
  try {
    const { folder } = context.jobs() ?? {};
    const kept = folder === undefined ? undefined : await readJob(folder, target.id);
    if (folder === undefined || kept === undefined || !opens(kept.job, target.key))
      throw jobNotFound(target.id);
    const { method } = exchange;
    const isRead = method === 'GET' || method === 'HEAD';
    if (target.isResult) {
      if (!isRead) throw methodNotAllowed(method, 'GET');
      await sendResult(folder, kept, context.bodyLimit, exchange);
    } else if (method === 'DELETE') {
      if (!hasEnded(kept.progress)) await cancel(folder, target.id);
      sendJson(exchange, 202, shownJob((await readJob(folder, target.id)) ?? kept));
    } else if (isRead) sendJson(exchange, 200, shownJob(kept));
    else throw methodNotAllowed(method, 'GET or DELETE');
  } catch (error) {
    if (!exchange.isAnswered) context.metrics.countOther(sendError(exchange, error).status);
  }
}

async function cancel(folder: string, id: string): Promise<void> {
  const isThere = await cancelJob(folder, id).catch((error: NodeJS.ErrnoException) => {
    throw jobNotCancelled(error.code ?? 'the disk did not take it');
  });
  if (!isThere) throw jobNotFound(id);
}

/** Why no job is taken in; undefined where there is room for one. */
function fullnessOf(place: JobPlace): Promise<InferenceError | undefined> {
  return demandRoom(place.folder, place).then(
    () => undefined,
    (error) => (error instanceof JobsFullError ? jobsFull(error.message) : undefined),
  );
}

async function putIn(
  place: JobPlace,
  about: Pick<Job, 'environment' | 'deployment' | 'version'>,
  text: string,
): Promise<{ readonly job: Job; readonly key: string }> {
  const { rows, outputs, parameters } = JSON.parse(markLongIntegers(text)) as {
    readonly rows: readonly unknown[];
    readonly outputs?: readonly string[];
    readonly parameters?: Readonly<Record<string, unknown>>;
  };
  const lines = rows.map((row) => `${unmarkLongIntegers(JSON.stringify(row))}\n`).join('');
  // When it is served is the worker's to say.
  const { timeout: _timeout, priority: _priority, ...rest } = parameters ?? {};
  const request = { ...(outputs && { outputs }), ...(parameters && { parameters: rest }) };
  const key = newJobKey();
  try {
    const job = await createJob(
      place.folder,
      place,
      { ...about, key, format: 'jsonl', request },
      async (path) => {
        await writeFile(path, lines, { mode: 0o600 });
        return Buffer.byteLength(lines);
      },
    );
    return { job, key };
  } catch (error) {
    if (error instanceof JobsFullError) throw jobsFull(error.message);
    if (error instanceof InferenceError) throw error;
    throw jobsNotKept((error as NodeJS.ErrnoException).code ?? 'the disk took no job');
  }
}

function opens({ key }: Job, given: string): boolean {
  return (
    key !== undefined && key.length === given.length && timingSafeEqual(Buffer.from(key), Buffer.from(given))
  );
}

/** Rows of a request are few, and so are the bytes of what they are answered, unless their outputs are large. */
async function sendResult(
  folder: string,
  { job, progress }: KeptJob,
  most: number,
  exchange: Exchange,
): Promise<void> {
  if (!hasEnded(progress)) throw jobNotEnded(job.id, progress.state);
  if (progress.bytes > most) throw jobResultTooLarge(job.id, progress.bytes);
  const result = await openResult(folder, job.id, progress);
  // It was kept no longer between two looks.
  if (result === undefined) throw jobNotFound(job.id);
  const whole = await buffer(result);
  exchange.answer({
    status: 200,
    headers: ['content-type', 'application/x-ndjson'],
    text: '',
    textLength: 0,
    binary: [whole],
  });
}
