/** What the protocol tells about the server and about a model. */
import type { ModelInterface, TensorInterface } from './model-interface.ts';

export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

export function serverMetadata(version: string): ServerMetadata {
  return { name: 'switchyard', version, extensions: ['binary_tensor_data', 'statistics'] };
}

export interface ModelMetadata {
  readonly name: string;
  /** The versions in memory: those that answer and those kept warm. */
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

export interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** What the signature of the manifest says beyond the protocol; absent where it says nothing. */
  readonly parameters?: { readonly columns?: readonly string[]; readonly classes?: readonly string[] };
}

export function modelMetadata(
  name: string,
  versions: readonly string[],
  model: ModelInterface,
): ModelMetadata {
  const [inputs, outputs] = [model.inputs.map(tensorMetadata), model.outputs.map(tensorMetadata)];
  return { name, versions, platform: 'onnx_onnxv1', inputs, outputs };
}

function tensorMetadata({ name, datatype, shape, ...parameters }: TensorInterface): TensorMetadata {
  return { name, datatype, shape, ...(Object.keys(parameters).length === 0 ? {} : { parameters }) };
}
