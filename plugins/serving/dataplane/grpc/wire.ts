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
  readonly contents: Contents | undefined;
}

/** One list for each group of datatypes, by its field number. */
export type Contents = ReadonlyMap<number, ContentList>;

export type ContentList =
  | { readonly of: 'numbers'; readonly values: number[] }
  | { readonly of: 'whole'; readonly values: bigint[] }
  | { readonly of: 'bytes'; readonly values: Uint8Array[] };

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
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === 1) modelName = reader.string();
    else if (field === 2) modelVersion = reader.string();
    else if (field === 3) id = reader.string();
    else if (field === 5) inputs.push(readInput(new BinaryReader(reader.bytes())));
    else if (field === 6) outputs.push(readName(new BinaryReader(reader.bytes())));
    else if (field === 7) raw.push(reader.bytes());
    else reader.skip(type, field);
  }
  return { modelName, modelVersion, id, inputs, outputs, raw };
}

function readInput(reader: BinaryReader): InputTensor {
  let [name, datatype] = ['', ''];
  const shape: number[] = [];
  let contents: Map<number, ContentList> | undefined;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) name = reader.string();
    else if (field === 2 && type === WireType.LengthDelimited) datatype = reader.string();
    else if (field === 3) each(reader, type, () => shape.push(Number(reader.int64())));
    else if (field === 5 && type === WireType.LengthDelimited)
      contents = readContents(new BinaryReader(reader.bytes()), contents ?? new Map());
    else reader.skip(type, field);
  }
  return { name, datatype, shape, contents };
}

function readContents(reader: BinaryReader, contents: Map<number, ContentList>): Map<number, ContentList> {
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field < 1 || field > 8) {
      reader.skip(type, field);
      continue;
    }
    const list = contents.get(field) ?? emptyList(field);
    contents.set(field, list);
    if (list.of === 'bytes') list.values.push(reader.bytes());
    else if (list.of === 'whole') {
      const read = field === contentFields.int64 ? () => reader.int64() : () => reader.uint64();
      each(reader, type, () => list.values.push(BigInt(read())));
    } else {
      const read = numberReaders[field]!;
      each(reader, type, () => list.values.push(read(reader)));
    }
  }
  return contents;
}

const numberReaders: Readonly<Record<number, (reader: BinaryReader) => number>> = {
  [contentFields.bool]: (reader) => (reader.bool() ? 1 : 0),
  [contentFields.int]: (reader) => reader.int32(),
  [contentFields.uint]: (reader) => reader.uint32(),
  [contentFields.fp32]: (reader) => reader.float(),
  [contentFields.fp64]: (reader) => reader.double(),
};

function emptyList(field: number): ContentList {
  if (field === contentFields.bytes) return { of: 'bytes', values: [] };
  if (field === contentFields.int64 || field === contentFields.uint64) return { of: 'whole', values: [] };
  return { of: 'numbers', values: [] };
}

/** Repeated numbers lie packed in one field, or each in one of its own. */
function each(reader: BinaryReader, type: WireType, read: () => void): void {
  if (type !== WireType.LengthDelimited) {
    read();
    return;
  }
  const size = reader.uint32();
  const end = reader.pos + size;
  if (end > reader.len) throw new RangeError('a list is longer than the message');
  while (reader.pos < end) read();
}

function readName(reader: BinaryReader): string {
  let name = '';
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 1 && type === WireType.LengthDelimited) name = reader.string();
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
