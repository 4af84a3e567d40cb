/** Writes answers of inferences: JSON, and JSON with binary behind it. */
import { CommonHeaders, type Exchange } from '../http/exchange.ts';
import type { EncodedResponse } from '../protocol/inference-response.ts';

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
