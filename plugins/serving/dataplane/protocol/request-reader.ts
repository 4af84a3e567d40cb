/** Reads requests for a model: by what is known of those before, else by parsing. */
import { RowMemory } from '../tensor/row-memory.ts';
import { type InferenceRequest, parseInferenceRequest } from './inference-request.ts';
import type { ModelInterface } from './model-interface.ts';
import { parseRawRequest } from './raw-request.ts';
import { RequestFrames } from './request-frames.ts';

interface Reader {
  readonly frames: RequestFrames;
  /** Of each input. */
  readonly memories: readonly RowMemory[];
}

const readers = new WeakMap<ModelInterface, Reader>();

/**
 * Reads a request for `model`. `jsonLength` is the value of `Inference-Header-Content-Length`, if it was sent: what
 * follows that many bytes of JSON is binary, and 0 the raw form. Throws `InvalidRequest` or `InvalidTensor`.
 */
export function readInferenceRequest(
  body: Buffer,
  jsonLength: number | undefined,
  model: ModelInterface,
): InferenceRequest {
  const { frames, memories } = readerOf(model);
  if (jsonLength === 0) return parseRawRequest(body, model, memories[0] ?? new RowMemory());
  const framed = frames.read(body, jsonLength, memories);
  if (framed !== undefined) return framed;
  const request = parseInferenceRequest(body, jsonLength, model, memories);
  frames.learn(body, jsonLength, request, memories);
  return request;
}

function readerOf(model: ModelInterface): Reader {
  let reader = readers.get(model);
  if (reader === undefined) {
    reader = { frames: new RequestFrames(model), memories: model.inputs.map(() => new RowMemory()) };
    readers.set(model, reader);
  }
  return reader;
}
