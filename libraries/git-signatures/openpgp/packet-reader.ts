import { ByteReader } from '../byte-reader.ts';
import { bad } from '../refusal.ts';

/** Reads the data types of RFC 9580, section 3. */
export class PacketReader extends ByteReader {
  uint16(): number {
    return this.bytes(2).readUInt16BE();
  }

  /** A positive number whose bits are counted as section 3.2 says: other forms would give one number two spellings. */
  mpi(): Buffer {
    const bits = this.uint16();
    const bytes = this.bytes((bits + 7) >> 3);
    const [first] = bytes;
    if (first === undefined) throw bad(`${this.what} has a number that is zero`);
    if (bitsOf(bytes) !== bits) throw bad(`${this.what} has a number whose bits are miscounted`);
    return bytes;
  }
}

/** How many bits a number has that begins with its highest byte; 0 if that byte is zero. */
export function bitsOf(bytes: Buffer): number {
  const [first] = bytes;
  return first === undefined || first === 0 ? 0 : bytes.length * 8 - Math.clz32(first) + 24;
}

/** The number in exactly `size` bytes; the caller knows that it fits. */
export function leftPadded(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
}
