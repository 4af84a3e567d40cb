/** Typed contents of tensors: what `InferTensorContents` holds, as the data plane has it, and back. */
import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { invalidTensor, textHoldsNul } from '../errors.ts';
import { type Datatype, factsOf, type TensorData } from '../tensor/datatypes.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ContentList, type Contents, contentFields } from './wire.ts';

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

/** Reads as many elements as the shape has. Throws `InvalidTensor`. */
export function readContentsAs(
  contents: Contents | undefined,
  datatype: Datatype,
  elements: number,
  subject: string,
): TensorData {
  const field = fieldOf[datatype];
  if (field === undefined)
    throw invalidTensor(subject, `${datatype} has no typed contents`, 'Send it in raw_input_contents.');
  const list = contents?.get(field);
  for (const other of contents?.keys() ?? [])
    if (other !== field) throw invalidTensor(subject, `its contents are not those of ${datatype}`);
  const given = list?.values.length ?? 0;
  if (given !== elements)
    throw invalidTensor(subject, `${given} elements in its contents, its shape asks for ${elements}`);
  return elementsFrom(list!, datatype, subject);
}

function elementsFrom(list: ContentList, datatype: Datatype, subject: string): TensorData {
  if (list.of === 'bytes') return list.values.map((bytes, index) => textOf(bytes, index, subject));
  const { array, smallest, largest, form } = factsOf(datatype);
  const data = new array!(list.values.length);
  for (const [index, value] of list.values.entries()) {
    if (form === 'integer' && (value < smallest || value > largest))
      throw invalidTensor(subject, `element ${index} is out of the range of ${datatype}: ${value}`);
    data[index] = value as never;
  }
  return data;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array, index: number, subject: string): string {
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
