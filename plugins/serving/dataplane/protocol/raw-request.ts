/**
 * The raw form of the binary tensor extension: `Inference-Header-Content-Length: 0`, and nothing but the elements of the model's
 * only input. All outputs come back in binary.
 */
import { invalidRequest } from '../errors/request-errors.ts';
import { decodeBinary } from '../tensor/binary.ts';
import { factsOf } from '../tensor/datatypes.ts';
import type { RowMemory } from '../tensor/row-memory.ts';
import type { InferenceRequest } from './inference-request.ts';
import type { ModelInterface, TensorInterface } from './model-interface.ts';

/** Reads such a body into the memory of its input. Throws `InvalidRequest` or `InvalidTensor`. */
export function parseRawRequest(
  body: Buffer,
  model: ModelInterface,
  memories: readonly RowMemory[],
): InferenceRequest {
  const [input, another] = model.inputs;
  if (input === undefined || another !== undefined) {
    throw invalidRequest(
      `a body without JSON is for models of one input, this one has ${model.inputs.length}`,
      'Say in JSON which bytes are whose.',
    );
  }
  const shape = shapeOf(body.length, input, model.batchable);
  const elements = shape.reduce((product, size) => product * size, 1);
  const data = decodeBinary(body, input.datatype, elements, `input "${input.name}"`, memories[0]!);
  const outputs = model.outputs.map((_, index) => ({ index, binary: true }));
  return { id: undefined, inputs: [{ datatype: input.datatype, shape, data }], outputs };
}

/** One row where rows may share a run; what else varies is what the bytes have room for. */
function shapeOf(bytes: number, { name, datatype, shape }: TensorInterface, batchable: boolean): number[] {
  const { array, width } = factsOf(datatype);
  if (array === undefined) {
    throw invalidRequest(
      `input "${name}" is ${datatype}, whose elements cannot be told from the size of a body without JSON`,
    );
  }
  const sizes = shape.map((size, axis) => (axis === 0 && size === -1 && batchable ? 1 : size));
  const varying = sizes.filter((size) => size === -1).length;
  if (varying > 1) {
    throw invalidRequest(
      `the shape [${shape}] of input "${name}" cannot be told from the size of a body without JSON`,
    );
  }
  const fixed = sizes.reduce((product, size) => (size === -1 ? product : product * size), width);
  const rest = bytes / fixed;
  if (varying === 1 && (!Number.isInteger(rest) || rest === 0)) {
    throw invalidRequest(
      `${bytes} bytes are no whole number of ${datatype} elements of shape [${shape}], the input "${name}"`,
    );
  }
  return sizes.map((size) => (size === -1 ? rest : size));
}
