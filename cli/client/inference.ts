import { isCodedError, SwitchyardError } from '../../core/errors.ts';
import { markLongIntegers } from '../../libraries/long-integers/index.ts';
import { errorOf } from './error-answer.ts';
import { hintFor, inferenceUnreachable, predictionRefused, unexpectedAnswer } from './errors.ts';
import { refuseRedirect } from './redirect.ts';

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** What Switchyard says of it beyond the protocol. */
  readonly parameters?: { readonly columns?: readonly string[]; readonly classes?: readonly string[] };
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions?: readonly string[];
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

export interface Tensor extends TensorMetadata {
  readonly data: readonly unknown[];
}

export interface InferenceResponse {
  readonly model_name: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly outputs: readonly Tensor[];
}

export interface Prediction {
  readonly response: InferenceResponse;
  readonly version: string | undefined;
  readonly commit: string | undefined;
  readonly predictionId: string | undefined;
}

export interface InferenceTarget {
  /** Base URL of inference. */
  readonly server: string;
  readonly deployment: string;
  readonly environment?: string;
  readonly version?: string;
  /** Headers of each request; they may be secrets, as the status API's token is that previews are behind. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The Open Inference Protocol's address of a deployment. */
export function modelUrl(target: InferenceTarget): string {
  const scope = target.environment ? `/environments/${encodeURIComponent(target.environment)}` : '';
  const version = target.version ? `/versions/${encodeURIComponent(target.version)}` : '';
  return `${target.server}${scope}/v2/models/${encodeURIComponent(target.deployment)}${version}`;
}

/** What the deployment takes and gives. Throws `PredictionRefused` or `ServerUnreachable`. */
export async function readMetadata(target: InferenceTarget, signal: AbortSignal): Promise<ModelMetadata> {
  return (await readServed(target, signal)).model;
}

/** The same, with the environment that the server found it in; a server that is not Switchyard says none. */
export async function readServed(
  target: InferenceTarget,
  signal: AbortSignal,
): Promise<{ readonly model: ModelMetadata; readonly environment: string | undefined }> {
  const { body, headers } = await ask(target, '', { signal });
  const environment = headers.get('switchyard-deployment')?.split('/')[0] ?? target.environment;
  return { model: body as ModelMetadata, environment };
}

/** Asks for one prediction. Throws `PredictionRefused` or `ServerUnreachable`. */
export function predict(target: InferenceTarget, body: unknown, signal: AbortSignal): Promise<Prediction> {
  return predictBody(target, JSON.stringify(body), signal);
}

/** The same, of JSON that is written already. `parse` reads the answer. */
export async function predictBody(
  target: InferenceTarget,
  body: string,
  signal: AbortSignal,
  parse: (text: string) => unknown = JSON.parse,
): Promise<Prediction> {
  const { body: answer, headers } = await ask(target, '/infer', { body, signal, parse });
  const response = answer as InferenceResponse;
  return {
    response,
    version: response.model_version ?? headers.get('switchyard-model-version') ?? undefined,
    commit: headers.get('switchyard-commit') ?? undefined,
    predictionId: headers.get('switchyard-prediction-id') ?? undefined,
  };
}

export interface RowsPrediction extends Omit<Prediction, 'response'> {
  readonly response: {
    readonly model_name: string;
    readonly model_version?: string;
    readonly id?: string;
    /** Of each row its outputs by name; null where it could not be predicted. */
    readonly predictions: readonly (Readonly<Record<string, unknown>> | null)[];
    readonly errors?: readonly RowError[];
  };
}

export interface RowError {
  readonly row: number;
  readonly field?: string;
  readonly error: string;
  readonly hint?: string;
}

/** Asks for predictions of rows by name. Long integers of the answer are marked. Throws `PredictionRefused` or `ServerUnreachable`. */
export async function predictRows(
  target: InferenceTarget,
  body: string,
  signal: AbortSignal,
): Promise<RowsPrediction> {
  const { body: answer, headers } = await ask(target, '/predict', {
    body,
    signal,
    parse: (text) => JSON.parse(markLongIntegers(text)),
  });
  const response = answer as RowsPrediction['response'];
  return {
    response,
    version: response.model_version ?? headers.get('switchyard-model-version') ?? undefined,
    commit: headers.get('switchyard-commit') ?? undefined,
    predictionId: headers.get('switchyard-prediction-id') ?? undefined,
  };
}

interface Question {
  /** JSON; without one it is a GET. */
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly parse?: (text: string) => unknown;
}

async function ask(
  target: InferenceTarget,
  path: string,
  { body: sent, signal, parse = JSON.parse }: Question,
): Promise<{ body: unknown; headers: Headers }> {
  const url = `${modelUrl(target)}${path}`;
  const headers = new Headers(target.headers);
  if (sent !== undefined) headers.set('content-type', 'application/json');
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: sent === undefined ? 'GET' : 'POST',
      headers,
      body: sent,
      signal,
      // Headers may be secrets, and are for the server that was named.
      redirect: target.headers === undefined ? 'follow' : 'manual',
    });
    await refuseRedirect(response, url);
    text = await response.text();
  } catch (error) {
    if (signal.aborted || isCodedError(error)) throw error;
    throw inferenceUnreachable(new URL(url).origin, error);
  }
  let body: unknown;
  try {
    body = parse(text);
  } catch (error) {
    throw unexpectedAnswer(url, response.status, error);
  }
  if (!response.ok) throw refusal(body, response.status, url);
  return { body, headers: response.headers };
}

/** The server's own error, with its code and hint where it says them. */
function refusal(body: unknown, status: number, url: string): SwitchyardError {
  const { error, code, hint, errors } = body as {
    error?: unknown;
    code?: unknown;
    hint?: unknown;
    errors?: unknown;
  };
  // The status API, which previews are behind, has its own shape of errors.
  if (typeof error === 'object' && error !== null) return errorOf(JSON.stringify(body), status, url);
  const message = typeof error === 'string' ? error : `status ${status}`;
  if (typeof code !== 'string') return predictionRefused(message, status, url);
  const more = Array.isArray(errors) && errors.length > 1 ? problemsOf(errors as RowError[]) : undefined;
  const said = more ?? (typeof hint === 'string' ? hint : hintFor(status));
  return new SwitchyardError(code, message, { status, where: url, hint: said });
}

const mostProblems = 10;

/** The first problems of rows, where there are several. */
function problemsOf(errors: readonly RowError[]): string {
  const told = errors
    .slice(0, mostProblems)
    .map(({ row, field, error, hint }) =>
      [`row ${row}:`, field ?? [], error, hint === undefined ? [] : `(${hint})`].flat().join(' '),
    );
  const rest = errors.length - told.length;
  return `${told.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`;
}
