/** Answers in JSON, and errors. */
import { InferenceError } from '../errors/inference-error.ts';
import { internalError } from '../errors/transport-errors.ts';
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
