/**
 * `ModelInfer` on the wire: https://github.com/kserve/open-inference-protocol, open_inference_grpc.proto. Read and written by hand,
 * because this is what each prediction pays: raw contents stay views of the message.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { invalidRequest } from '../errors.ts';

export interface InferMessage {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id: string;
  /** Those that are numbers. */
  readonly parameters: Readonly<Record<string, number>> | undefined;
  readonly inputs: readonly InputTensor[];
  /** Names of the outputs asked for. */
  readonly outputs: readonly string[];
  /** As many as inputs where any are there; then no input has contents. */
  readonly raw: readonly Uint8Array[];
}

export interface InputTensor {
  readonly name: string;
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

/** Two bytes make an entry: whoever sends nothing else would have the process build millions of them. */
const mostEntries = 10_000;

/** Throws `InvalidRequest` where the bytes are no such message. */
export function readInferMessage(bytes: Uint8Array): InferMessage {
  try {
    return readMessage(new BinaryReader(bytes));
  } catch (error) {
    throw invalidRequest(
      `the message is no ModelInferRequest: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function readMessage(reader: BinaryReader): InferMessage {
  let [modelName, modelVersion, id] = ['', '', ''];
  const inputs: InputTensor[] = [];
  const outputs: string[] = [];
  const raw: Uint8Array[] = [];
  let parameters: Record<string, number> | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === 1) modelName = reader.string(true);
    else if (field === 2) modelVersion = reader.string(true);
    else if (field === 3) id = reader.string(true);
    else if (field === 4) {
      parameters ??= Object.create(null) as Record<string, number>;
      readParameter(new BinaryReader(reader.bytes()), parameters);
    } else if (field === 5) add(inputs, readInput(new BinaryReader(reader.bytes())));
    else if (field === 6) add(outputs, readName(new BinaryReader(reader.bytes())));
    else if (field === 7) add(raw, reader.bytes());
    else reader.skip(type, field);
  }
  return { modelName, modelVersion, id, inputs, outputs, raw, parameters };
}

/** Keeps the parameters that are asked about alone: there may be any. */
function readParameter(reader: BinaryReader, parameters: Record<string, number>): void {
  let name = '';
  let value: number | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) name = reader.string(true);
    else if (field === 2 && type === WireType.LengthDelimited)
      value = readNumber(new BinaryReader(reader.bytes()));
    else reader.skip(type, field);
  }
  if (value !== undefined && (name === 'timeout' || name === 'priority')) parameters[name] = value;
}

/** `int64_param` or `uint64_param`. */
function readNumber(reader: BinaryReader): number | undefined {
  let value: number | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 2 && type === WireType.Varint) value = Number(reader.int64());
    else if (field === 5 && type === WireType.Varint) value = Number(reader.uint64());
    else reader.skip(type, field);
  }
  return value;
}

function readInput(reader: BinaryReader): InputTensor {
  let [name, datatype] = ['', ''];
  const shape: number[] = [];
  let contents: Uint8Array[] | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) name = reader.string(true);
    else if (field === 2 && type === WireType.LengthDelimited) datatype = reader.string(true);
    else if (field === 3 && isListOf(WireType.Varint, type))
      each(reader, type, () => add(shape, Number(reader.int64())));
    else if (field === 5 && type === WireType.LengthDelimited) {
      contents ??= [];
      add(contents, reader.bytes());
    } else reader.skip(type, field);
  }
  return { name, datatype, shape, contents };
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

function readName(reader: BinaryReader): string {
  let name = '';
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) name = reader.string(true);
    else reader.skip(type, field);
  }
  return name;
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
