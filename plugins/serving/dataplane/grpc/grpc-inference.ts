/** An inference that is asked for over gRPC. */
import type { Asked } from '../ask/asked.ts';
import { InferenceError, internalError, invalidRequest, invalidTensor, serverBusy } from '../errors.ts';
import type { BodyLimits, HeldBody } from '../http/body.ts';
import type { InferenceRequest } from '../protocol/inference-request.ts';
import type { ModelInterface, TensorInterface } from '../protocol/model-interface.ts';
import { checkShape, inputsOf, outputOf, type RequestedOutput } from '../protocol/tensors-of-model.ts';
import type { RequestFacts } from '../route/request-facts.ts';
import type { RoutedVersion } from '../route/route.ts';
import { decodeBinary, encodeBinary } from '../tensor/binary.ts';
import { RowMemory } from '../tensor/row-memory.ts';
import { elementsOf, type Tensor } from '../tensor/tensor.ts';
import { hasContents, readContentsAs, writeContents } from './contents.ts';
import { type InferMessage, type InputTensor, readInferMessage, writeInferAnswer } from './wire.ts';

/** The header that names an environment: gRPC has no path for it. */
export const environmentHeader = 'switchyard-environment';

/** The call as the server library has it. */
export interface InferCall {
  readonly bytes: Buffer;
  readonly headers: RequestFacts['headers'];
  readonly isGone: () => boolean;
  answer(bytes: Uint8Array, facts: readonly string[]): void;
  refuse(error: InferenceError, facts: readonly string[]): void;
}

const memories = new WeakMap<ModelInterface, readonly RowMemory[]>();

export class GrpcInference implements Asked {
  readonly environment: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
  readonly headers: RequestFacts['headers'];
  readonly #call: InferCall;
  readonly #message: InferMessage;
  #isAnswered = false;

  /** Throws `InvalidRequest`. */
  constructor(call: InferCall) {
    this.#call = call;
    this.#message = readInferMessage(call.bytes);
    const { modelName, modelVersion } = this.#message;
    this.model = modelName;
    this.version = modelVersion === '' ? undefined : modelVersion;
    this.headers = call.headers;
    const environment = call.headers[environmentHeader];
    this.environment = typeof environment === 'string' && environment !== '' ? environment : undefined;
  }

  get isAnswered(): boolean {
    return this.#isAnswered || this.#call.isGone();
  }

  /** It has come already: the server library refuses larger ones. */
  async readBody({ bodyBudget }: BodyLimits): Promise<HeldBody> {
    const { bytes } = this.#call;
    if (!bodyBudget.take(bytes.length)) throw serverBusy();
    return { bytes, release: () => bodyBudget.give(bytes.length) };
  }

  read(_body: Buffer, model: ModelInterface): InferenceRequest {
    const { id, inputs: given, outputs: asked, raw } = this.#message;
    if (raw.length > 0 && raw.length !== given.length)
      throw invalidRequest(`raw_input_contents has ${raw.length} entries for ${given.length} inputs`);
    const inputs = inputsOf(
      model,
      given,
      ({ name }) => name,
      (entry, expected, index, position) => readInput(entry, expected, raw[position], memoryOf(model, index)),
    );
    const binary = raw.length > 0;
    const outputs: RequestedOutput[] = [];
    for (const name of asked) outputs.push({ index: outputOf(model, name, outputs), binary });
    return {
      id: id === '' ? undefined : id,
      inputs,
      outputs: asked.length > 0 ? outputs : model.outputs.map((_, index) => ({ index, binary })),
    };
  }

  answer(
    { version, lane }: RoutedVersion,
    request: InferenceRequest,
    tensors: readonly Tensor[],
    facts: string[],
  ): void {
    const model = lane.held.model!;
    const asked = request.outputs.map(({ index, binary }) => ({
      tensor: tensors[index]!,
      name: model.outputs[index]!.name,
      binary,
    }));
    // Raw contents are for all outputs or for none; some datatypes have no typed ones.
    const isRaw = asked.some(({ tensor, binary }) => binary || !hasContents(tensor.datatype));
    const bytes = writeInferAnswer({
      modelName: this.model,
      modelVersion: version,
      id: request.id,
      outputs: asked.map(({ tensor, name }) => ({
        ...{ name, datatype: tensor.datatype, shape: tensor.shape },
        ...(isRaw ? {} : { contents: (writer) => writeContents(writer, tensor) }),
      })),
      raw: isRaw ? asked.map(({ tensor }) => encodeBinary(tensor)) : [],
    });
    this.#isAnswered = true;
    this.#call.answer(bytes, facts);
  }

  refuse(thrown: unknown, facts: readonly string[]): InferenceError {
    const error = thrown instanceof InferenceError ? thrown : internalError();
    this.#isAnswered = true;
    this.#call.refuse(error, facts);
    return error;
  }
}

function memoryOf(model: ModelInterface, index: number): RowMemory {
  let mine = memories.get(model);
  if (mine === undefined) {
    mine = model.inputs.map(() => new RowMemory());
    memories.set(model, mine);
  }
  return mine[index]!;
}

function readInput(
  { name, datatype, shape: said, contents }: InputTensor,
  expected: TensorInterface,
  raw: Uint8Array | undefined,
  memory: RowMemory,
): Tensor {
  const subject = `input "${name}"`;
  if (datatype !== expected.datatype)
    throw invalidTensor(
      subject,
      `the model takes ${expected.datatype}, the request has ${datatype || 'none'}`,
    );
  const shape = checkShape(said, expected, subject);
  if (raw !== undefined) {
    if (contents !== undefined)
      throw invalidTensor(subject, 'has contents, and raw_input_contents are there, too');
    const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    return {
      datatype: expected.datatype,
      shape,
      data: decodeBinary(bytes, expected.datatype, elementsOf(shape), subject, memory),
    };
  }
  return {
    datatype: expected.datatype,
    shape,
    data: readContentsAs(contents, expected.datatype, elementsOf(shape), subject),
  };
}
