import { OnnxError } from './error.ts';
import { type ModelProto, modelType } from './messages.ts';
import { refuseOtherFormats } from './other-formats.ts';
import { decode, encode, type ReadLimits } from './protobuf.ts';

/**
 * Reads a whole model. Tensor data are views of `bytes`, so keep `bytes` unchanged while the model is in use. Fields that
 * this library does not know are kept, and `writeModel` writes them again.
 *
 * @throws OnnxError when the bytes are not an ONNX model, are cut short, or exceed `limits`.
 */
export function readModel(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): ModelProto {
  refuseOtherFormats(bytes);
  const model = decode(modelType, bytes, limits);
  if (!model.graph) throw new OnnxError('NotOnnx', 'the file holds no graph');
  return model;
}

/** Writes a model. Equal models give equal bytes, on any machine and in any release of Node. */
export function writeModel(model: ModelProto): Uint8Array {
  return encode(modelType, model);
}
