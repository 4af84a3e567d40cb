/** An inference that is asked for over gRPC. */
import type { Asked } from '../ask/asked.ts';
import type { InferenceError } from '../errors/inference-error.ts';
import { invalidRequest, invalidTensor } from '../errors/request-errors.ts';
import type { BodyLimits, HeldBody } from '../http/body.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import { Turn } from '../lane/turn.ts';
import type { InferenceRequest } from '../protocol/inference-request.ts';
import type { ModelInterface, TensorInterface } from '../protocol/model-interface.ts';
import { memoriesOf } from '../protocol/row-memories.ts';
import { scheduleIn } from '../protocol/schedule.ts';
import { checkShape, inputsOf, outputOf, type RequestedOutput } from '../protocol/tensors-of-model.ts';
import {
  refuseClassification,
  refuseSequence,
  refuseSharedMemory,
} from '../protocol/unsupported-parameters.ts';
import type { RoutedVersion } from '../route/route.ts';
import { decodeBinary, encodeBinary } from '../tensor/binary.ts';
import type { RowMemory } from '../tensor/row-memory.ts';
import { elementsOf, type Tensor } from '../tensor/tensor.ts';
import { type Call, known } from './call.ts';
import { hasContents, readContentsAs, writeContents } from './contents.ts';
import { type InferMessage, type InputTensor, readInferMessage, writeInferAnswer } from './wire.ts';

/** The header that names an environment: gRPC has no path for it. */
export const environmentHeader = 'switchyard-environment';

const unread: InferMessage = {
  modelName: '',
  modelVersion: '',
  id: '',
  inputs: [],
  outputs: [],
  raw: [],
  parameters: undefined,
};

export class GrpcInference implements Asked {
  readonly environment: string | undefined;
  readonly isNamed = false;
  readonly headers: RequestFacts['headers'];
  readonly turn = new Turn();
  readonly #call: Call;
  #message = unread;

  constructor(call: Call) {
    this.#call = call;
    this.headers = call.headers;
    if (call.timeoutMs !== undefined) this.turn.allow(call.began, call.timeoutMs);
    this.turn.watch = call.logged?.watch;
    call.onGone = () => this.turn.leave?.();
    const environment = call.headers[environmentHeader];
    this.environment = typeof environment === 'string' && environment !== '' ? environment : undefined;
  }

  /** Known once the message is read. */
  get model(): string {
    return this.#message.modelName;
  }

  get version(): string | undefined {
    const { modelVersion } = this.#message;
    return modelVersion === '' ? undefined : modelVersion;
  }

  get isAnswered(): boolean {
    return this.#call.isOver;
  }

  /** It is read as it comes. */
  lentBody(): undefined {
    return undefined;
  }

  async readBody(limits: BodyLimits): Promise<HeldBody> {
    const held = await this.#call.readMessage(limits);
    try {
      this.#message = readInferMessage(held.bytes);
      return held;
    } catch (error) {
      held.release();
      throw error;
    }
  }

  read(_body: Buffer, model: ModelInterface): InferenceRequest {
    const { id, inputs: given, outputs: asked, raw, parameters } = this.#message;
    refuseSequence(parameters);
    // Such an input has no contents, and those of the others would seem to be too few.
    for (const { name, parameters: own } of given)
      if (own !== undefined) refuseSharedMemory(own, `input "${name.slice(0, 100)}"`);
    if (raw.length > 0 && raw.length !== given.length)
      throw invalidRequest(`raw_input_contents has ${raw.length} entries for ${given.length} inputs`);
    const inputs = inputsOf(
      model,
      given,
      ({ name }) => name,
      (entry, expected, index, position) =>
        readInput(entry, expected, raw[position], memoriesOf(model)[index]!),
    );
    const binary = raw.length > 0;
    const outputs: RequestedOutput[] = [];
    for (const { name, parameters: own } of asked) {
      outputs.push({ index: outputOf(model, name, outputs), binary });
      if (own === undefined) continue;
      refuseSharedMemory(own, `output "${name}"`);
      refuseClassification(own, `output "${name}"`);
    }
    return {
      id: id === '' ? undefined : id,
      schedule: scheduleIn(parameters),
      inputs,
      outputs: asked.length > 0 ? outputs : model.outputs.map((_, index) => ({ index, binary })),
    };
  }

  answer(
    { version, lane, headers }: RoutedVersion,
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
    this.#call.answer(bytes, facts, headers);
  }

  refuse(thrown: unknown, facts: readonly string[]): InferenceError {
    const error = known(thrown);
    this.#call.refuse(error, facts);
    return error;
  }
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
