/**
 * The binary tensor extension: elements little-endian in row-major order; BYTES each behind a length of four bytes;
 * BOOL a byte of 0 or 1.
 */
import { isUtf8 } from 'node:buffer';
import { invalidTensor, textHoldsNul } from '../errors/request-errors.ts';
import { type Datatype, type DatatypeFacts, factsOf, type TensorData } from './datatypes.ts';
import type { RowMemory } from './row-memory.ts';
import type { Tensor } from './tensor.ts';

/**
 * Reads `elements` elements. The result may be a view of `bytes`, or lie in `memory`. `subject` names the tensor in an error. Throws
 * `InvalidTensor` where the bytes are too few, too many or no elements of the datatype.
 */
export function decodeBinary(
  bytes: Buffer,
  datatype: Datatype,
  elements: number,
  subject: string,
  memory: RowMemory,
): TensorData {
  const facts = factsOf(datatype);
  if (facts.array === undefined) return decodeTexts(bytes, elements, subject);
  const expected = elements * facts.width;
  if (bytes.length !== expected) {
    throw invalidTensor(subject, `${bytes.length} bytes of binary data, its shape asks for ${expected}`);
  }
  if (facts.form === 'boolean' && bytes.some((byte) => byte > 1)) {
    throw invalidTensor(subject, 'a byte of BOOL must be 0 or 1');
  }
  return memory.copy(facts, bytes, 0, expected);
}

/** Whether any bytes are elements of the datatype, if there are as many as they take. */
export function isAnyBytes({ array, form }: DatatypeFacts): boolean {
  return array !== undefined && form !== 'boolean';
}

/** Writes the elements. The result may be a view of the tensor's memory. */
export function encodeBinary(tensor: Tensor): Buffer {
  const { data } = tensor;
  if (!Array.isArray(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let size = 0;
  for (const text of data) size += 4 + Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const text of data) {
    const length = bytes.write(text, offset + 4);
    bytes.writeUInt32LE(length, offset);
    offset += 4 + length;
  }
  return bytes;
}

function decodeTexts(bytes: Buffer, elements: number, subject: string): string[] {
  const texts: string[] = [];
  let offset = 0;
  while (offset < bytes.length && texts.length < elements) {
    if (offset + 4 > bytes.length)
      throw invalidTensor(subject, `element ${texts.length} has no room for its length`);
    const end = offset + 4 + bytes.readUInt32LE(offset);
    if (end > bytes.length)
      throw invalidTensor(subject, `element ${texts.length} is longer than the binary data`);
    const element = bytes.subarray(offset + 4, end);
    if (!isUtf8(element)) throw invalidTensor(subject, `element ${texts.length} is not UTF-8`);
    if (element.includes(0)) throw textHoldsNul(subject, texts.length);
    texts.push(element.toString('utf8'));
    offset = end;
  }
  if (texts.length !== elements || offset !== bytes.length) {
    throw invalidTensor(subject, `the binary data does not hold just the ${elements} elements of its shape`);
  }
  return texts;
}
