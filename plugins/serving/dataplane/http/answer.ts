/** Writes answers: JSON, JSON with binary behind it, errors. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
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
  const { json, binary = none } = encoded;
  const jsonLength = Buffer.byteLength(json);
  let length = jsonLength;
  for (const bytes of binary) length += bytes.length;
  const type = encoded.binary === undefined ? 'application/json' : 'application/octet-stream';
  headers.push('content-type', type, 'content-length', String(length));
  if (encoded.binary !== undefined) headers.push('inference-header-content-length', String(jsonLength));
  response.writeHead(200, headers);
  const { socket } = response;
  if (length <= mostAtOnce && jsonLength === json.length && socket !== null) {
    sendAtOnce(response, socket, json, binary);
    return;
  }
  response.cork();
  response.write(json);
  for (const bytes of binary) response.write(bytes);
  response.end();
}

const none: readonly Buffer[] = [];
/** Up to so many bytes, a socket writes a text without asking for memory first. */
const mostAtOnce = 12 * 1024;

/**
 * Gives the socket headers and body as one text, at once. Ended with its body, the answer would be gathered from pieces
 * (even where all but one are empty), which takes longer than all else that is done to write a small one. A socket that is
 * not corked would be until the end of the turn.
 */
function sendAtOnce(
  response: ServerResponse,
  socket: Socket,
  ascii: string,
  binary: readonly Buffer[],
): void {
  let text = ascii;
  for (const bytes of binary) text += bytes.toString('latin1');
  socket.cork();
  response.write(text, 'latin1');
  socket.uncork();
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
