/**
 * `ModelInfer` on the wire: https://github.com/kserve/open-inference-protocol, open_inference_grpc.proto. Read and written by hand,
 * because this is what each prediction pays: raw contents stay views of the message.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { messageOf } from '../../../../core/plugin.ts';
import { invalidRequest } from '../errors/request-errors.ts';
import {
  classificationParameter,
  sequenceParameters,
  sharedMemoryParameter,
} from '../protocol/unsupported-parameters.ts';

export interface InferMessage {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id: string;
  readonly parameters: Parameters | undefined;
  readonly inputs: readonly InputTensor[];
  /** The outputs asked for. */
  readonly outputs: readonly AskedOutput[];
  /** As many as inputs where any are there; then no input has contents. */
  readonly raw: readonly Uint8Array[];
}

export type Parameters = Readonly<Record<string, Parameter>>;
type Parameter = boolean | number | string;

export interface AskedOutput {
  readonly name: string;
  readonly parameters: Parameters | undefined;
}

export interface InputTensor {
  readonly name: string;
  readonly parameters: Parameters | undefined;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** `InferTensorContents`, unread: how much of it is worth reading the shape says. In pieces, where it came so. */
  readonly contents: readonly Uint8Array[] | undefined;
}

/** Fields of `InferTensorContents`. */
export const contentFields = {
  bool: 1,
  int: 2,
  int64: 3,
  uint: 4,
  uint64: 5,
  fp32: 6,
  fp64: 7,
  bytes: 8,
} as const;

/** The parameters that are read: a message may have any number of others. */
const ofRequest: ReadonlySet<string> = new Set(['timeout', 'priority', ...sequenceParameters]);
const ofInput: ReadonlySet<string> = new Set([sharedMemoryParameter]);
const ofOutput: ReadonlySet<string> = new Set([sharedMemoryParameter, classificationParameter]);

/** Two bytes make an entry: whoever sends nothing else would have the process build millions of them. */
const mostEntries = 10_000;

/** Throws `InvalidRequest` where the bytes are no such message. */
export function readInferMessage(bytes: Uint8Array): InferMessage {
  try {
    return readMessage(new BinaryReader(bytes));
  } catch (error) {
    throw invalidRequest(`the message is no ModelInferRequest: ${messageOf(error)}`);
  }
}

function readMessage(reader: BinaryReader): InferMessage {
  let [modelName, modelVersion, id] = ['', '', ''];
  const inputs: InputTensor[] = [];
  const outputs: AskedOutput[] = [];
  const raw: Uint8Array[] = [];
  let parameters: Record<string, Parameter> | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === 1) modelName = reader.string(true);
    else if (field === 2) modelVersion = reader.string(true);
    else if (field === 3) id = reader.string(true);
    else if (field === 4) parameters = withParameter(parameters, reader.bytes(), ofRequest);
    else if (field === 5) add(inputs, readInput(new BinaryReader(reader.bytes())));
    else if (field === 6) add(outputs, readOutput(new BinaryReader(reader.bytes())));
    else if (field === 7) add(raw, reader.bytes());
    else reader.skip(type, field);
  }
  return { modelName, modelVersion, id, inputs, outputs, raw, parameters };
}

function withParameter(
  parameters: Record<string, Parameter> | undefined,
  entry: Uint8Array,
  wanted: ReadonlySet<string>,
): Record<string, Parameter> | undefined {
  const reader = new BinaryReader(entry);
  let name = '';
  let value: Parameter | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) name = reader.string(true);
    else if (field === 2 && type === WireType.LengthDelimited)
      value = readValue(new BinaryReader(reader.bytes()));
    else reader.skip(type, field);
  }
  if (value === undefined || !wanted.has(name)) return parameters;
  const all = parameters ?? {};
  all[name] = value;
  return all;
}

/** `InferParameter`: the last of what it says counts. */
function readValue(reader: BinaryReader): Parameter | undefined {
  let value: Parameter | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.Varint) value = reader.bool();
    else if (field === 2 && type === WireType.Varint) value = Number(reader.int64());
    else if (field === 3 && type === WireType.LengthDelimited) value = reader.string(true);
    else if (field === 4 && type === WireType.Bit64) value = reader.double();
    else if (field === 5 && type === WireType.Varint) value = Number(reader.uint64());
    else reader.skip(type, field);
  }
  return value;
}

function readInput(reader: BinaryReader): InputTensor {
  let [name, datatype] = ['', ''];
  const shape: number[] = [];
  let parameters: Record<string, Parameter> | undefined;
  let contents: Uint8Array[] | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) name = reader.string(true);
    else if (field === 2 && type === WireType.LengthDelimited) datatype = reader.string(true);
    else if (field === 3 && isListOf(WireType.Varint, type))
      each(reader, type, () => add(shape, Number(reader.int64())));
    else if (field === 4 && type === WireType.LengthDelimited)
      parameters = withParameter(parameters, reader.bytes(), ofInput);
    else if (field === 5 && type === WireType.LengthDelimited) {
      contents ??= [];
      add(contents, reader.bytes());
    } else reader.skip(type, field);
  }
  return { name, parameters, datatype, shape, contents };
}

function add<T>(entries: T[], entry: T): void {
  if (entries.length === mostEntries)
    throw new RangeError(`it has more than ${mostEntries} entries of a kind`);
  entries.push(entry);
}

/** Whether a field of that wire type is a list of numbers, or one of them, that are written as `each`. */
export function isListOf(each: WireType, type: WireType): boolean {
  return type === each || type === WireType.LengthDelimited;
}

/** Repeated numbers lie packed in one field, or each in one of its own. */
export function each(reader: BinaryReader, type: WireType, read: () => void): void {
  if (type !== WireType.LengthDelimited) {
    read();
    return;
  }
  const size = reader.uint32();
  const end = reader.pos + size;
  if (end > reader.len) throw new RangeError('a list is longer than the message');
  while (reader.pos < end) read();
  if (reader.pos > end) throw new RangeError('a list ends within a number');
}

function readOutput(reader: BinaryReader): AskedOutput {
  let name = '';
  let parameters: Record<string, Parameter> | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) name = reader.string(true);
    else if (field === 2 && type === WireType.LengthDelimited)
      parameters = withParameter(parameters, reader.bytes(), ofOutput);
    else reader.skip(type, field);
  }
  return { name, parameters };
}

export interface OutputTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Writes the field `contents`; absent where the elements are raw. */
  readonly contents?: (writer: BinaryWriter) => void;
}

export interface InferAnswer {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id: string | undefined;
  readonly outputs: readonly OutputTensor[];
  readonly raw: readonly Uint8Array[];
}

export function writeInferAnswer(answer: InferAnswer): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(answer.modelName);
  writer.tag(2, WireType.LengthDelimited).string(answer.modelVersion);
  if (answer.id !== undefined) writer.tag(3, WireType.LengthDelimited).string(answer.id);
  for (const { name, datatype, shape, contents } of answer.outputs) {
    writer.tag(5, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(name);
    writer.tag(2, WireType.LengthDelimited).string(datatype);
    writer.tag(3, WireType.LengthDelimited).fork();
    for (const size of shape) writer.int64(size);
    writer.join();
    if (contents !== undefined) {
      writer.tag(5, WireType.LengthDelimited).fork();
      contents(writer);
      writer.join();
    }
    writer.join();
  }
  for (const bytes of answer.raw) writer.tag(6, WireType.LengthDelimited).bytes(bytes);
  return writer.finish();
}
