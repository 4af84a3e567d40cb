import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { NewObject, ObjectFormat, ObjectType } from './object-id.ts';

const compress = promisify<Uint8Array, Buffer>(deflate);
const typeNumber: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** A pack of whole objects: what `git unpack-objects` reads, so that a change takes one process for all its objects. */
export async function packObjects(objects: readonly NewObject[], format: ObjectFormat): Promise<Buffer> {
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const parts: Buffer[] = [header];
  for (const object of objects) {
    parts.push(entryHeader(typeNumber[object.type], object.bytes.length), await compress(object.bytes));
  }
  const hash = createHash(format);
  for (const part of parts) hash.update(part);
  return Buffer.concat([...parts, hash.digest()]);
}

/** Type and size: four bits of the size in the first byte, seven in each that follows, the high bit says "more". */
function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let current = type * 16 + (size % 16);
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(current + 128);
    current = rest % 128;
    rest = Math.floor(rest / 128);
  }
  bytes.push(current);
  return Buffer.from(bytes);
}
