/** Reads requests for a model: by what is known of those before, else by parsing. */
import { type InferenceRequest, parseInferenceRequest } from './inference-request.ts';
import type { ModelInterface } from './model-interface.ts';
import { parseRawRequest } from './raw-request.ts';
import { RequestFrames } from './request-frames.ts';
import { memoriesOf } from './row-memories.ts';

const known = new WeakMap<ModelInterface, RequestFrames>();

/**
 * Reads a request for `model`. `jsonLength` is the value of `Inference-Header-Content-Length`, if it was sent: what
 * follows that many bytes of JSON is binary, and 0 the raw form. Throws `InvalidRequest` or `InvalidTensor`.
 */
export function readInferenceRequest(
  body: Buffer,
  jsonLength: number | undefined,
  model: ModelInterface,
): InferenceRequest {
  const memories = memoriesOf(model);
  if (jsonLength === 0) return parseRawRequest(body, model, memories);
  const frames = framesOf(model);
  const framed = frames.read(body, jsonLength, memories);
  if (framed !== undefined) return framed;
  const request = parseInferenceRequest(body, jsonLength, model, memories);
  frames.learn(body, jsonLength, request, memories);
  return request;
}

function framesOf(model: ModelInterface): RequestFrames {
  let frames = known.get(model);
  if (frames === undefined) {
    frames = new RequestFrames(model);
    known.set(model, frames);
  }
  return frames;
}
