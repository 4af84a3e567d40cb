/** Writes answers: JSON, JSON with binary behind it, errors. */
import { InferenceError, internalError } from '../errors.ts';
import type { EncodedResponse } from '../protocol/inference-response.ts';
import type { Exchange } from './exchange.ts';

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

/** Sends the answer to an inference request, with `Inference-Header-Content-Length` where tensors follow the JSON. */
export function sendInference(exchange: Exchange, encoded: EncodedResponse, headers: string[]): void {
  const { json: text, binary } = encoded;
  const textLength = Buffer.byteLength(text);
  if (binary === undefined) headers.push('content-type', 'application/json');
  else {
    headers.push('content-type', 'application/octet-stream');
    headers.push('inference-header-content-length', String(textLength));
  }
  exchange.answer({ status: 200, headers, text, textLength, binary });
}

/** Sends an error: `{"error": "…", "code": "…", "hint": "…"}`. Says nothing of an error that is not ours. */
export function sendError(
  exchange: Exchange,
  thrown: unknown,
  headers: readonly string[] = [],
): InferenceError {
  const error = thrown instanceof InferenceError ? thrown : internalError();
  const more = [...headers];
  if (error.retryAfter !== undefined) more.push('retry-after', String(error.retryAfter));
  if (error.allow !== undefined) more.push('allow', error.allow);
  const { code, where, hint } = error;
  sendJson(exchange, error.status, { error: error.message, code, where, hint }, more);
  return error;
}
