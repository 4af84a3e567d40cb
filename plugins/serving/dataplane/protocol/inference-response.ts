/** Writes the answer to an inference request: JSON, or JSON with binary tensors behind it. */
import { encodeBinary } from '../tensor/binary.ts';
import { encodeJson } from '../tensor/json-encode.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { InferenceRequest } from './inference-request.ts';
import type { ModelInterface } from './model-interface.ts';

export interface EncodedResponse {
  /** The JSON, whole or in front of the binary tensors. */
  readonly json: string;
  /** Whether each of its characters is known to be one byte. */
  readonly isAscii: boolean;
  /** Tensors behind the JSON, where any was asked for as binary. */
  readonly binary: readonly Buffer[] | undefined;
}

/** What all answers of one version have in common, written once. */
export interface ResponseTemplate {
  readonly opening: string;
  readonly outputs: readonly string[];
  /** Whether each of its characters is one byte. */
  readonly isAscii: boolean;
}

export function responseTemplate(model: ModelInterface, name: string, version: string): ResponseTemplate {
  const opening = `{"model_name":${JSON.stringify(name)},"model_version":${JSON.stringify(version)},`;
  const outputs = model.outputs.map(
    (output) => `{"name":${JSON.stringify(output.name)},"datatype":"${output.datatype}","shape":[`,
  );
  const text = opening + outputs.join('');
  return { opening, outputs, isAscii: Buffer.byteLength(text) === text.length };
}

/**
 * Writes the outputs that the request asked for. `tensors` are in the order of the model's outputs. Throws
 * `NonFiniteOutput` or `BinaryOnlyOutput` where JSON cannot express a tensor.
 */
export function encodeInferenceResponse(
  template: ResponseTemplate,
  model: ModelInterface,
  request: Pick<InferenceRequest, 'id' | 'outputs'>,
  tensors: readonly Tensor[],
): EncodedResponse {
  let json = template.opening;
  let isAscii = template.isAscii && request.id === undefined;
  if (request.id !== undefined) json += `"id":${JSON.stringify(request.id)},`;
  json += '"outputs":[';
  let binary: Buffer[] | undefined;
  for (let position = 0; position < request.outputs.length; position++) {
    const output = request.outputs[position]!;
    const tensor = tensors[output.index]!;
    if (position > 0) json += ',';
    json += template.outputs[output.index] + tensor.shape.join(',');
    if (output.binary) {
      const bytes = encodeBinary(tensor);
      binary ??= [];
      binary.push(bytes);
      json += `],"parameters":{"binary_data_size":${bytes.length}}}`;
    } else {
      if (tensor.datatype === 'BYTES') isAscii = false;
      json += `],"data":[${encodeJson(tensor, model.outputs[output.index]!.name)}]}`;
    }
  }
  return { json: `${json}]}`, isAscii, binary };
}
