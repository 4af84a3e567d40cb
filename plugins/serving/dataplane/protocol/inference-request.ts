/** Reads the body of an inference request, JSON or JSON with binary tensors behind it, and checks it against the model. */
import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../../../core/plugin.ts';
import { isText, parseMarked } from '../../../../libraries/long-integers/index.ts';
import { finiteHint, invalidRequest, invalidTensor } from '../errors/request-errors.ts';
import { decodeBinary } from '../tensor/binary.ts';
import { type Datatype, factsOf, type TensorData } from '../tensor/datatypes.ts';
import { decodeJson } from '../tensor/json-decode.ts';
import { isReadable, readNumberArray } from '../tensor/number-array.ts';
import type { RowMemory } from '../tensor/row-memory.ts';
import { elementsOf, type Tensor } from '../tensor/tensor.ts';
import { checkJsonNesting } from './json-nesting.ts';
import { type LiftedJson, liftArrays } from './lifted-arrays.ts';
import type { ModelInterface, TensorInterface } from './model-interface.ts';
import { type Schedule, scheduleIn } from './schedule.ts';
import {
  allOutputs,
  checkShape,
  inputsOf,
  outputOf,
  plainOutputs,
  type RequestedOutput,
  shown,
} from './tensors-of-model.ts';
import { refuseClassification, refuseSequence, refuseSharedMemory } from './unsupported-parameters.ts';

export type { RequestedOutput };

export interface InferenceRequest {
  readonly id: string | undefined;
  /** Where its parameters say when it is to be served. */
  readonly schedule?: Schedule | undefined;
  /** In the order of the model's inputs. */
  readonly inputs: readonly Tensor[];
  /** What to answer with, in the order asked for. */
  readonly outputs: readonly RequestedOutput[];
}

/**
 * Reads a request for `model`. `jsonLength` is the value of `Inference-Header-Content-Length`, if it was sent: what
 * follows that many bytes of JSON is binary. `memories` are where to put the data of each input. Throws `InvalidRequest`,
 * `InvalidTensor` or `UnsupportedParameter`.
 */
export function parseInferenceRequest(
  body: Buffer,
  jsonLength: number | undefined,
  model: ModelInterface,
  memories: readonly RowMemory[],
): InferenceRequest {
  if (jsonLength !== undefined && jsonLength > body.length) {
    throw invalidRequest(
      `Inference-Header-Content-Length is ${jsonLength}, the body has ${body.length} bytes`,
    );
  }
  const json = jsonLength === undefined ? body : body.subarray(0, jsonLength);
  const binary = jsonLength === undefined ? undefined : body.subarray(jsonLength);
  if (!isUtf8(json)) throw invalidRequest('the body is not UTF-8');
  if (model.inputs.some((input) => isReadable(input.datatype))) {
    const lifted = liftArrays(json);
    if (lifted !== undefined) {
      try {
        return decodeDocument(parseJson(lifted.text), model, {
          json,
          lifted,
          binary: new BinaryPart(binary),
          memories,
        });
      } catch {
        // Whatever is wrong is found again, and said in full, in the text as it was sent.
      }
    }
  }
  const text = json.toString('utf8');
  const hasLongIntegers = model.inputs.some((input) => factsOf(input.datatype).form === 'big');
  const document = parseJson(text, hasLongIntegers ? parseMarked : JSON.parse);
  return decodeDocument(document, model, {
    json,
    lifted: undefined,
    binary: new BinaryPart(binary),
    memories,
  });
}

/** Where the data of tensors lies. */
interface Sources {
  readonly json: Buffer;
  readonly lifted: LiftedJson | undefined;
  readonly binary: BinaryPart;
  /** Where to put it, for each input of the model. */
  readonly memories: readonly RowMemory[];
}

/** As Python and others write numbers that JSON does not have. */
const nonFinite = /[[,:\s]-?(NaN|Infinity)\b/;

function parseJson(text: string, parse: (text: string) => unknown = JSON.parse): unknown {
  checkJsonNesting(text);
  try {
    return parse(text);
  } catch (error) {
    const why = messageOf(error);
    throw invalidRequest(`the body is not JSON: ${why}`, nonFinite.test(text) ? finiteHint : undefined);
  }
}

function decodeDocument(document: unknown, model: ModelInterface, sources: Sources): InferenceRequest {
  if (!isRecord(document)) throw invalidRequest('the body must be a JSON object with "inputs"');
  const { id } = document;
  if (id !== undefined && !isText(id)) throw invalidRequest('"id" must be a text');
  const parameters = parametersOf(document, 'the request');
  refuseSequence(parameters);
  if (document.inputs === undefined && document.rows !== undefined)
    throw invalidRequest('the request has "rows" and no "inputs"', 'Send rows by name to …/predict.');
  const inputs = decodeInputs(document.inputs, model, sources);
  sources.binary.expectEnd();
  const schedule = scheduleIn(parameters);
  const allBinary = flag(parameters?.binary_data_output, 'binary_data_output') ?? false;
  return { id, schedule, inputs, outputs: decodeOutputs(document.outputs, allBinary, model) };
}

function decodeInputs(value: unknown, model: ModelInterface, sources: Sources): Tensor[] {
  if (!Array.isArray(value)) throw invalidRequest('"inputs" must be an array of tensors');
  return inputsOf(model, value as unknown[], nameOf, (entry, expected, index) =>
    decodeInput(entry as Record<string, unknown>, expected, sources, sources.memories[index]!),
  );
}

function nameOf(entry: unknown, position: number): string {
  if (!isRecord(entry))
    throw invalidRequest(`"inputs" holds something that is no tensor at position ${position}`);
  const { name } = entry;
  if (!isText(name)) throw invalidRequest(`the input at position ${position} has no "name"`);
  return name;
}

function decodeInput(
  entry: Record<string, unknown>,
  expected: TensorInterface,
  sources: Sources,
  memory: RowMemory,
): Tensor {
  const subject = `input "${expected.name}"`;
  if (entry.datatype !== expected.datatype) {
    throw invalidTensor(
      subject,
      `the model takes ${expected.datatype}, the request has ${shown(entry.datatype)}`,
    );
  }
  const shape = checkShape(entry.shape, expected, subject);
  const data = decodeData(entry, expected.datatype, shape, subject, sources, memory);
  return { datatype: expected.datatype, shape, data };
}

function decodeData(
  entry: Record<string, unknown>,
  datatype: Datatype,
  shape: readonly number[],
  subject: string,
  { json, lifted, binary }: Sources,
  memory: RowMemory,
): TensorData {
  const parameters = parametersOf(entry, subject);
  refuseSharedMemory(parameters, subject);
  const size = parameters?.binary_data_size;
  if (size !== undefined) {
    if (entry.data !== undefined) throw invalidTensor(subject, 'has both "data" and "binary_data_size"');
    return decodeBinary(binary.take(size, subject), datatype, elementsOf(shape), subject, memory);
  }
  const span = lifted?.spanOf(entry.data);
  if (span === undefined) return decodeJson(entry.data, datatype, shape, subject);
  const numbers = isReadable(datatype)
    ? readNumberArray(json, span.start, span.end, datatype, elementsOf(shape), memory)
    : undefined;
  if (numbers === undefined) throw invalidTensor(subject, 'its data cannot be read directly');
  return numbers;
}

function decodeOutputs(
  asked: unknown,
  allBinary: boolean,
  model: ModelInterface,
): readonly RequestedOutput[] {
  if (asked === undefined || (Array.isArray(asked) && asked.length === 0)) {
    return allBinary ? allOutputs(model, true) : plainOutputs(model);
  }
  if (!Array.isArray(asked)) throw invalidRequest('"outputs" must be an array');
  const outputs: RequestedOutput[] = [];
  for (const entry of asked as unknown[]) {
    if (!isRecord(entry) || !isText(entry.name)) throw invalidRequest('each of "outputs" must have a "name"');
    const index = outputOf(model, entry.name, outputs);
    const subject = `output "${entry.name}"`;
    const parameters = parametersOf(entry, subject);
    refuseSharedMemory(parameters, subject);
    refuseClassification(parameters, subject);
    const own = flag(parameters?.binary_data, 'binary_data');
    outputs.push({ index, binary: own ?? allBinary });
  }
  return outputs;
}

/** The bytes behind the JSON, handed out tensor by tensor in the order of the inputs. */
class BinaryPart {
  readonly #bytes: Buffer | undefined;
  #taken = 0;

  constructor(bytes: Buffer | undefined) {
    this.#bytes = bytes;
  }

  take(size: unknown, subject: string): Buffer {
    if (!Number.isSafeInteger(size) || (size as number) < 0) {
      throw invalidTensor(subject, `"binary_data_size" must be a whole number, is ${shown(size)}`);
    }
    if (this.#bytes === undefined) {
      throw invalidTensor(
        subject,
        'announces binary data, but the Inference-Header-Content-Length header is missing',
      );
    }
    const end = this.#taken + (size as number);
    if (end > this.#bytes.length) {
      throw invalidTensor(
        subject,
        `announces ${size} bytes, ${this.#bytes.length - this.#taken} are left in the body`,
      );
    }
    const part = this.#bytes.subarray(this.#taken, end);
    this.#taken = end;
    return part;
  }

  expectEnd(): void {
    const left = (this.#bytes?.length ?? 0) - this.#taken;
    if (left > 0) throw invalidRequest(`${left} bytes of binary data belong to no input`);
  }
}

/** Undefined where there are none; some clients write that as `null`. */
function parametersOf(
  { parameters }: Record<string, unknown>,
  subject: string,
): Record<string, unknown> | undefined {
  if (parameters === undefined || parameters === null) return undefined;
  if (isRecord(parameters)) return parameters;
  throw invalidRequest(`"parameters" of ${subject} must be an object`);
}

function flag(value: unknown, name: string): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalidRequest(`"${name}" must be true or false`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
