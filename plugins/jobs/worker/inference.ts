/** The inference port, as the worker of jobs asks it. */
import { setTimeout as wait } from 'node:timers/promises';
import { SwitchyardError } from '../../../core/plugin.ts';
import { markLongIntegers } from '../../../libraries/long-integers/index.ts';
import type { NamedTensor } from '../../../libraries/named-rows/index.ts';
import type { Job } from '../../../libraries/prediction-jobs/index.ts';
import { type Refusal, refusalOf } from '../../../libraries/row-refusals/index.ts';
import { metadataUrl, nobodyIsCalled, tellsOfAll } from './metadata-url.ts';
import { withOwnSignal } from './own-signal.ts';
import type { Turn } from './turn.ts';

export interface AskedModel {
  readonly inputs: readonly NamedTensor[];
}

export interface Predicted {
  readonly version: string | null;
  readonly predictionId: string | null;
  /** Of each row; null where it could not be predicted. */
  readonly predictions: readonly (Readonly<Record<string, unknown>> | null)[];
  readonly errors: readonly RowError[];
}

export interface RowError {
  readonly row: number;
  readonly field?: string;
  readonly error: string;
  readonly hint?: string;
}

/** What the server said against the rows that it was asked for; others may fare better. */
export class RowsRefused extends Error {
  readonly errors: readonly RowError[];
  /** Whether there was not time enough for so many. */
  readonly isLate: boolean;

  constructor(message: string, errors: readonly RowError[], isLate = false) {
    super(message);
    this.errors = errors;
    this.isLate = isLate;
  }
}

export interface Inference {
  /** Base URL. */
  readonly server: string;
  readonly signal: AbortSignal;
  /** Told what is waited for, and undefined once it is no longer. */
  readonly onWait: (reason: string | undefined) => void;
  /** Since when there was no answer, as `performance.now()` has it; kept while other jobs have their turn. */
  waitingSince?: number | undefined;
  /** Whether another job could be worked instead. */
  readonly hasOthers: () => boolean;
  /** Taken for each request, and given back where it is to be made again later. It stays taken with an answer. */
  readonly turn: Turn;
}

/** Thrown where another job is to be worked instead. */
export class PutAside extends Error {
  /** Since when there was no answer, where that is why. */
  readonly unanswered: number | undefined;

  constructor(unanswered?: number) {
    super('another job is worked instead');
    this.unanswered = unanswered;
  }
}

export async function readModel(job: Job, inference: Inference): Promise<AskedModel> {
  const { turn, signal } = inference;
  try {
    const { body } = await untilAnswered(metadataUrl(job, inference.server), {}, inference);
    await turn.rest(signal);
    if (tellsOfAll(body)) throw nobodyIsCalled(job.deployment);
    const { inputs } = body as {
      readonly inputs: readonly (NamedTensor & { readonly parameters?: object })[];
    };
    return { inputs: inputs.map(({ parameters, ...input }) => ({ ...input, ...parameters })) };
  } finally {
    turn.giveBack();
  }
}

/** `rows` are JSON already. Throws `RowsRefused`, and the server's own error where no rows would do. */
export async function askRows(job: Job, rows: readonly string[], inference: Inference): Promise<Predicted> {
  const { outputs, parameters } = job.request ?? {};
  const isText = job.format === 'csv' || job.format === 'tsv';
  const about = JSON.stringify({
    ...(outputs === undefined ? {} : { outputs }),
    parameters: { ...(isText ? { text_numbers: true } : {}), ...parameters, on_error: 'skip' },
  });
  const body = `${about.slice(0, -1)},"rows":[${rows.join(',')}]}`;
  // Whoever waits for an answer goes first.
  const headers = { 'content-type': 'application/json', 'switchyard-priority': '9' };
  const url = `${metadataUrl(job, inference.server)}/predict`;
  const answer = await untilAnswered(url, { method: 'POST', headers, body }, inference, rows.length);
  const {
    model_version: version = null,
    predictions,
    errors,
  } = answer.body as {
    readonly model_version?: string;
    readonly predictions: Predicted['predictions'];
    readonly errors: readonly RowError[];
  };
  return { version, predictionId: answer.headers.get('switchyard-prediction-id'), predictions, errors };
}

/** Passing troubles are waited out for so long; a deployment that is not there may be about to come. */
const patienceMs = 24 * 3_600_000;
const newcomerMs = 60_000;
const lateMs = 120_000;
const longestPauseMs = 10_000;
/** A job whose deployment is away for longer lets others pass. */
const turnMs = 3_000;

/** A single row that is late again and again is given up; of several, fewer are asked for at once. */
const patienceOf: Readonly<Record<Refusal, number>> = {
  rows: 0,
  late: lateMs,
  passing: patienceMs,
  final: 0,
};

interface Answered {
  readonly body: unknown;
  readonly headers: Headers;
}

async function untilAnswered(
  url: string,
  init: RequestInit,
  inference: Inference,
  rows = 1,
): Promise<Answered> {
  const { turn, signal } = inference;
  await turn.take();
  // To wait for a turn is not to wait for a deployment.
  const began = performance.now();
  const since = inference.waitingSince ?? began;
  for (let pause = 100; ; pause = Math.min(pause * 2, longestPauseMs)) {
    await turn.take();
    signal.throwIfAborted();
    const asked = performance.now();
    const tried = await withOwnSignal(signal, (own) => tryOnce(url, { ...init, signal: own })).catch(
      (refused: unknown) => {
        turn.owe(performance.now() - asked);
        inference.waitingSince = undefined;
        throw refused;
      },
    );
    const took = performance.now() - asked;
    if ('body' in tried) {
      turn.owe(took);
      if (pause > 100 || inference.waitingSince !== undefined) inference.onWait(undefined);
      inference.waitingSince = undefined;
      return tried;
    }
    const { error } = tried;
    const isLate = error instanceof SwitchyardError && error.status === 504;
    // What was late was worked on; what is away has done nothing.
    if (isLate) turn.owe(took);
    const patience = isLate && rows > 1 ? 0 : tried.patience;
    if (performance.now() - (isLate ? began : since) + pause > patience)
      throw isLate ? new RowsRefused(error.message, [], true) : error;
    // Nobody is to wait for a deployment that is not theirs.
    turn.giveBack();
    inference.onWait(error.message);
    if (!isLate) {
      inference.waitingSince = since;
      if (performance.now() - began > turnMs && inference.hasOthers()) throw new PutAside(since);
    }
    await wait(pause * (0.5 + Math.random()), undefined, { signal });
  }
}

/** Throws `RowsRefused`, and what aborted it. */
async function tryOnce(
  url: string,
  init: RequestInit,
): Promise<Answered | { readonly error: Error; readonly patience: number }> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, init);
    text = await response.text();
  } catch (cause) {
    init.signal?.throwIfAborted();
    const message = 'the inference processes cannot be reached';
    return { error: new SwitchyardError('InferenceUnreachable', message, { cause }), patience: patienceMs };
  }
  const body = parsed(text);
  if (response.ok && body !== undefined) return { body, headers: response.headers };
  const { error, code, hint, errors } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const message =
    typeof error === 'string' ? error : `the inference port answered with status ${response.status}`;
  const { status } = response;
  const refusal = refusalOf(status, code);
  if (refusal === 'rows') throw new RowsRefused(message, Array.isArray(errors) ? (errors as RowError[]) : []);
  const said = typeof code === 'string' ? code : 'PredictionRefused';
  const refused = new SwitchyardError(said, message, {
    status,
    ...(typeof hint === 'string' ? { hint } : {}),
  });
  return { error: refused, patience: status === 404 ? newcomerMs : patienceOf[refusal] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(markLongIntegers(text));
  } catch {
    return undefined;
  }
}
