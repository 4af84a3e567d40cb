/** Typed contents of tensors: what `InferTensorContents` holds, as the data plane has it, and back. */
import { BinaryReader, type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { InferenceError } from '../errors/inference-error.ts';
import { invalidTensor, textHoldsNul } from '../errors/request-errors.ts';
import { type Datatype, factsOf, type TensorData } from '../tensor/datatypes.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { contentFields, each, isListOf } from './wire.ts';

/** Where the elements of a datatype stand; none for those that go raw alone. */
const fieldOf: Readonly<Partial<Record<Datatype, number>>> = {
  BOOL: contentFields.bool,
  INT8: contentFields.int,
  INT16: contentFields.int,
  INT32: contentFields.int,
  INT64: contentFields.int64,
  UINT8: contentFields.uint,
  UINT16: contentFields.uint,
  UINT32: contentFields.uint,
  UINT64: contentFields.uint64,
  FP32: contentFields.fp32,
  FP64: contentFields.fp64,
  BYTES: contentFields.bytes,
};

/** Whether elements of that datatype can stand in `contents`. */
export function hasContents(datatype: Datatype): boolean {
  return fieldOf[datatype] !== undefined;
}

/** Reads as many elements as the shape has, and no more. Throws `InvalidTensor`. */
export function readContentsAs(
  pieces: readonly Uint8Array[] = [],
  datatype: Datatype,
  elements: number,
  subject: string,
): TensorData {
  const field = fieldOf[datatype];
  if (field === undefined)
    throw invalidTensor(subject, `${datatype} has no typed contents`, 'Send it in raw_input_contents.');
  // An element takes a byte or more: a shape that promises the world gets no memory for it.
  const most = Math.min(
    elements,
    pieces.reduce((bytes, piece) => bytes + piece.length, 0),
  );
  const list = listOf(datatype, most, subject);
  let count = 0;
  const takeNext = (reader: BinaryReader): void => {
    if (count === elements)
      throw invalidTensor(subject, `its contents have more than the ${elements} elements of its shape`);
    list.take(reader, count++);
  };
  try {
    for (const piece of pieces) readPiece(new BinaryReader(piece), field, datatype, subject, takeNext);
  } catch (error) {
    if (error instanceof InferenceError) throw error;
    throw invalidTensor(subject, `its contents cannot be read: ${(error as Error).message}`);
  }
  if (count !== elements)
    throw invalidTensor(subject, `${count} elements in its contents, its shape asks for ${elements}`);
  return list.data;
}

function readPiece(
  reader: BinaryReader,
  field: number,
  datatype: Datatype,
  subject: string,
  takeNext: (reader: BinaryReader) => void,
): void {
  const written = numberReaders[field]?.type;
  while (reader.pos < reader.len) {
    const [found, type] = reader.tag();
    if (found < 1 || found > 8) reader.skip(type, found);
    else if (found !== field) throw invalidTensor(subject, `its contents are not those of ${datatype}`);
    else if (written === undefined && type === WireType.LengthDelimited) takeNext(reader);
    else if (written !== undefined && isListOf(written, type)) each(reader, type, () => takeNext(reader));
    else throw invalidTensor(subject, `its contents are not written as those of ${datatype}`);
  }
}

interface List {
  readonly data: TensorData;
  readonly take: (reader: BinaryReader, index: number) => void;
}

function listOf(datatype: Datatype, length: number, subject: string): List {
  const field = fieldOf[datatype]!;
  if (field === contentFields.bytes) {
    const data: string[] = [];
    return { data, take: (reader, index) => data.push(textOf(reader.bytes(), index, subject)) };
  }
  const { array, smallest, largest, form } = factsOf(datatype);
  const { read } = numberReaders[field]!;
  const data = new array!(length);
  const take = (reader: BinaryReader, index: number): void => {
    const value = read(reader);
    if (form === 'integer' && (value < smallest || value > largest))
      throw invalidTensor(subject, `element ${index} is out of the range of ${datatype}: ${value}`);
    data[index] = value as never;
  };
  return { data, take };
}

interface NumberReader {
  /** How one of them is written. */
  readonly type: WireType;
  readonly read: (reader: BinaryReader) => number | bigint;
}

const numberReaders: Readonly<Record<number, NumberReader>> = {
  [contentFields.bool]: { type: WireType.Varint, read: (reader) => (reader.bool() ? 1 : 0) },
  [contentFields.int]: { type: WireType.Varint, read: (reader) => reader.int32() },
  [contentFields.int64]: { type: WireType.Varint, read: (reader) => BigInt(reader.int64()) },
  [contentFields.uint]: { type: WireType.Varint, read: (reader) => reader.uint32() },
  [contentFields.uint64]: { type: WireType.Varint, read: (reader) => BigInt(reader.uint64()) },
  [contentFields.fp32]: { type: WireType.Bit32, read: (reader) => reader.float() },
  [contentFields.fp64]: { type: WireType.Bit64, read: (reader) => reader.double() },
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array, index: number, subject: string): string {
  if (bytes.length === 0) return '';
  if (bytes.includes(0)) throw textHoldsNul(subject, index);
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalidTensor(subject, `element ${index} is not UTF-8`);
  }
}

/** Writes the elements where they stand in `InferTensorContents`. */
export function writeContents(writer: BinaryWriter, { datatype, data }: Tensor): void {
  const field = fieldOf[datatype]!;
  if (Array.isArray(data)) {
    for (const text of data) writer.tag(field, WireType.LengthDelimited).bytes(Buffer.from(text));
    return;
  }
  writer.tag(field, WireType.LengthDelimited).fork();
  const write = writers[field]!;
  for (const value of data as Iterable<never>) write(writer, value);
  writer.join();
}

const writers: Readonly<Record<number, (writer: BinaryWriter, value: never) => unknown>> = {
  [contentFields.bool]: (writer, value) => writer.bool(value === 1),
  [contentFields.int]: (writer, value) => writer.int32(value),
  [contentFields.int64]: (writer, value) => writer.int64(value),
  [contentFields.uint]: (writer, value) => writer.uint32(value),
  [contentFields.uint64]: (writer, value) => writer.uint64(value),
  [contentFields.fp32]: (writer, value) => writer.float(value),
  [contentFields.fp64]: (writer, value) => writer.double(value),
};
