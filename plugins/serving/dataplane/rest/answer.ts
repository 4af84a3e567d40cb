/** Writes answers: JSON, JSON with binary behind it, errors. */
import { InferenceError } from '../errors/inference-error.ts';
import { internalError } from '../errors/transport-errors.ts';
import { CommonHeaders, type Exchange } from '../http/exchange.ts';
import type { EncodedResponse } from '../protocol/inference-response.ts';

/** `headers` are names and values in turn. */
export function sendJson(
  exchange: Exchange,
  status: number,
  body: unknown,
  headers: readonly string[] = [],
): void {
  const text = JSON.stringify(body);
  exchange.answer({
    status,
    headers: ['content-type', 'application/json', ...headers],
    text,
    textLength: Buffer.byteLength(text),
  });
}

/** What all answers of a version have in common. */
export interface InferenceHeaders {
  readonly json: CommonHeaders;
  readonly binary: CommonHeaders;
}

const known = new WeakMap<object, InferenceHeaders>();

/** `version.headers` are those that tell of the version. */
export function inferenceHeaders(version: { readonly headers: readonly string[] }): InferenceHeaders {
  let headers = known.get(version);
  if (headers === undefined) {
    headers = {
      json: new CommonHeaders([...version.headers, 'content-type', 'application/json']),
      binary: new CommonHeaders([...version.headers, 'content-type', 'application/octet-stream']),
    };
    known.set(version, headers);
  }
  return headers;
}

/** Sends the answer to an inference request, with `Inference-Header-Content-Length` where tensors follow the JSON. */
export function sendInference(
  exchange: Exchange,
  { json: text, isAscii, binary }: EncodedResponse,
  headers: string[],
  ofVersion: InferenceHeaders,
): void {
  const textLength = isAscii ? text.length : Buffer.byteLength(text);
  if (binary !== undefined) headers.push('inference-header-content-length', String(textLength));
  const common = binary === undefined ? ofVersion.json : ofVersion.binary;
  exchange.answer({ status: 200, headers, common, text, textLength, binary });
}

/** Sends an error: `{"error": "…", "code": "…", "hint": "…"}`. Says nothing of an error that is not ours. */
export function sendError(
  exchange: Exchange,
  thrown: unknown,
  headers: readonly string[] = [],
): InferenceError {
  const error = thrown instanceof InferenceError ? thrown : internalError();
  const more = [...headers];
  if (error.retryAfter !== undefined) more.push('retry-after', String(Math.ceil(error.retryAfter)));
  if (error.allow !== undefined) more.push('allow', error.allow);
  const { code, where, hint, rows: errors } = error;
  sendJson(exchange, error.status, { error: error.message, code, where, hint, errors }, more);
  return error;
}
