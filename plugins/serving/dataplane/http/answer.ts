/** Writes answers: JSON, JSON with binary behind it, errors. */
import type { ServerResponse } from 'node:http';
import { InferenceError, internalError } from '../errors.ts';
import type { EncodedResponse } from '../protocol/inference-response.ts';

/** `headers` are names and values in turn. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: readonly string[],
): void {
  const json = JSON.stringify(body);
  response.writeHead(status, [
    'content-type',
    'application/json',
    'content-length',
    String(Buffer.byteLength(json)),
    ...headers,
  ]);
  response.end(json);
}

/** Sends the answer to an inference request, with `Inference-Header-Content-Length` where tensors follow the JSON. */
export function sendInference(response: ServerResponse, encoded: EncodedResponse, headers: string[]): void {
  const { json, binary } = encoded;
  const jsonLength = Buffer.byteLength(json);
  if (binary === undefined) {
    headers.push('content-type', 'application/json', 'content-length', String(jsonLength));
    response.writeHead(200, headers);
    response.end(json);
    return;
  }
  let length = jsonLength;
  for (const bytes of binary) length += bytes.length;
  headers.push(
    'content-type',
    'application/octet-stream',
    'inference-header-content-length',
    String(jsonLength),
    'content-length',
    String(length),
  );
  response.writeHead(200, headers);
  response.cork();
  response.write(json);
  for (const bytes of binary) response.write(bytes);
  response.end();
}

/** Sends an error: `{"error": "…", "code": "…", "hint": "…"}`. Says nothing of an error that is not ours. */
export function sendError(
  response: ServerResponse,
  thrown: unknown,
  headers: readonly string[],
): InferenceError {
  const error = thrown instanceof InferenceError ? thrown : internalError();
  const more = [...headers];
  if (error.retryAfter !== undefined) more.push('retry-after', String(error.retryAfter));
  if (error.allow !== undefined) more.push('allow', error.allow);
  const { code, where, hint } = error;
  sendJson(response, error.status, { error: error.message, code, where, hint }, more);
  return error;
}
