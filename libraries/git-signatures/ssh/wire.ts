import { ByteReader } from '../byte-reader.ts';
import { bad } from '../refusal.ts';

/** Reads the data types of RFC 4251, section 5. */
export class WireReader extends ByteReader {
  uint64(): bigint {
    return this.bytes(8).readBigUInt64BE();
  }

  string(): Buffer {
    return this.bytes(this.uint32());
  }

  /** A string of UTF-8 without NUL, as names are. */
  text(): string {
    const bytes = this.string();
    const text = bytes.toString('utf8');
    if (bytes.includes(0) || !Buffer.from(text).equals(bytes)) {
      throw bad(`${this.what} has a name that is not text`);
    }
    return text;
  }

  /** A positive mpint in its shortest form, without the sign byte. Other forms would give one key two spellings. */
  mpint(): Buffer {
    const bytes = this.string();
    const [first, second] = bytes;
    if (first === undefined || first >= 0x80) throw bad(`${this.what} has a number that is not positive`);
    if (first !== 0) return bytes;
    if (second === undefined || second < 0x80) throw bad(`${this.what} has a number with needless zeros`);
    return bytes.subarray(1);
  }
}

/** A string as RFC 4251 writes it: its length, then its bytes. */
export function wireString(content: Uint8Array | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
