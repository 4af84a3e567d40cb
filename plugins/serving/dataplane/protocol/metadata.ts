/** What the protocol tells about the server and about a model. */
import type { ModelInterface } from './model-interface.ts';

export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

export function serverMetadata(version: string): ServerMetadata {
  return { name: 'switchyard', version, extensions: ['binary_tensor_data'] };
}

export interface ModelMetadata {
  readonly name: string;
  /** The versions in memory: those that answer and those kept warm. */
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
  }[];
}

export function modelMetadata(
  name: string,
  versions: readonly string[],
  model: ModelInterface,
): ModelMetadata {
  return { name, versions, platform: 'onnx_onnxv1', inputs: model.inputs, outputs: model.outputs };
}
