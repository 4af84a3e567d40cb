/** Writes the answer to an inference request: JSON, or JSON with binary tensors behind it. */
import { encodeBinary } from '../tensor/binary.ts';
import { encodeJson } from '../tensor/json-encode.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { InferenceRequest } from './inference-request.ts';
import type { ModelInterface } from './model-interface.ts';

export interface EncodedResponse {
  /** The JSON, whole or in front of the binary tensors. */
  readonly json: string;
  /** Tensors behind the JSON, where any was asked for as binary. */
  readonly binary: readonly Buffer[] | undefined;
}

/** What all answers of one version have in common, written once. */
export interface ResponseTemplate {
  readonly opening: string;
  readonly outputs: readonly string[];
}

export function responseTemplate(model: ModelInterface, name: string, version: string): ResponseTemplate {
  return {
    opening: `{"model_name":${JSON.stringify(name)},"model_version":${JSON.stringify(version)},`,
    outputs: model.outputs.map(
      (output) => `{"name":${JSON.stringify(output.name)},"datatype":"${output.datatype}","shape":[`,
    ),
  };
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
      json += `],"data":[${encodeJson(tensor, model.outputs[output.index]!.name)}]}`;
    }
  }
  return { json: `${json}]}`, binary };
}
